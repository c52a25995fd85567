//! A plugin version sent from a page: one at a time, compiled and put in force on a thread of its own, and watched.

use crate::town::Town;
use bytes::Bytes;
use changzhi_model::{EntityId, Micros, Name};
use parking_lot::Mutex;
use std::sync::Arc;

/// How the newest one stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Installing {
    #[default]
    Never,
    Running {
        since: Micros,
        bytes: usize,
        percent: u8,
    },
    /// Plugin and version in force, or why the one before stays.
    Ended(Result<(Name, Name), String>),
}

#[derive(Clone, Default)]
pub(crate) struct Install(Arc<Mutex<Installing>>);

impl Install {
    pub(crate) fn now(&self) -> Installing {
        self.0.lock().clone()
    }

    /// Begins unless one runs: whoever came second sees the first at work.
    pub(crate) fn begin(&self, town: Arc<dyn Town>, component: Bytes, by: EntityId, now: Micros) {
        {
            let mut state = self.0.lock();
            if matches!(*state, Installing::Running { .. }) {
                return;
            }
            *state = Installing::Running { since: now, bytes: component.len(), percent: 0 };
        }
        let state = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let told = |now: u8| {
                if let Installing::Running { percent, .. } = &mut *state.lock() {
                    *percent = now;
                }
            };
            let done = town.install(component, by, &told);
            *state.lock() = Installing::Ended(done);
        });
    }
}

//! A check of the whole journal, asked for by an administrator: one at a time, on a thread of its own, watched and stopped.

use crate::town::{Town, Verified};
use changzhi_model::Seq;
use parking_lot::Mutex;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How the newest check stands. What it found is gone with the process: the journal can be checked again.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Checking {
    #[default]
    Never,
    Running {
        done: Seq,
        total: Seq,
        stopping: bool,
    },
    Ended(Result<Verified, String>),
}

#[derive(Clone, Default)]
pub(crate) struct JournalCheck(Arc<Mutex<Checking>>);

impl JournalCheck {
    pub(crate) fn now(&self) -> Checking {
        self.0.lock().clone()
    }

    /// Begins a check unless one runs.
    pub(crate) fn begin(&self, town: Arc<dyn Town>) {
        {
            let mut now = self.0.lock();
            if matches!(*now, Checking::Running { .. }) {
                return;
            }
            *now = Checking::Running { done: Seq::ZERO, total: town.fresh().durable, stopping: false };
        }
        let state = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let found = town.verify(&mut |seq| {
                let mut now = state.lock();
                if let Checking::Running { done, stopping, .. } = &mut *now {
                    *done = seq;
                    if *stopping {
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            });
            if let Err(reason) = &found {
                tracing::error!(reason, "the journal is damaged: restore it before it is relied on");
            }
            *state.lock() = Checking::Ended(found);
        });
    }

    pub(crate) fn stop(&self) {
        if let Checking::Running { stopping, .. } = &mut *self.0.lock() {
            *stopping = true;
        }
    }
}

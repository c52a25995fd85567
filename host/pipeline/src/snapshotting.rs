//! When snapshots are taken: on request, and behind the live path by a thread of their own.

use crate::city::City;
use crate::open::{OpenError, spawn};
use crate::snapshot;
use changzhi_model::Seq;
use changzhi_world::World;
use std::sync::Arc;
use std::time::Duration;

impl City {
    /// Takes a snapshot now. `None`: nothing new since the last, or the city lives in memory.
    pub fn take_snapshot(&self) -> Result<Option<Seq>, OpenError> {
        let Some(dir) = &self.options.dir else { return Ok(None) };
        let taken = snapshot::take(&dir.join("snapshots"), &*self.journal, World::new)?;
        if let Some(seq) = taken {
            *self.snapshot.write() = Some(seq);
        }
        Ok(taken)
    }

    pub(crate) fn start_snapshots(self: &Arc<Self>) -> Result<(), OpenError> {
        let every = self.options.snapshot_every;
        if self.options.dir.is_none() || every == 0 {
            return Ok(());
        }
        let weak = Arc::downgrade(self);
        let stopping = self.stopping.receiver();
        let thread = spawn("snapshot", move || {
            // Ends when the city is dropped or closes: nothing is ever sent here.
            while let Err(crossbeam_channel::RecvTimeoutError::Timeout) = stopping.recv_timeout(Duration::from_secs(2))
            {
                let Some(city) = weak.upgrade() else { return };
                let last = city.snapshot.read().unwrap_or(Seq::ZERO);
                if city.journal.durable().0 >= last.0 + every
                    && let Err(e) = city.take_snapshot()
                {
                    tracing::error!(error = %e, "no snapshot was taken; the next start replays a longer tail");
                }
            }
        })?;
        self.threads.lock().push(thread);
        Ok(())
    }
}

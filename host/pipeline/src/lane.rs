//! The lane of the host's own domain: one thread, in order, bounded.

use crossbeam_channel::{Sender, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

type Work = Box<dyn FnOnce() + Send>;

/// Work waiting at most; whoever hands in more waits.
const QUEUE: usize = 1024;

pub(crate) struct HostLane {
    work: parking_lot::Mutex<Option<Sender<Work>>>,
}

impl HostLane {
    pub(crate) fn start() -> std::io::Result<(HostLane, JoinHandle<()>)> {
        let (tx, rx) = bounded::<Work>(QUEUE);
        let thread = std::thread::Builder::new().name("host-lane".into()).spawn(move || {
            for work in rx {
                if catch_unwind(AssertUnwindSafe(work)).is_err() {
                    tracing::error!("a command of the host itself panicked; its caller is told nothing was done");
                }
            }
        })?;
        Ok((HostLane { work: parking_lot::Mutex::new(Some(tx)) }, thread))
    }

    pub(crate) fn run(&self, work: Work) {
        let sender = self.work.lock().clone();
        if let Some(sender) = sender {
            let _ = sender.send(work);
        }
    }

    pub(crate) fn stop(&self) {
        self.work.lock().take();
    }
}

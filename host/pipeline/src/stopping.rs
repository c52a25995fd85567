//! One signal for every thread that waits: the city closes.

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

pub(crate) struct Stopping {
    hold: Mutex<Option<Sender<()>>>,
    seen: Receiver<()>,
}

impl Stopping {
    pub(crate) fn new() -> Stopping {
        let (hold, seen) = bounded(0);
        Stopping { hold: Mutex::new(Some(hold)), seen }
    }

    /// Disconnected once the city stops.
    pub(crate) fn receiver(&self) -> Receiver<()> {
        self.seen.clone()
    }

    pub(crate) fn stop(&self) {
        self.hold.lock().take();
    }
}

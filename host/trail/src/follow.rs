//! Reading the journal from its beginning, and then whatever becomes durable.

use crate::Trail;
use changzhi_journal::Journal;
use changzhi_model::Transaction;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A trail that follows a journal on a thread of its own, until it is dropped.
pub struct Following {
    trail: Arc<Trail>,
    stop: Arc<AtomicBool>,
    wake: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Following {
    /// # Errors
    /// When the thread cannot be started.
    pub fn begin(journal: Arc<dyn Journal>) -> std::io::Result<Following> {
        let trail = Arc::new(Trail::default());
        let stop = Arc::new(AtomicBool::new(false));
        let (wake, woken) = bounded(1);
        let told = wake.clone();
        journal.on_durable(Box::new(move |_| {
            // One signal waiting is enough, and the log thread never does.
            let _ = told.try_send(());
        }));
        let (of, until) = (Arc::clone(&trail), Arc::clone(&stop));
        let run = move || run(&*journal, &of, &until, &woken);
        let thread = std::thread::Builder::new().name("trail".into()).spawn(run)?;
        Ok(Following { trail, stop, wake, thread: Some(thread) })
    }

    pub fn trail(&self) -> &Arc<Trail> {
        &self.trail
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = self.wake.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(journal: &dyn Journal, trail: &Trail, stop: &AtomicBool, woken: &Receiver<()>) {
    while !stop.load(Ordering::Acquire) {
        let read = journal.read(trail.upto().next(), &mut |seq, bytes| {
            match Transaction::decode(bytes) {
                Ok(tx) => trail.apply(seq, &tx),
                // The world refuses the same record at start; here it costs its lines, not the rest.
                Err(error) => tracing::warn!(%seq, %error, "a transaction is not on the trail"),
            }
            if stop.load(Ordering::Acquire) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Err(error) = read {
            tracing::warn!(%error, "the trail ends here: the journal cannot be read");
            return;
        }
        if woken.recv().is_err() {
            return;
        }
    }
}

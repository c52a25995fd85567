//! Request ids into the store, behind the acknowledge path.

use crate::requests::Requests;
use changzhi_journal::Journal;
use changzhi_model::{RequestId, Seq};
use changzhi_store::{Noted, Store};
use crossbeam_channel::{Receiver, Sender};
use parking_lot::RwLock;
use std::sync::Arc;
use std::time::Duration;

/// Ids written to the store in one go.
const BATCH: usize = 4096;
/// How long a batch gathers: nobody waits for it, and waking for every commit costs commands their processor time.
const GATHER: Duration = Duration::from_millis(50);

/// Where committed ids are handed in; closed when the city stops.
#[derive(Clone)]
pub(crate) struct Index(Arc<RwLock<Option<Sender<Noted>>>>);

impl Index {
    pub(crate) fn new(to: Sender<Noted>) -> Index {
        Index(Arc::new(RwLock::new(Some(to))))
    }

    pub(crate) fn note(&self, seq: Seq, request: RequestId, digest: [u8; 16]) {
        if let Some(to) = &*self.0.read() {
            // A closed index is caught up from the journal at the next open.
            let _ = to.send((seq, request, digest));
        }
    }

    pub(crate) fn stop(&self) {
        self.0.write().take();
    }
}

/// The body of the `indexer` thread: ends when the city closes its sender. Ids come in commit order, and are noted only when
/// durable, so the store never knows what a power cut could take back.
pub(crate) fn run(work: &Receiver<Noted>, journal: &Arc<dyn Journal>, store: &Store, requests: &Requests) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(first) = work.recv() {
        let mut last = first.0;
        batch.push(first);
        if work.len() < BATCH / 2 {
            std::thread::sleep(GATHER);
        }
        for next in work.try_iter().take(BATCH - 1) {
            last = next.0;
            batch.push(next);
        }
        if journal.wait_durable(last).is_err() {
            // The city stops; the next open catches the store up from the journal.
            return;
        }
        match store.note_committed(&batch) {
            Ok(()) => {
                for (_, request, _) in batch.drain(..) {
                    requests.indexed(request);
                }
            }
            Err(e) => {
                tracing::error!(error = %e, "request ids cannot be indexed");
                // What the store knew and what it missed are both in the journal.
                match requests.mend() {
                    Ok(()) => {
                        for (_, request, _) in batch.drain(..) {
                            requests.indexed(request);
                        }
                    }
                    Err(e) => {
                        tracing::error!(error = %e, "the journal cannot be read back; ids stay in the request table");
                        batch.clear();
                    }
                }
            }
        }
    }
}

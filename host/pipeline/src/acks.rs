//! Telling callers, once what they are told is durable.
//!
//! Whoever commits or reads at revision r queues its answer here under r; the `ack` thread releases everything up to the
//! journal's durable mark. The log thread only signals, so that waking callers overlaps with the next fdatasync. An entry
//! queued behind a later revision waits for that one: never too early, at most one group late.

use changzhi_model::Seq;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;

type Release = Box<dyn FnOnce(Result<(), String>) + Send>;

struct Queue {
    waiting: VecDeque<(Seq, Release)>,
    durable: Seq,
    failed: Option<String>,
    stop: bool,
}

pub(crate) struct Acks {
    queue: Mutex<Queue>,
    signal: Condvar,
}

impl Acks {
    pub(crate) fn new(durable: Seq) -> Arc<Acks> {
        Arc::new(Acks {
            queue: Mutex::new(Queue { waiting: VecDeque::new(), durable, failed: None, stop: false }),
            signal: Condvar::new(),
        })
    }

    /// Runs `release` when everything up to `seq` is durable, or with the reason why it never will be.
    pub(crate) fn when_durable(&self, seq: Seq, release: Release) {
        let mut queue = self.queue.lock();
        if let Some(reason) = queue.failed.clone() {
            drop(queue);
            return release(Err(reason));
        }
        if seq <= queue.durable && queue.waiting.is_empty() {
            drop(queue);
            return release(Ok(()));
        }
        queue.waiting.push_back((seq, release));
    }

    /// Called on the log thread after each group commit.
    pub(crate) fn durable(&self, seq: Seq) {
        let mut queue = self.queue.lock();
        queue.durable = queue.durable.max(seq);
        if !queue.waiting.is_empty() {
            self.signal.notify_one();
        }
    }

    pub(crate) fn fail(&self, reason: String) {
        self.queue.lock().failed.get_or_insert(reason);
        self.signal.notify_one();
    }

    pub(crate) fn stop(&self) {
        self.queue.lock().stop = true;
        self.signal.notify_one();
    }

    /// The body of the `ack` thread.
    pub(crate) fn run(&self) {
        let mut ready: Vec<Release> = Vec::new();
        loop {
            let verdict = {
                let mut queue = self.queue.lock();
                loop {
                    if let Some(reason) = queue.failed.clone() {
                        ready.extend(queue.waiting.drain(..).map(|(_, release)| release));
                        break Err(reason);
                    }
                    while queue.waiting.front().is_some_and(|(seq, _)| *seq <= queue.durable) {
                        if let Some((_, release)) = queue.waiting.pop_front() {
                            ready.push(release);
                        }
                    }
                    if !ready.is_empty() {
                        break Ok(());
                    }
                    if queue.stop {
                        return;
                    }
                    self.signal.wait(&mut queue);
                }
            };
            if ready.is_empty() && verdict.is_err() {
                // Failed for good: later callers are told in `when_durable`.
                return;
            }
            for release in ready.drain(..) {
                release(verdict.clone());
            }
        }
    }
}

//! Rows in flight, taken back in the order they were sent.

use super::sink::{Answer, Submit};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;

/// A row whose command was sent.
pub(super) struct Sent {
    pub(super) line: u64,
    pub(super) key: String,
    pub(super) raw: String,
    pub(super) command: Submit,
}

struct Slot {
    sent: Sent,
    answer: Arc<Mutex<Option<Answer>>>,
}

/// The rows in flight. The reader's thread owns it; answers come from any thread.
pub(super) struct Flight {
    slots: VecDeque<Slot>,
    bell: Arc<(Mutex<()>, Condvar)>,
}

impl Flight {
    pub(super) fn new() -> Flight {
        Flight { slots: VecDeque::new(), bell: Arc::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Takes a place for the row; what is returned puts its answer there.
    pub(super) fn add(&mut self, sent: Sent) -> Box<dyn FnOnce(Answer) + Send> {
        let answer = Arc::new(Mutex::new(None));
        let (to, bell) = (Arc::clone(&answer), Arc::clone(&self.bell));
        self.slots.push_back(Slot { sent, answer });
        Box::new(move |a| {
            *to.lock() = Some(a);
            let _guard = bell.0.lock();
            bell.1.notify_all();
        })
    }

    /// The oldest row if it is answered; waits for it when `wait`.
    pub(super) fn take(&mut self, wait: bool) -> Option<(Sent, Answer)> {
        let slot = Arc::clone(&self.slots.front()?.answer);
        let mut guard = self.bell.0.lock();
        loop {
            if let Some(answer) = slot.lock().take() {
                drop(guard);
                return self.slots.pop_front().map(|s| (s.sent, answer));
            }
            if !wait {
                return None;
            }
            self.bell.1.wait(&mut guard);
        }
    }
}

//! One operating system thread that does a plugin's work in order, from a bounded queue.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use parking_lot::Mutex;
use std::thread::JoinHandle;

pub(crate) enum Order<W> {
    Do(W),
    /// Says that it has stopped between two calls, and goes on when the receiver ends.
    Pause {
        stopped: Sender<()>,
        go_on: Receiver<()>,
    },
    End,
}

pub(crate) struct Lane<W> {
    queue: Sender<Order<W>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<W: Send + 'static> Lane<W> {
    /// `run` does one piece; `refuse` is called with what is left when the lane ends.
    pub(crate) fn start(
        name: String,
        length: usize,
        run: impl Fn(W) + Send + 'static,
        refuse: impl Fn(W) + Send + 'static,
    ) -> std::io::Result<Lane<W>> {
        let (queue, orders) = bounded::<Order<W>>(length.max(1));
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            while let Ok(order) = orders.recv() {
                match order {
                    Order::Do(work) => run(work),
                    Order::Pause { stopped, go_on } => {
                        // Whoever paused may be gone already; then there is nothing to wait for.
                        if stopped.send(()).is_ok() {
                            let _ = go_on.recv();
                        }
                    }
                    Order::End => break,
                }
            }
            while let Ok(order) = orders.try_recv() {
                if let Order::Do(work) = order {
                    refuse(work);
                }
            }
        })?;
        Ok(Lane { queue, thread: Mutex::new(Some(thread)) })
    }

    /// False when the queue is full or the lane has ended.
    pub(crate) fn offer(&self, work: W) -> bool {
        match self.queue.try_send(Order::Do(work)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Runs `within` while the lane stands still between two calls; `None` when the lane has ended.
    pub(crate) fn paused<R>(&self, within: impl FnOnce() -> R) -> Option<R> {
        let (stopped, has_stopped) = bounded(1);
        let (resume, go_on) = bounded::<()>(1);
        self.queue.send(Order::Pause { stopped, go_on }).ok()?;
        has_stopped.recv().ok()?;
        let answer = within();
        drop(resume);
        Some(answer)
    }

    /// Ends after what runs now; what is queued is refused.
    pub(crate) fn end(&self) {
        let Some(thread) = self.thread.lock().take() else { return };
        let _ = self.queue.send(Order::End);
        if thread.thread().id() != std::thread::current().id() {
            // A panic in the lane was reported when it happened.
            let _ = thread.join();
        }
    }
}

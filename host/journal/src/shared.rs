//! What the appenders, the log thread and the keeper thread share.

use crate::mark_file::MarkFile;
use crate::notices::Notices;
use crate::queue::Queue;
use crate::segments::Segments;
use crate::{Disk, JournalError, Options};
use crossbeam_channel::Sender;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;

pub(crate) struct Shared {
    pub disk: Arc<dyn Disk>,
    pub options: Options,
    pub notices: Notices,
    pub segments: Segments,
    pub queue: Mutex<Queue>,
    /// The log thread waits here for records.
    pub work: Condvar,
    /// Appenders wait here for room in the queue or for the next segment.
    pub room: Condvar,
    pub mark: Mutex<MarkFile>,
    pub orders: Sender<Order>,
}

/// What the keeper thread is asked for.
pub(crate) enum Order {
    /// Make the segment of this number ready.
    Prepare(u64),
    Stop,
}

impl Shared {
    /// The keeper outlives every sender of orders, so a failed send means the journal is closing anyway.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// For ever: nothing is acknowledged any more. The first reason counts.
    pub(crate) fn fail(&self, error: JournalError) {
        let error = match error {
            JournalError::Failed { .. } | JournalError::Damaged { .. } => error,
            other => JournalError::Failed { why: other.to_string() },
        };
        tracing::error!(%error, "the journal stops acknowledging");
        {
            let mut queue = self.queue.lock();
            if !matches!(queue.stop, Some(JournalError::Failed { .. } | JournalError::Damaged { .. })) {
                queue.stop = Some(error.clone());
            }
        }
        self.notices.fail(&error);
        self.work.notify_all();
        self.room.notify_all();
    }
}

//! The helper thread: prepares the next segment ahead of need and rewrites the durable mark about every second.
//!
//! Neither is on the way of an acknowledgement.

use crate::block::Mark;
use crate::cursor::name;
use crate::queue::Next;
use crate::shared::{Order, Shared};
use crate::{Disk, DiskFile, JournalError};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::sync::Arc;
use std::time::Instant;

/// Runs until it is told to stop.
pub(crate) fn run(shared: &Shared, orders: &Receiver<Order>) {
    let mut marked = Instant::now();
    loop {
        match orders.recv_timeout(shared.options.mark_every) {
            Ok(Order::Prepare(index)) => fill_next(shared, index),
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if marked.elapsed() >= shared.options.mark_every && shared.notices.failure().is_none() {
            if let Err(error) = mark(shared, false) {
                shared.fail(error);
            }
            marked = Instant::now();
        }
    }
}

fn fill_next(shared: &Shared, index: u64) {
    let next = match prepare(&*shared.disk, index, shared.options.segment_bytes) {
        Ok(file) => Next::Ready(file),
        Err(JournalError::Full { why }) => {
            tracing::warn!(segment = index, %why, "no room for the next segment of the journal");
            Next::Full { since: Instant::now(), why }
        }
        Err(error) => return shared.fail(error),
    };
    shared.queue.lock().next = next;
    shared.room.notify_all();
}

/// A blank segment, durable under its own name.
pub(crate) fn prepare(disk: &dyn Disk, index: u64, bytes: u64) -> Result<Arc<dyn DiskFile>, JournalError> {
    let name = name(index);
    let new = format!("{name}.tmp");
    let io = |e: std::io::Error| JournalError::io(format!("cannot prepare {name} of {bytes} bytes"), &e);
    let file = disk.create(&new, bytes).map_err(io)?;
    disk.rename(&new, &name).map_err(io)?;
    disk.sync_dir().map_err(io)?;
    Ok(file)
}

/// Writes down how far the log is durable: one slot while running, both when opening.
pub(crate) fn mark(shared: &Shared, both: bool) -> Result<(), JournalError> {
    let Some(place) = place(shared, false) else { return Ok(()) };
    let mut file = shared.mark.lock();
    if both {
        file.write_both(&place)
    } else if file.newest.seq != place.seq {
        file.write(place)
    } else {
        Ok(())
    }
}

/// As `mark`, saying that the log ends here for good.
pub(crate) fn mark_clean(shared: &Shared) -> Result<(), JournalError> {
    match place(shared, true) {
        Some(place) => shared.mark.lock().write_both(&place),
        None => Ok(()),
    }
}

fn place(shared: &Shared, clean: bool) -> Option<Mark> {
    let last = shared.segments.last()?;
    let end = last.extent().end;
    Some(Mark { generation: 0, clean, seq: end.seq, chain: end.chain, segment: last.index, offset: end.offset })
}

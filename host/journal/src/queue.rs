//! Where records wait for the log thread, and where their places are fixed.
//!
//! The place of a group is known while it still gathers, so that an append that would need a segment nobody could prepare
//! is refused before it has a sequence. The lock is held for one copy of the record.

use crate::block::BLOCK;
use crate::cursor::FIRST_FRAME;
use crate::frame::FRAME_HEADER;
use crate::shared::{Order, Shared};
use crate::{DiskFile, JournalError};
use changzhi_model::Seq;
use parking_lot::MutexGuard;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Buffers above this are given back instead of kept for the next group.
const KEEP: usize = 4 << 20;

/// A group that has grown to this is closed and the next one begun: reading one record means checking its whole frame
/// (about 1 ms for this many bytes), while a sync a quarter MiB costs no throughput.
const GROUP: usize = 256 << 10;

/// Records that must wait before a group gathers more of them; see [`crate::Options::gather`].
const GATHER_FROM: u32 = 8;

/// Records that become one frame.
pub(crate) struct Group {
    /// The segment to open first, when this group begins one.
    pub opens: Option<Arc<dyn DiskFile>>,
    pub offset: u64,
    pub first: u64,
    pub count: u32,
    /// Room for the frame's header, then the payload.
    pub frame: Vec<u8>,
}

/// The segment after the one being planned for.
pub(crate) enum Next {
    Preparing,
    Ready(Arc<dyn DiskFile>),
    Full { since: Instant, why: String },
}

pub(crate) struct Queue {
    /// Closed because they were large enough or end a segment.
    ended: Vec<Group>,
    gathering: Group,
    /// Bytes in both.
    queued: usize,
    next_seq: u64,
    /// The segment `gathering` goes to, and where its frames must end.
    segment: u64,
    segment_end: u64,
    pub next: Next,
    pub stop: Option<JournalError>,
    spare_frame: Vec<u8>,
}

impl Queue {
    pub(crate) fn new(last: u64, segment: u64, offset: u64, segment_end: u64, next: Next) -> Queue {
        Queue {
            ended: Vec::new(),
            gathering: Group::at(offset, last + 1, Vec::new()),
            queued: 0,
            next_seq: last + 1,
            segment,
            segment_end,
            next,
            stop: None,
            spare_frame: Vec::new(),
        }
    }

    /// True when more records are likely to come at once, and none has been cut off yet.
    fn is_busy(&self) -> bool {
        self.ended.is_empty() && self.gathering.count >= GATHER_FROM
    }

    fn fits(&self, need: usize) -> bool {
        self.gathering.offset + (self.gathering.frame.len() + need) as u64 <= self.segment_end
    }

    /// Goes on in the next segment.
    fn roll(&mut self, file: Arc<dyn DiskFile>, segment_bytes: u64) {
        let mut group = Group::at(FIRST_FRAME, self.next_seq, std::mem::take(&mut self.spare_frame));
        group.opens = Some(file);
        let ended = std::mem::replace(&mut self.gathering, group);
        if ended.count > 0 {
            self.ended.push(ended);
        }
        self.segment += 1;
        self.segment_end = segment_bytes - BLOCK as u64;
    }

    fn push(&mut self, record: &[u8], len: u32) -> u64 {
        self.gathering.frame.extend_from_slice(&len.to_le_bytes());
        self.gathering.frame.extend_from_slice(record);
        self.gathering.count += 1;
        self.queued += record.len() + 4;
        let seq = self.next_seq;
        self.next_seq += 1;
        if self.gathering.frame.len() >= GROUP {
            let group = self.close_group();
            self.ended.push(group);
        }
        seq
    }

    /// Takes what gathers; the next group stands right behind it.
    fn close_group(&mut self) -> Group {
        let offset = self.gathering.offset + self.gathering.frame.len() as u64;
        let fresh = Group::at(offset, self.next_seq, std::mem::take(&mut self.spare_frame));
        std::mem::replace(&mut self.gathering, fresh)
    }
}

impl Group {
    fn at(offset: u64, first: u64, mut frame: Vec<u8>) -> Group {
        frame.clear();
        frame.resize(FRAME_HEADER, 0);
        Group { opens: None, offset, first, count: 0, frame }
    }
}

impl Shared {
    pub(crate) fn append(&self, record: &[u8]) -> Result<Seq, JournalError> {
        let (len, max) = (record.len(), self.options.max_record);
        let too_large = JournalError::TooLarge { len, max };
        if len > max {
            return Err(too_large);
        }
        let prefix = u32::try_from(len).map_err(|_| too_large)?;
        let need = len + 4;
        let mut asked = None;
        let mut queue = self.queue.lock();
        loop {
            if let Some(stop) = &queue.stop {
                return Err(stop.clone());
            }
            if queue.queued > 0 && queue.queued + need > self.options.queue_bytes {
                self.room.wait(&mut queue);
                continue;
            }
            if queue.fits(need) {
                break;
            }
            match std::mem::replace(&mut queue.next, Next::Preparing) {
                Next::Ready(file) => queue.roll(file, self.options.segment_bytes),
                Next::Preparing => self.room.wait(&mut queue),
                Next::Full { since, why } => {
                    let asked = *asked.get_or_insert_with(Instant::now);
                    if since >= asked || since.elapsed() < self.options.retry_full {
                        queue.next = Next::Full { since, why: why.clone() };
                        return Err(JournalError::Full { why });
                    }
                    self.order(Order::Prepare(queue.segment + 1));
                }
            }
        }
        let seq = queue.push(record, prefix);
        self.notices.appended.store(seq, Ordering::Release);
        drop(queue);
        self.work.notify_one();
        Ok(Seq(seq))
    }

    /// Waits for records and takes all of them. False when there will be no more.
    pub(crate) fn take(&self, groups: &mut Vec<Group>) -> bool {
        let mut queue = self.queue.lock();
        let mut gathered = self.options.gather.is_zero();
        loop {
            match &queue.stop {
                Some(JournalError::Closed) if queue.queued == 0 => return false,
                None | Some(JournalError::Closed) => {}
                Some(_) => return false,
            }
            if queue.queued > 0 && (gathered || !queue.is_busy()) {
                break;
            }
            if queue.queued > 0 {
                gathered = true;
                MutexGuard::unlocked(&mut queue, || std::thread::sleep(self.options.gather));
                continue;
            }
            self.work.wait(&mut queue);
        }
        groups.append(&mut queue.ended);
        if queue.gathering.count > 0 {
            groups.push(queue.close_group());
        }
        queue.queued = 0;
        drop(queue);
        self.room.notify_all();
        true
    }

    /// Gives a written group's buffer back.
    pub(crate) fn recycle(&self, frame: Vec<u8>) {
        if frame.capacity() <= KEEP {
            self.queue.lock().spare_frame = frame;
        }
    }
}

//! The one thread that writes: takes everything queued, writes one frame, syncs, publishes.
//!
//! While it syncs, the next group gathers. A frame is written only after the one before it is synced; recovery relies on it.

use crate::block::{Content, SegmentHeader, Trailer};
use crate::cursor::{FIRST_FRAME, Place, name};
use crate::frame::{self, FRAME_HEADER, Records};
use crate::queue::Group;
use crate::segments::Segment;
use crate::shared::{Order, Shared};
use crate::{DiskFile, Head, JournalError, chain};
use changzhi_model::Seq;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Runs until the journal is closed or fails. A panic (of a hook, say) fails the journal too.
pub(crate) fn run(shared: &Shared, live: Arc<Segment>) {
    let work = AssertUnwindSafe(|| LogThread::new(shared, live)?.run());
    match catch_unwind(work) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => shared.fail(error),
        Err(_) => shared.fail(JournalError::Failed { why: "the log thread panicked".to_owned() }),
    }
}

struct LogThread<'a> {
    shared: &'a Shared,
    live: Arc<Segment>,
    file: Option<Arc<dyn DiskFile>>,
    at: Place,
}

impl<'a> LogThread<'a> {
    fn new(shared: &'a Shared, live: Arc<Segment>) -> Result<LogThread<'a>, JournalError> {
        let extent = live.extent();
        let file = if extent.sealed { None } else { Some(live.open()?) };
        Ok(LogThread { shared, live, file, at: extent.end })
    }

    fn run(&mut self) -> Result<(), JournalError> {
        let mut groups = Vec::new();
        while self.shared.take(&mut groups) {
            self.shared.notices.run_before_commit().map_err(|why| JournalError::Failed { why })?;
            for group in groups.drain(..) {
                self.commit(group)?;
            }
        }
        Ok(())
    }

    fn commit(&mut self, mut group: Group) -> Result<(), JournalError> {
        if let Some(file) = group.opens.take() {
            self.roll(file)?;
        }
        let mut link = self.at.chain;
        for record in Records::of(group.frame.get(FRAME_HEADER..).unwrap_or_default()).flatten() {
            link = chain::link(&link, record);
        }
        frame::seal(&mut group.frame, self.live.salt, group.first, group.count, &link);
        let Some(file) = &self.file else {
            return Err(JournalError::Failed { why: format!("{} is sealed", name(self.live.index)) });
        };
        let io = |e: std::io::Error| JournalError::Failed { why: format!("{}: {e}", name(self.live.index)) };
        file.write_at(&group.frame, group.offset).map_err(io)?;
        self.sync(&**file)?;
        let last = group.first + u64::from(group.count) - 1;
        let end = Place { offset: group.offset + group.frame.len() as u64, seq: last, chain: link };
        self.live.grew(self.at, end);
        self.at = end;
        self.shared.notices.publish(Head { seq: Seq(last), chain: link });
        self.shared.recycle(group.frame);
        Ok(())
    }

    /// Seals the segment and begins the one in `file`; then another may be prepared.
    fn roll(&mut self, file: Arc<dyn DiskFile>) -> Result<(), JournalError> {
        let index = self.live.index;
        let io = |e: std::io::Error| JournalError::Failed { why: format!("sealing {}: {e}", name(index)) };
        if let Some(old) = self.file.take() {
            let trailer = Trailer { index, last: self.at.seq, chain: self.at.chain, end: self.at.offset };
            old.write_at(&trailer.encode(), self.live.usable_end()).map_err(io)?;
            self.sync(&*old)?;
            self.live.seal();
        }
        let start = Place { offset: FIRST_FRAME, ..self.at };
        self.live = begin(self.shared.disk.clone(), index + 1, file.clone(), start, self.shared.options.segment_bytes)?;
        self.file = Some(file);
        self.at = start;
        self.shared.segments.push(self.live.clone());
        self.shared.order(Order::Prepare(index + 2));
        Ok(())
    }

    fn sync(&self, file: &dyn DiskFile) -> Result<(), JournalError> {
        if self.shared.options.without_sync {
            return Ok(());
        }
        file.sync_data()
            .map_err(|e| JournalError::Failed { why: format!("fdatasync of {}: {e}", name(self.live.index)) })
    }
}

/// Writes and syncs the header of a prepared segment.
pub(crate) fn begin(
    disk: Arc<dyn crate::Disk>,
    index: u64,
    file: Arc<dyn DiskFile>,
    start: Place,
    bytes: u64,
) -> Result<Arc<Segment>, JournalError> {
    let io = |e: std::io::Error| JournalError::Failed { why: format!("the header of {}: {e}", name(index)) };
    // Random for each segment, so that nobody can send a record that looks like a frame of it.
    let salt = RandomState::new().build_hasher().finish();
    let header = SegmentHeader { index, first: start.seq + 1, chain: start.chain, salt, bytes };
    file.write_at(&header.encode(), 0).map_err(io)?;
    file.sync_data().map_err(io)?;
    Ok(Arc::new(Segment::new(&header, disk, Some(file), start, false, Some(vec![start]))))
}

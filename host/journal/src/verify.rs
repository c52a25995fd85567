//! Reading everything and believing nothing.

use crate::block::{BLOCK, SegmentHeader};
use crate::cursor::{FIRST_FRAME, damaged, name};
use crate::recover::{len_of, read_block, read_trailer};
use crate::segments::Segment;
use crate::shared::Shared;
use crate::{Head, JournalError, tail};
use changzhi_model::Seq;
use std::ops::ControlFlow;

/// What was found to be whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The last record checked and the chain hash after it.
    pub head: Head,
    pub segments: u64,
    /// Bytes of frames.
    pub bytes: u64,
    /// False when the walk was ended before the last durable record.
    pub complete: bool,
}

pub(crate) fn scrub(shared: &Shared, pace: &mut dyn FnMut(Seq) -> ControlFlow<()>) -> Result<Verified, JournalError> {
    let mut done = Verified { head: Head::EMPTY, segments: 0, bytes: 0, complete: false };
    for segment in shared.segments.all() {
        let extent = segment.extent();
        let header = check_header(&segment, done.head)?;
        let mut cursor = segment.cursor(segment.start(), extent.end.offset, 1 << 20)?;
        let mut told = FIRST_FRAME;
        while cursor.must()?.is_some() {
            if cursor.at.offset >= told + (1 << 20) {
                told = cursor.at.offset;
                if pace(Seq(cursor.at.seq)).is_break() {
                    return Ok(done);
                }
            }
        }
        let end = cursor.at;
        if end != extent.end {
            return Err(damaged(segment.index, end.offset, end.seq, "its end is not what its trailer says"));
        }
        if extent.sealed {
            check_end(&segment, &header, end.offset)?;
        }
        done.head = Head { seq: Seq(end.seq), chain: end.chain };
        done.segments += 1;
        done.bytes += end.offset - FIRST_FRAME;
        if pace(done.head.seq).is_break() {
            return Ok(done);
        }
    }
    shared.mark.lock().verify()?;
    done.complete = true;
    Ok(done)
}

fn check_header(segment: &Segment, before: Head) -> Result<SegmentHeader, JournalError> {
    let file = segment.open()?;
    let len = len_of(&*file, segment.index)?;
    let header = read_block::<SegmentHeader>(&*file, segment.index, 0, len)?.known(&name(segment.index))?;
    header
        .filter(|h| {
            h.index == segment.index
                && h.first == before.seq.0 + 1
                && h.chain == before.chain
                && h.salt == segment.salt
                && h.bytes == len
        })
        .ok_or_else(|| damaged(segment.index, 0, segment.first, "its header is bad"))
}

fn check_end(segment: &Segment, header: &SegmentHeader, end: u64) -> Result<(), JournalError> {
    let file = segment.open()?;
    if let Some((at, _)) = tail::written(&*file, segment.index, end, segment.usable_end())? {
        return Err(damaged(segment.index, at, segment.extent().end.seq, "bytes behind its last frame are not zero"));
    }
    let last = segment.extent().end;
    read_trailer(&*file, header)?
        .known(&name(segment.index))?
        .filter(|t| t.index == segment.index && t.end == end && t.last == last.seq && t.chain == last.chain)
        .map(|_| ())
        .ok_or_else(|| damaged(segment.index, header.bytes - BLOCK as u64, last.seq, "its trailer is bad"))
}

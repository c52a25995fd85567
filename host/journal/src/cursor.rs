//! Walks the frames of one segment and checks each: length, checksum, sequence, record lengths, chain.
//!
//! Every read path goes through here, so there is one place that decides what a good frame is. Price: one hash of
//! everything walked over; reads come in windows of `ahead` bytes.

use crate::block::BLOCK;
use crate::error::RESTORE;
use crate::frame::{FRAME_HEADER, FrameHeader, Records};
use crate::{DiskFile, JournalError, chain};
use std::sync::Arc;

/// A place between two frames: everything up to record `seq` lies before `offset`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub offset: u64,
    pub seq: u64,
    pub chain: [u8; 32],
}

/// A frame that passed every check.
pub(crate) struct Frame<'a> {
    pub first: u64,
    /// Chain hash before the first record.
    pub before: [u8; 32],
    pub payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The records with their sequences.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, &'a [u8])> + use<'a> {
        (self.first..).zip(Records::of(self.payload).flatten())
    }
}

/// What stands at the cursor.
pub(crate) enum Step<'a> {
    Frame(Frame<'a>),
    /// The given end, or no frame begins here.
    End,
    /// Something that is no good frame.
    Bad(&'static str),
}

pub(crate) struct Cursor {
    file: Arc<dyn DiskFile>,
    segment: u64,
    salt: u64,
    /// Frames end here at the latest.
    end: u64,
    pub at: Place,
    ahead: usize,
    window: Vec<u8>,
    window_at: u64,
}

impl Cursor {
    pub(crate) fn new(file: Arc<dyn DiskFile>, segment: u64, salt: u64, at: Place, end: u64, ahead: usize) -> Self {
        Cursor { file, segment, salt, end, at, ahead, window: Vec::new(), window_at: at.offset }
    }

    /// The next frame; the cursor stands behind it afterwards. On `End` and `Bad` it does not move.
    pub(crate) fn step(&mut self) -> Result<Step<'_>, JournalError> {
        if self.at.offset + FRAME_HEADER as u64 > self.end {
            return Ok(Step::End);
        }
        self.fill(FRAME_HEADER)?;
        let Some(header) = FrameHeader::parse(self.window(FRAME_HEADER)) else {
            let blank = self.window(FRAME_HEADER).iter().all(|b| *b == 0);
            return Ok(if blank { Step::End } else { Step::Bad("no frame begins here") });
        };
        if header.frame_len() > self.end - self.at.offset {
            return Ok(Step::Bad("the frame's length goes past the end"));
        }
        let len = FRAME_HEADER + header.payload as usize;
        self.fill(len)?;
        if !header.holds(self.salt, self.window(len)) {
            return Ok(Step::Bad("the checksum of the frame does not hold"));
        }
        if header.first != self.at.seq + 1 || header.count == 0 {
            return Ok(Step::Bad("the frame's sequence does not follow"));
        }
        let before = self.at.chain;
        let mut after = before;
        let mut count = 0u32;
        for record in Records::of(self.window(len).get(FRAME_HEADER..).unwrap_or_default()) {
            let Ok(record) = record else { return Ok(Step::Bad("the record lengths do not add up")) };
            after = chain::link(&after, record);
            count += 1;
        }
        if count != header.count || after != header.chain {
            return Ok(Step::Bad("the hash chain does not hold"));
        }
        let start = self.at.offset;
        self.at = Place { offset: start + len as u64, seq: self.at.seq + u64::from(count), chain: after };
        let payload = self.slice(start, len).get(FRAME_HEADER..).unwrap_or_default();
        Ok(Step::Frame(Frame { first: header.first, before, payload }))
    }

    /// As `step`, for stretches that must be whole: anything bad, or an end before `end`, is damage.
    pub(crate) fn must(&mut self) -> Result<Option<Frame<'_>>, JournalError> {
        let (at, end, segment) = (self.at, self.end, self.segment);
        match self.step()? {
            Step::Frame(frame) => Ok(Some(frame)),
            Step::End if at.offset == end => Ok(None),
            Step::End => Err(damaged(segment, at.offset, at.seq + 1, "records are missing here")),
            Step::Bad(what) => Err(damaged(segment, at.offset, at.seq + 1, what)),
        }
    }

    fn window(&self, len: usize) -> &[u8] {
        self.slice(self.at.offset, len)
    }

    fn slice(&self, from: u64, len: usize) -> &[u8] {
        let start = usize::try_from(from - self.window_at).unwrap_or(usize::MAX);
        self.window.get(start..start.saturating_add(len)).unwrap_or_default()
    }

    fn fill(&mut self, len: usize) -> Result<(), JournalError> {
        let have = self.window_at + self.window.len() as u64;
        if self.at.offset >= self.window_at && self.at.offset + len as u64 <= have {
            return Ok(());
        }
        let most = usize::try_from(self.end - self.at.offset).unwrap_or(usize::MAX);
        self.window.resize(len.max(self.ahead).min(most), 0);
        self.window_at = self.at.offset;
        self.file
            .read_at(&mut self.window, self.window_at)
            .map_err(|e| JournalError::io(format!("cannot read {} at byte {}", name(self.segment), self.window_at), &e))
    }
}

/// Where the first frame of a segment stands.
pub(crate) const FIRST_FRAME: u64 = BLOCK as u64;

/// The file name of a segment.
pub(crate) fn name(segment: u64) -> String {
    format!("segment-{segment:010}")
}

pub(crate) fn damaged(segment: u64, offset: u64, seq: u64, what: impl Into<String>) -> JournalError {
    JournalError::Damaged { file: name(segment), segment, offset, seq, what: what.into(), hint: RESTORE }
}

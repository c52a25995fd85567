//! What opening the journal found and mended.

use crate::Head;

/// The report of [`crate::SegmentLog::open`]. Damage is not in here: it is an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// The last run closed the journal in order.
    pub clean: bool,
    /// Where the log ends now.
    pub head: Head,
    /// Segments with records.
    pub segments: u64,
    /// Empty after an orderly close of an unharmed journal.
    pub repairs: Vec<Repair>,
}

/// Something that was not as it should be, and of which no acknowledged record was part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Repair {
    /// A group that was being written when the power went: never acknowledged, now zeros.
    TornTail { segment: u64, offset: u64, bytes: u64 },
    /// Bytes that are no frame behind the end of an orderly closed log, now zeros.
    StrayBytes { segment: u64, offset: u64, bytes: u64 },
    /// One slot of the durable mark was bad and is rewritten from the other.
    MarkSlot { slot: u64 },
    /// A trailer without the segment after it was not whole; now zeros.
    TrailerCleared { segment: u64 },
    /// A prepared segment without records was not blank; it is made anew.
    SpareDropped { segment: u64, what: String },
    /// A file of an unfinished step.
    LeftoverRemoved { name: String },
}

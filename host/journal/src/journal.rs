//! The one trait everything above writes through.

use crate::JournalError;
use changzhi_model::Seq;
use std::ops::ControlFlow;

/// The last durable record and the chain hash after it. `Head::EMPTY` before the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    pub seq: Seq,
    pub chain: [u8; 32],
}

impl Head {
    pub const EMPTY: Head = Head { seq: Seq::ZERO, chain: [0; 32] };
}

/// Told after each group commit, or once that the journal failed.
pub type DurableHook = Box<dyn Fn(Result<Seq, JournalError>) + Send + Sync>;
/// Runs before each group is written; an error fails the journal.
pub type CommitHook = Box<dyn Fn() -> Result<(), String> + Send + Sync>;
/// Takes one record; `Break` ends the reading.
pub type Each<'a> = &'a mut dyn FnMut(Seq, &[u8]) -> ControlFlow<()>;

/// An ordered, durable, hash-chained log of records.
///
/// Sequences are dense from 1. Nothing is reported durable (by [`Journal::durable`], a wait or a hook) before it would
/// survive a power cut. After the first write or sync error nothing is acknowledged any more.
///
/// Hooks run on the log thread: they must be short, and must neither append nor wait, or the log waits for itself.
pub trait Journal: Send + Sync + 'static {
    /// Fixes the record's place and queues it; returns at once with its sequence, not durable yet.
    /// Blocks only for back-pressure (too many bytes queued) and while the next segment is being prepared.
    ///
    /// # Errors
    /// `Full` and `TooLarge` come before a sequence is given: nothing happened. `Failed` and `Closed` are final.
    fn append(&self, record: &[u8]) -> Result<Seq, JournalError>;

    /// The last durable record.
    fn head(&self) -> Head;

    /// Sequence of the last durable record; one atomic load.
    fn durable(&self) -> Seq;

    /// Blocks until `seq` is durable.
    ///
    /// # Errors
    /// `Failed` when it will never be; `NotAppended` when nobody appended it.
    fn wait_durable(&self, seq: Seq) -> Result<(), JournalError>;

    /// Called on the log thread after each group commit with the newest durable sequence, or once on failure.
    /// A hook added after the failure is told at once.
    fn on_durable(&self, hook: DurableHook);

    /// Called on the log thread before each group is written.
    fn before_commit(&self, hook: CommitHook);

    /// One durable record, checked against checksum and chain; `None` when there is none of that number (yet).
    fn get(&self, seq: Seq) -> Result<Option<Vec<u8>>, JournalError>;

    /// The durable records from `from` on, in order, each checked before it is handed out.
    /// Ends at what was durable when it was called.
    fn read(&self, from: Seq, each: Each<'_>) -> Result<(), JournalError>;

    /// The chain hash after record `seq` (zeros for 0), to compare a snapshot or an index with the log.
    /// `None` when `seq` is not durable.
    fn chain_at(&self, seq: Seq) -> Result<Option<[u8; 32]>, JournalError>;
}

//! What can go wrong with the journal, and how to mend it.
//!
//! Three things are kept apart because the host answers them differently: [`JournalError::Full`] is a refusal (nothing
//! happened, it passes), [`JournalError::Failed`] is final for this process (exit and start again), and
//! [`JournalError::Damaged`] needs a person.

use std::io;

/// Cloneable, because one failure is told to every waiter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JournalError {
    /// Refused before anything was done; the same append works when space is back. Reads go on.
    #[error(
        "the disk is full: {why}; nothing was written. Free space on the journal's disk; appends then go on by themselves"
    )]
    Full { why: String },
    /// Refused before anything was done.
    #[error(
        "the record has {len} bytes, at most {max} are allowed: split it, or keep large values in files and journal their digest"
    )]
    TooLarge { len: usize, max: usize },
    /// A write or sync failed. What was acknowledged stays; nothing is acknowledged any more by this process.
    #[error("the journal stopped: {why}; nothing after it is acknowledged. Check the disk, then restart the host")]
    Failed { why: String },
    /// Bytes are not what was written. Never repaired by guessing.
    #[error("the journal is damaged in {file} at byte {offset}, at record {seq}: {what}. {hint}")]
    Damaged { file: String, segment: u64, offset: u64, seq: u64, what: String, hint: &'static str },
    #[error("{file} has format version {found}, this host knows {known}: use the host that wrote it, or a newer one")]
    Version { file: String, found: u32, known: u32 },
    #[error(
        "the journal in {place} is in use by another process: stop that host first, two may never write one journal"
    )]
    Locked { place: String },
    #[error("the journal is closed")]
    Closed,
    #[error("record {seq} was never appended, the last one is {last}")]
    NotAppended { seq: u64, last: u64 },
    #[error("wrong journal options: {0}")]
    Options(String),
    /// Reading, listing or opening failed; nothing is known to be lost.
    #[error("{what}: {why}; check the disk and the rights on the journal's folder")]
    Io { what: String, why: String },
    /// A caller's closure could not make sense of a record, or its output could not be written.
    #[error("export stopped at record {seq}: {why}")]
    Export { seq: u64, why: String },
}

/// What an operator can do about damage.
pub(crate) const RESTORE: &str = "Nothing was changed. Copy the folder away, then restore this file from a backup or a standby and run `journal verify`";

impl JournalError {
    /// `Full` when the error says so, else `Io`.
    pub(crate) fn io(what: impl Into<String>, error: &io::Error) -> JournalError {
        let what = what.into();
        if is_full(error) {
            JournalError::Full { why: format!("{what}: {error}") }
        } else {
            JournalError::Io { what, why: error.to_string() }
        }
    }

    /// True for a refusal that passes when space is back.
    pub fn is_full(&self) -> bool {
        matches!(self, JournalError::Full { .. })
    }
}

pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

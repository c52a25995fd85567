//! What can go wrong with the store, and why it was rebuilt.

use std::path::PathBuf;

/// Why the store cannot answer. The journal is not touched by any of these.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("store file {path}: {what} failed: {source}; check the disk and the folder's rights")]
    Io { path: PathBuf, what: &'static str, source: std::io::Error },
    #[error("the store failed ({0}); nothing is lost: start the host again and it is rebuilt from the journal")]
    Engine(String),
    #[error(
        "a value in the store is damaged (key {0}); nothing is lost: start the host again and it is rebuilt from the journal"
    )]
    Damaged(String),
    #[error("the journal cannot be read for the store: {0}")]
    Source(String),
    #[error("record {seq} of the journal cannot be indexed: {what}")]
    Record { seq: u64, what: String },
    #[error("quarantine: {0}")]
    Quarantine(String),
    #[error("the store is closed")]
    Closed,
}

/// Why the store was thrown away and rebuilt from the journal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reason {
    #[error("its files were not there")]
    Missing,
    #[error("file {0} is not as the last clean close left it")]
    Altered(String),
    #[error("it could not be opened: {0}")]
    Unreadable(String),
    #[error("the process ended while opening it")]
    OpeningDied,
    #[error("a damaged value was met in it")]
    DamageMet,
    #[error("it is at transaction {store}, ahead of the journal's {journal}")]
    Ahead { store: u64, journal: u64 },
    #[error("its transaction {0} is not the journal's: it belongs to another journal")]
    Disagrees(u64),
}

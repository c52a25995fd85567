//! The embedded sled store behind the journal; all of it can be rebuilt.
//!
//! sled 1.0.0-alpha holds which request became which transaction. Nothing is acknowledged from it: the journal is the truth,
//! [`Store::note_committed`] runs on a background thread behind it, and [`Store::open`] catches up from the journal, or throws
//! the store away and rebuilds it whenever there is a doubt ([`Reason`]). The one thing that is not in the journal, the
//! quarantined inputs of plugins, is kept as plain checksummed files beside sled, so that a rebuild leaves it alone.
//!
//! What guards what is read: after a clean close every file's SHA-256 stands in a manifest that the next open checks; the last
//! indexed transaction is compared with the journal's; each value carries its own checksum; sled's known panics are caught; an
//! opening that killed the process is not tried twice. sled's own flusher thread aborts the process when a flush fails
//! (`db.rs`), so it is off: the store flushes itself, at most every 5 s while it is written and at the close.
//!
//! Price: a lookup is one sled get; a kill costs re-reading what the last flush did not cover; a doubt costs one pass over the
//! journal.

mod engine;
mod error;
mod manifest;
mod quarantine;
mod source;
mod store;
mod value;

pub use error::{Reason, StoreError};
pub use quarantine::{KeptInput, MAX_KEPT_BYTES, MAX_KEPT_FOR_A_PLUGIN};
pub use source::Source;
pub use store::{Noted, Opened, Store};

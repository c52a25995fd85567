//! The log that acknowledges: segments, group commit, hash chain, power-cut proof.
//!
//! # On disk
//! One folder, belonging to one process (advisory lock):
//!
//! | file | content |
//! |---|---|
//! | `segment-0000000001`, … | a header block, frames, zeros, a trailer block once sealed; preallocated by writing zeros |
//! | the one after the last | prepared ahead: zeros only |
//! | `head` | the durable mark, in two slots |
//! | `lock` | empty |
//!
//! Blocks (`block.rs`) are 4096 bytes with a CRC-32 over all of it. A frame (`frame.rs`) is one group commit: header with
//! length, first sequence, count, chain hash after it and a CRC-32 over the whole, then length-prefixed records. The chain
//! is h(i) = SHA-256(h(i-1) ‖ length ‖ record), see [`link`].
//!
//! # Invariants
//! 1. A record is called durable only after fdatasync of its frame returned; a frame is there whole or not at all.
//! 2. A frame is written only after the frame before it is synced; a segment's header only after the trailer of the one
//!    before it. So a bad frame with a valid one behind it was whole once: that is damage and stops the host.
//! 3. A torn tail lies past the durable mark and has no valid frame behind it. It is zeroed, durably, before new appends.
//! 4. The mark says "clean" in both slots after an orderly close, in neither while the journal is open.
//! 5. `append` gives a sequence only when the bytes already have a place on the disk: disk full is a refusal, not a failure.
//! 6. Any write or sync error is final for the process: waiters, later appends and hooks get it, nothing is acknowledged.
//! 7. Every read checks checksum, sequence and chain; a flipped bit is an error, never data.
//!
//! Assumed of the disk: a 512-byte sector is written whole or not at all, and overwriting a page does not harm bytes in it
//! that stay the same. Not assumed: any order between writes that no sync separates.
//!
//! # Price
//! One write and one fdatasync a group, whatever its size; three more syncs and 64 MiB of zeros a segment. Opening reads
//! the last segment and the prepared one, two blocks of every other (2 GB: 0.3 s). `get` reads and hashes its frame (up to
//! 256 KiB when many writers are at work) and up to 16 KiB in front of it.

mod block;
mod chain;
mod cursor;
mod disk;
mod error;
mod export;
mod frame;
mod fs_disk;
mod journal;
mod keeper;
mod log_thread;
mod mark_file;
mod memory;
mod notices;
mod options;
mod queue;
mod recover;
mod recovery;
mod segment_log;
mod segments;
mod shared;
mod sim_disk;
mod tail;
mod verify;

pub use chain::link;
pub use changzhi_model::{Clock, ManualClock, SystemClock};
pub use disk::{Disk, DiskFile};
pub use error::JournalError;
pub use export::{Decode, Export, export};
pub use fs_disk::FsDisk;
pub use journal::{CommitHook, DurableHook, Each, Head, Journal};
pub use memory::MemoryJournal;
pub use options::Options;
pub use recovery::{Recovery, Repair};
pub use segment_log::SegmentLog;
pub use sim_disk::SimDisk;
pub use verify::Verified;

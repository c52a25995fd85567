//! Files people attach: what they are, what is taken out of them, and where they lie.
//!
//! ```text
//! bytes as sent ─▶ clean      what is it (by content, never by name), is it whole, re-encoded without its metadata
//!               ─▶ seal       AES-256-GCM under a key made for this one file
//!               ─▶ Blobs::put named by the SHA-256 of the sealed bytes, on disk before it answers
//! ```
//!
//! The key of a file is not kept here: whoever keeps it (the host's journal, sealed under the file's own key in the vault) can
//! destroy it, and then the bytes are noise wherever a copy of them lies (CHARTER 8).
//!
//! Invariants:
//! 1. What is kept is a JPEG or PNG this crate encoded itself, or a PDF. Nothing of a sent picture but its pixels survives:
//!    no place, no device, no time, no preview, nothing behind its end.
//! 2. A name is the hash of the bytes under it. Bytes that do not fit their name are [`StoreError::Damaged`], never an answer.
//! 3. Nothing is decoded before its size in pixels is known to be within [`Limits`].
//!
//! Price: a picture is decoded and encoded once, some 100 ms a 12-megapixel photo in release and four bytes a pixel of memory
//! meanwhile: callers bound how many they do at once. A PDF is kept as it is: its own metadata stays.

mod clean;
mod folder;
mod memory;
mod sealed;
mod sniff;
mod store;

pub use clean::{Clean, Limits, clean};
pub use folder::Folder;
pub use memory::Memory;
pub use sealed::{Key, SealError, open, seal};
pub use sniff::{Kind, Refused, sniff};
pub use store::{BlobName, Blobs, StoreError};

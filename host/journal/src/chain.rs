//! The hash chain: h(i) = SHA-256(h(i-1) ‖ length as u32 LE ‖ record), h(0) = 32 zero bytes.
//!
//! The length is hashed too, so that two records cannot be re-cut into others with the same chain.
//! Price: about 0.2 µs for a record of 200 bytes with SHA instructions.

use sha2::{Digest, Sha256};

/// The chain hash after `record`.
pub fn link(before: &[u8; 32], record: &[u8]) -> [u8; 32] {
    let len = u32::try_from(record.len()).unwrap_or(u32::MAX);
    Sha256::new().chain_update(before).chain_update(len.to_le_bytes()).chain_update(record).finalize().into()
}

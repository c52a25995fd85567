//! Bytes of the key file: a header, then groups, one for each sync.
//!
//! header: `CZKEYS01` ‖ generation u64 ‖ crc32. group: `KGRP` ‖ count u32 ‖ crc32 over (count ‖ entries) ‖ entries. entry:
//! kind u8 (1 key, 2 erased) ‖ subject u64 ‖ nonce 12 ‖ wrapped key 48. Little-endian. A group is synced before the next is
//! written, so an unreadable group with a readable one behind it is damage; without one it is a torn tail. Zeros after the last
//! group are space held ready.

use crate::crypt::{NONCE, WRAPPED, Wrapped};
use changzhi_model::EntityId;

pub(crate) const HEADER: usize = 20;
const MAGIC: &[u8; 8] = b"CZKEYS01";
const GROUP: &[u8; 4] = b"KGRP";
const GROUP_HEAD: usize = 12;
pub(crate) const ENTRY: usize = 1 + 8 + NONCE + WRAPPED;
/// Entries in one group at most: bounds what a damaged count can claim.
pub(crate) const GROUP_MAX: usize = 1 << 16;

/// What is known of a subject's key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    Key(Wrapped),
    Erased,
}

pub(crate) type Entry = (EntityId, Slot);

pub(crate) fn header(generation: u64) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&generation.to_le_bytes());
    let crc = crc32fast::hash(&out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

/// Appends one group; the caller keeps to [`GROUP_MAX`].
pub(crate) fn group(out: &mut Vec<u8>, entries: &[Entry]) {
    let mut body = Vec::with_capacity(4 + entries.len() * ENTRY);
    body.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    for (subject, slot) in entries {
        let (kind, nonce, bytes) = match slot {
            Slot::Key(w) => (1, w.nonce, w.bytes),
            Slot::Erased => (2, [0; NONCE], [0; WRAPPED]),
        };
        body.push(kind);
        body.extend_from_slice(&subject.0.to_le_bytes());
        body.extend_from_slice(&nonce);
        body.extend_from_slice(&bytes);
    }
    let (count, rest) = body.split_at(4);
    out.extend_from_slice(GROUP);
    out.extend_from_slice(count);
    out.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    out.extend_from_slice(rest);
}

/// Bytes a group of `n` entries takes.
pub(crate) fn group_len(n: usize) -> u64 {
    (GROUP_HEAD + n * ENTRY) as u64
}

/// What a key file holds.
pub(crate) struct Scan {
    pub(crate) entries: Vec<Entry>,
    /// Where the next group goes.
    pub(crate) end: usize,
    /// Bytes after `end` that are neither zeros nor a group: a torn tail.
    pub(crate) torn: usize,
}

/// `Err((at, what))` is damage.
pub(crate) fn scan(bytes: &[u8], generation: u64) -> Result<Scan, (usize, &'static str)> {
    if bytes.get(..HEADER) != Some(header(generation).as_slice()) {
        return Err((0, "its header is not the one of this generation"));
    }
    let mut entries = Vec::new();
    let mut at = HEADER;
    while let Some(next) = read_group(bytes, at, Some(&mut entries)) {
        at = next;
    }
    let tail = bytes.get(at..).unwrap_or_default();
    let later = (1..tail.len().saturating_sub(GROUP_HEAD))
        .filter(|i| tail.get(*i..i + GROUP.len()) == Some(GROUP))
        .any(|i| read_group(bytes, at + i, None).is_some());
    if later {
        return Err((at, "an unreadable group stands before readable ones"));
    }
    let torn = tail.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    Ok(Scan { entries, end: at, torn })
}

/// The offset after the group at `at`, when there is a whole one.
fn read_group(bytes: &[u8], at: usize, into: Option<&mut Vec<Entry>>) -> Option<usize> {
    let rest = bytes.get(at..)?.strip_prefix(GROUP)?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let n = u32::from_le_bytes(*count) as usize;
    if n > GROUP_MAX {
        return None;
    }
    let body = rest.get(..n * ENTRY)?;
    let mut sum = crc32fast::Hasher::new();
    sum.update(count);
    sum.update(body);
    if sum.finalize() != u32::from_le_bytes(*crc) {
        return None;
    }
    let mut parsed = Vec::new();
    for entry in body.chunks_exact(ENTRY) {
        let (kind, rest) = entry.split_first()?;
        let (subject, rest) = rest.split_first_chunk::<8>()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
        let slot = match kind {
            1 => Slot::Key(Wrapped { nonce: *nonce, bytes: rest.try_into().ok()? }),
            2 => Slot::Erased,
            _ => return None,
        };
        if into.is_some() {
            parsed.push((EntityId(u64::from_le_bytes(*subject)), slot));
        }
    }
    if let Some(into) = into {
        into.append(&mut parsed);
    }
    Some(at + GROUP_HEAD + n * ENTRY)
}

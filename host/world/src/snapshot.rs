//! Snapshots: the world in columns, compressed, so that ten million entities open in seconds.
//!
//! Layout: magic, format, then frames {tag, raw length, length, CRC-32, zstd-1 payload}; the first is the header, the last
//! holds the SHA-256 of every byte before it, and nothing follows. Contract: a flipped bit, a cut file, bytes after the end or
//! another format are errors and no world is returned. Sealed values are not in it, only where they are in the journal.
//! A snapshot can always be thrown away: the journal is the truth.

mod bytes;
mod frame;
mod read;
mod write;

use crate::ledger::Ledger;
use changzhi_model::{FacetDecl, Family, KindDecl, Name};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"CZWORLD\n";
const FORMAT: u32 = 1;
/// Rows of one chunk; a multiple of 64, so that presence words are never split, and few enough that a
/// chunk stays in the cache between its steps.
const ROWS: usize = 1 << 16;

const HEADER: u8 = 1;
const CORE: u8 = 2;
const POSITIONS: u8 = 3;
const ROW: u8 = 4;
const FIELD: u8 = 5;
const KEYS: u8 = 6;
const EXTENTS: u8 = 7;
const FOOTER: u8 = 255;

#[derive(Serialize, Deserialize)]
struct Header {
    seq: u64,
    chain: [u8; 32],
    last_at: i64,
    zone: String,
    entities: u64,
    kinds: Vec<Name>,
    families: Vec<Family>,
    kind_revisions: Vec<u64>,
    categories: Vec<Name>,
    states: Vec<Name>,
    kind_decls: Vec<KindDecl>,
    facets: Vec<FacetHead>,
    ledger: Ledger,
}

#[derive(Serialize, Deserialize)]
struct FacetHead {
    decl: FacetDecl,
    rows: u64,
    revision: u64,
    /// Names of each coded field.
    codes: Vec<Vec<Name>>,
}

//! The three fixed blocks of 4096 bytes: segment header, segment trailer, durable mark.
//!
//! Each is {magic 8, format version u32, fields, zeros, CRC-32 over all before it}, so that a flipped bit anywhere in the
//! block shows, and a block of zeros means "never written". A whole disk sector (512 or 4096) belongs to one block only.

use crate::JournalError;

pub(crate) const BLOCK: usize = 4096;
pub(crate) const FORMAT_VERSION: u32 = 1;
const BODY: usize = BLOCK - 4;

/// What a block turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Block<T> {
    Blank,
    Bad,
    Version(u32),
    Good(T),
}

impl<T> Block<T> {
    /// The content, or an error for a version of another time; `None` for blank and bad ones.
    pub(crate) fn known(self, file: &str) -> Result<Option<T>, JournalError> {
        match self {
            Block::Good(t) => Ok(Some(t)),
            Block::Version(found) => Err(JournalError::Version { file: file.to_owned(), found, known: FORMAT_VERSION }),
            Block::Blank | Block::Bad => Ok(None),
        }
    }
}

/// First block of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SegmentHeader {
    pub index: u64,
    /// Sequence of the first record.
    pub first: u64,
    /// Chain hash before it.
    pub chain: [u8; 32],
    /// Mixed into every frame's checksum: a record that contains the image of a frame is not taken for one.
    pub salt: u64,
    /// Length of the file.
    pub bytes: u64,
}

/// Last block of a sealed segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Trailer {
    pub index: u64,
    /// Sequence of the last record.
    pub last: u64,
    pub chain: [u8; 32],
    /// Where the last frame ends.
    pub end: u64,
}

/// One slot of the `head` file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
    /// The larger of two slots is the newer.
    pub generation: u64,
    /// Written by an orderly close; the log ends exactly here.
    pub clean: bool,
    pub seq: u64,
    pub chain: [u8; 32],
    /// 0 before the first segment.
    pub segment: u64,
    pub offset: u64,
}

pub(crate) trait Content: Sized {
    const MAGIC: &'static [u8; 8];
    fn put(&self, out: &mut Vec<u8>);
    fn take(from: &mut Fields<'_>) -> Option<Self>;

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BLOCK);
        out.extend_from_slice(Self::MAGIC);
        out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        self.put(&mut out);
        out.resize(BODY, 0);
        let crc = crc32fast::hash(&out);
        out.extend_from_slice(&crc.to_le_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Block<Self> {
        if bytes.iter().all(|b| *b == 0) {
            return Block::Blank;
        }
        let Some((body, crc)) = bytes.split_at_checked(BODY) else { return Block::Bad };
        if crc != crc32fast::hash(body).to_le_bytes() {
            return Block::Bad;
        }
        let mut fields = Fields(body);
        if fields.array::<8>().as_ref() != Some(Self::MAGIC) {
            return Block::Bad;
        }
        match fields.u32() {
            Some(FORMAT_VERSION) => Self::take(&mut fields).map_or(Block::Bad, Block::Good),
            Some(other) => Block::Version(other),
            None => Block::Bad,
        }
    }
}

impl Content for SegmentHeader {
    const MAGIC: &'static [u8; 8] = b"CZJSEG\r\n";
    fn put(&self, out: &mut Vec<u8>) {
        for n in [self.index, self.first, self.salt, self.bytes] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&self.chain);
    }
    fn take(f: &mut Fields<'_>) -> Option<Self> {
        Some(SegmentHeader { index: f.u64()?, first: f.u64()?, salt: f.u64()?, bytes: f.u64()?, chain: f.array()? })
    }
}

impl Content for Trailer {
    const MAGIC: &'static [u8; 8] = b"CZJEND\r\n";
    fn put(&self, out: &mut Vec<u8>) {
        for n in [self.index, self.last, self.end] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&self.chain);
    }
    fn take(f: &mut Fields<'_>) -> Option<Self> {
        Some(Trailer { index: f.u64()?, last: f.u64()?, end: f.u64()?, chain: f.array()? })
    }
}

impl Content for Mark {
    const MAGIC: &'static [u8; 8] = b"CZJHEAD\n";
    fn put(&self, out: &mut Vec<u8>) {
        for n in [self.generation, u64::from(self.clean), self.seq, self.segment, self.offset] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&self.chain);
    }
    fn take(f: &mut Fields<'_>) -> Option<Self> {
        Some(Mark {
            generation: f.u64()?,
            clean: f.u64()? != 0,
            seq: f.u64()?,
            segment: f.u64()?,
            offset: f.u64()?,
            chain: f.array()?,
        })
    }
}

/// Takes little-endian fields off the front of a slice.
pub(crate) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
    pub(crate) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(front)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_a_block_is_covered_by_its_checksum() {
        let mark = Mark { generation: 7, clean: true, seq: 9, chain: [3; 32], segment: 2, offset: 4500 };
        let bytes = mark.encode();
        assert_eq!(Mark::decode(&bytes), Block::Good(mark));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Mark::decode(&flipped), Block::Bad, "bit {bit}");
        }
    }

    #[test]
    fn a_block_of_another_version_is_named_and_not_called_damage() {
        let mut bytes = Trailer { index: 1, last: 2, chain: [0; 32], end: 5000 }.encode();
        bytes[8..12].copy_from_slice(&99u32.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..BODY]).to_le_bytes();
        bytes[BODY..].copy_from_slice(&crc);
        assert_eq!(Trailer::decode(&bytes), Block::Version(99));
        assert_eq!(Trailer::decode(&[0; BLOCK]), Block::Blank);
    }
}

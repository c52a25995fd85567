//! One frame: {tag u8, raw length u32, length u32, CRC-32 of tag, lengths and payload, payload}.

use crate::error::SnapshotError;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// Largest frame, packed or not.
const MOST: u32 = 1 << 30;

pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
}

impl<'a> Writer<'a> {
    pub fn new(out: &'a mut dyn Write) -> Writer<'a> {
        Writer { out, hash: Sha256::new() }
    }

    pub fn plain(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.hash.update(bytes);
        Ok(self.out.write_all(bytes)?)
    }

    pub fn packed(&mut self, tag: u8, raw: &[u8]) -> Result<(), SnapshotError> {
        let packed = zstd::bulk::compress(raw, 1)?;
        self.frame(tag, raw.len(), &packed)
    }

    fn frame(&mut self, tag: u8, raw: usize, payload: &[u8]) -> Result<(), SnapshotError> {
        let too_large = || std::io::Error::other("a chunk of the snapshot passes 1 GiB");
        let raw = u32::try_from(raw).ok().filter(|n| *n <= MOST).ok_or_else(too_large)?;
        let len = u32::try_from(payload.len()).ok().filter(|n| *n <= MOST).ok_or_else(too_large)?;
        let mut head = vec![tag];
        head.extend_from_slice(&raw.to_le_bytes());
        head.extend_from_slice(&len.to_le_bytes());
        let crc = checksum(&head, payload);
        head.extend_from_slice(&crc.to_le_bytes());
        self.plain(&head)?;
        self.plain(payload)
    }

    pub fn finish(mut self, footer: u8) -> Result<(), SnapshotError> {
        let hash: [u8; 32] = self.hash.clone().finalize().into();
        self.frame(footer, hash.len(), &hash)?;
        Ok(self.out.flush()?)
    }
}

fn checksum(head: &[u8], payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(head);
    crc.update(payload);
    crc.finalize()
}

pub(super) struct Reader<'a> {
    input: &'a mut (dyn Read + Send),
    hash: Sha256,
}

impl<'a> Reader<'a> {
    pub fn new(input: &'a mut (dyn Read + Send)) -> Reader<'a> {
        Reader { input, hash: Sha256::new() }
    }

    pub fn plain<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let mut bytes = [0; N];
        self.exact(&mut bytes)?;
        self.hash.update(bytes);
        Ok(bytes)
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), SnapshotError> {
        self.input.read_exact(bytes).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => SnapshotError::Damaged("it is cut short".into()),
            _ => e.into(),
        })
    }

    /// The next frame, unpacked; `None` at the footer, which must match and be the end.
    pub fn next(&mut self, footer: u8) -> Result<Option<(u8, Vec<u8>)>, SnapshotError> {
        let damaged = |what: &str| SnapshotError::Damaged(what.into());
        let before: [u8; 32] = self.hash.clone().finalize().into();
        let [tag] = self.plain()?;
        let (raw, len, crc) = (self.plain::<4>()?, self.plain::<4>()?, self.plain::<4>()?);
        let (size, raw_size) = (u32::from_le_bytes(len), u32::from_le_bytes(raw));
        if size > MOST || raw_size > MOST {
            return Err(damaged("a length is impossible"));
        }
        let mut payload = Vec::new();
        (&mut *self.input).take(size.into()).read_to_end(&mut payload)?;
        if payload.len() != size as usize {
            return Err(damaged("it is cut short"));
        }
        self.hash.update(&payload);
        let head: Vec<u8> = [tag].into_iter().chain(raw).chain(len).collect();
        if checksum(&head, &payload) != u32::from_le_bytes(crc) {
            return Err(damaged("a checksum does not match"));
        }
        if tag == footer {
            let mut more = [0];
            if payload != before || self.input.read(&mut more)? != 0 {
                return Err(damaged("its hash does not match, or bytes follow its end"));
            }
            return Ok(None);
        }
        let unpacked = zstd::bulk::decompress(&payload, raw_size as usize).map_err(|e| damaged(&e.to_string()))?;
        if unpacked.len() != raw_size as usize {
            return Err(damaged("a chunk unpacks to another length"));
        }
        Ok(Some((tag, unpacked)))
    }
}

//! One frame a group commit.
//!
//! ```text
//! offset 0   magic          4   "CZF1"
//!        4   payload length 4   u32 LE
//!        8   first sequence 8   u64 LE
//!       16   record count   4   u32 LE
//!       20   chain hash     32  after the last record
//!       52   CRC-32         4   over segment salt (u64 LE) ‖ bytes 0..52 ‖ payload
//!       56   payload            records, each {length u32 LE, bytes}
//! ```
//!
//! The checksum is over the group, not the record: a group is there whole or not at all.

use crate::block::Fields;

pub(crate) const FRAME_HEADER: usize = 56;
pub(crate) const MAGIC: [u8; 4] = *b"CZF1";
const CRC_AT: usize = 52;

#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameHeader {
    pub payload: u32,
    pub first: u64,
    pub count: u32,
    pub chain: [u8; 32],
    crc: u32,
}

impl FrameHeader {
    /// `None` when the magic is not there.
    pub(crate) fn parse(bytes: &[u8]) -> Option<FrameHeader> {
        let mut f = Fields(bytes);
        if f.array::<4>()? != MAGIC {
            return None;
        }
        Some(FrameHeader { payload: f.u32()?, first: f.u64()?, count: f.u32()?, chain: f.array()?, crc: f.u32()? })
    }

    /// Does the checksum over header and payload hold? `frame` is the whole frame.
    pub(crate) fn holds(&self, salt: u64, frame: &[u8]) -> bool {
        checksum(salt, frame) == Some(self.crc)
    }

    pub(crate) fn frame_len(&self) -> u64 {
        FRAME_HEADER as u64 + u64::from(self.payload)
    }
}

fn checksum(salt: u64, frame: &[u8]) -> Option<u32> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&salt.to_le_bytes());
    crc.update(frame.get(..CRC_AT)?);
    crc.update(frame.get(FRAME_HEADER..)?);
    Some(crc.finalize())
}

/// Fills in the header of a frame whose payload already stands behind `FRAME_HEADER` reserved bytes.
pub(crate) fn seal(frame: &mut [u8], salt: u64, first: u64, count: u32, chain: &[u8; 32]) {
    let payload = u32::try_from(frame.len().saturating_sub(FRAME_HEADER)).unwrap_or(u32::MAX);
    let mut header = [0u8; FRAME_HEADER];
    let fields: [&[u8]; 5] =
        [&MAGIC, &payload.to_le_bytes(), &first.to_le_bytes(), &count.to_le_bytes(), chain.as_slice()];
    for (to, from) in header.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    if let Some(front) = frame.first_chunk_mut::<FRAME_HEADER>() {
        *front = header;
    }
    let crc = checksum(salt, frame).unwrap_or(0).to_le_bytes();
    for (to, from) in frame.iter_mut().skip(CRC_AT).zip(crc) {
        *to = from;
    }
}

/// The records of a payload; `Err` when its lengths do not add up.
pub(crate) struct Records<'a>(pub Fields<'a>);

impl<'a> Records<'a> {
    pub(crate) fn of(payload: &'a [u8]) -> Records<'a> {
        Records(Fields(payload))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<&'a [u8], ()>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.0.is_empty() {
            return None;
        }
        let record = self.0.u32().and_then(|len| self.0.bytes(len as usize)).ok_or(());
        if record.is_err() {
            self.0.0 = &[];
        }
        Some(record)
    }
}

/// Is there a frame in `bytes` whose checksum holds? Its place, if so.
pub(crate) fn find_valid(bytes: &[u8], salt: u64) -> Option<usize> {
    find_magic(bytes).find(|at| {
        let Some(rest) = bytes.get(*at..) else { return false };
        let Some(header) = FrameHeader::parse(rest) else { return false };
        let Ok(len) = usize::try_from(header.frame_len()) else { return false };
        rest.get(..len).is_some_and(|frame| header.holds(salt, frame))
    })
}

/// Every place where a frame might begin.
pub(crate) fn find_magic(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    bytes.windows(MAGIC.len()).enumerate().filter(|(_, w)| *w == MAGIC).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(records: &[&[u8]], salt: u64, first: u64) -> Vec<u8> {
        let mut f = vec![0; FRAME_HEADER];
        for r in records {
            f.extend_from_slice(&u32::try_from(r.len()).unwrap().to_le_bytes());
            f.extend_from_slice(r);
        }
        seal(&mut f, salt, first, u32::try_from(records.len()).unwrap(), &[9; 32]);
        f
    }

    #[test]
    fn a_frame_reads_back_and_every_flipped_bit_shows() {
        let f = frame(&[b"one", b"", b"three"], 42, 7);
        let h = FrameHeader::parse(&f).unwrap();
        assert!(h.holds(42, &f) && h.first == 7 && h.count == 3 && h.chain == [9; 32]);
        let records: Vec<_> = Records::of(&f[FRAME_HEADER..]).map(|r| r.unwrap()).collect();
        assert_eq!(records, [b"one".as_slice(), b"", b"three"]);
        for bit in 0..f.len() * 8 {
            let mut bad = f.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(!FrameHeader::parse(&bad).is_some_and(|h| h.holds(42, &bad)), "bit {bit}");
        }
    }

    #[test]
    fn a_frame_inside_a_record_is_not_taken_for_one_without_the_segments_salt() {
        let forged = frame(&[b"evil"], 0, 100);
        assert_eq!(find_valid(&forged, 0), Some(0));
        assert_eq!(find_valid(&forged, 12345), None);
    }

    #[test]
    fn lengths_that_do_not_add_up_are_an_error_once() {
        let got: Vec<_> = Records::of(&[9, 0, 0, 0, 1]).collect();
        assert_eq!(got, [Err(())]);
    }
}

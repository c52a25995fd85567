//! Keys and values as bytes; each value carries its own checksum over key and value.

use crate::StoreError;
use changzhi_model::{RequestId, Seq};

/// The last indexed transaction, under the key [`MARK`].
pub(crate) const MARK: &[u8] = b"m";
pub(crate) const LEN: usize = 8 + 16 + 16 + 4;

/// One indexed transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) seq: Seq,
    pub(crate) request: RequestId,
    pub(crate) digest: [u8; 16],
}

pub(crate) fn key(request: RequestId) -> [u8; 17] {
    let mut key = [b'r'; 17];
    for (to, from) in key.iter_mut().skip(1).zip(request.0) {
        *to = from;
    }
    key
}

fn sum(key: &[u8], body: &[u8]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(body);
    crc.finalize().to_le_bytes()
}

pub(crate) fn encode(key: &[u8], row: &Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(LEN);
    out.extend_from_slice(&row.seq.0.to_le_bytes());
    out.extend_from_slice(&row.request.0);
    out.extend_from_slice(&row.digest);
    let crc = sum(key, &out);
    out.extend_from_slice(&crc);
    out
}

pub(crate) fn decode(key: &[u8], bytes: &[u8]) -> Result<Row, StoreError> {
    let damaged = || StoreError::Damaged(hex::encode(key));
    let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    let (seq, rest) = body.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (request, digest) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
    let digest = digest.try_into().map_err(|_| damaged())?;
    if sum(key, body) != *crc {
        return Err(damaged());
    }
    Ok(Row { seq: Seq(u64::from_le_bytes(*seq)), request: RequestId(*request), digest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_reads_back_and_any_flipped_bit_or_other_key_is_damage(
            seq: u64, request: [u8; 16], digest: [u8; 16], bit in 0..LEN * 8, other: [u8; 16],
        ) {
            let row = Row { seq: Seq(seq), request: RequestId(request), digest };
            let key = key(row.request);
            let mut bytes = encode(&key, &row);
            prop_assert_eq!(decode(&key, &bytes).unwrap(), row);
            if other != request {
                prop_assert!(decode(&super::key(RequestId(other)), &bytes).is_err());
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(decode(&key, &bytes).is_err());
        }
    }
}

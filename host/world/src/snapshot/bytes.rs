//! Little-endian arrays in and out of a chunk.

use crate::error::SnapshotError;

#[derive(Default)]
pub(super) struct Out(pub Vec<u8>);

macro_rules! number {
    ($put:ident, $take:ident, $kind:ty) => {
        impl Out {
            pub fn $put(&mut self, values: impl IntoIterator<Item = $kind>) {
                for value in values {
                    self.0.extend_from_slice(&value.to_le_bytes());
                }
            }
        }
        impl In<'_> {
            pub fn $take(&mut self, n: usize) -> Result<Vec<$kind>, SnapshotError> {
                const SIZE: usize = size_of::<$kind>();
                let bytes = self.take(n.checked_mul(SIZE).ok_or_else(short)?)?;
                let (whole, _) = bytes.as_chunks::<SIZE>();
                Ok(whole.iter().map(|b| <$kind>::from_le_bytes(*b)).collect())
            }
        }
    };
}

number!(u16s, take_u16s, u16);
number!(u32s, take_u32s, u32);
number!(u64s, take_u64s, u64);
number!(i64s, take_i64s, i64);
number!(f64s, take_f64s, f64);
number!(u128s, take_u128s, u128);

fn short() -> SnapshotError {
    SnapshotError::Damaged("a chunk is shorter than it says".into())
}

pub(super) struct In<'a>(pub &'a [u8]);

impl<'a> In<'a> {
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], SnapshotError> {
        let (head, rest) = self.0.split_at_checked(n).ok_or_else(short)?;
        self.0 = rest;
        Ok(head)
    }

    pub fn one(&mut self) -> Result<usize, SnapshotError> {
        Ok(self.take_u32s(1)?.first().copied().unwrap_or(0) as usize)
    }
}

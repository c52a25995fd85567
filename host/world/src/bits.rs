//! Presence of values, one bit a row.

use std::ops::Range;

#[derive(Default, Debug, Clone)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub fn from_words(words: Vec<u64>, len: usize) -> Option<Bits> {
        (words.len() == len.div_ceil(64)).then_some(Bits { words, len })
    }

    pub fn zeros(len: usize) -> Bits {
        Bits { words: vec![0; len.div_ceil(64)], len }
    }

    pub fn push(&mut self, on: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.len += 1;
        self.set(self.len - 1, on);
    }

    pub fn set(&mut self, row: usize, on: bool) {
        if let Some(word) = self.words.get_mut(row / 64) {
            let bit = 1u64 << (row % 64);
            if on { *word |= bit } else { *word &= !bit }
        }
    }

    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// True when every row of the stretch is on.
    pub fn all(&self, rows: Range<usize>) -> bool {
        let (first, last) = (rows.start / 64, rows.end.div_ceil(64));
        let Some(words) = self.words.get(first..last) else { return rows.is_empty() };
        (first..).zip(words).all(|(n, word)| {
            let from = rows.start.saturating_sub(n * 64).min(63);
            let upto = (rows.end - n * 64).min(64);
            let within = (u64::MAX << from) & (u64::MAX >> (64 - upto));
            word & within == within
        })
    }

    /// Rows that are on, ascending.
    pub fn ones(&self) -> impl Iterator<Item = u32> + '_ {
        let used = self.words.iter().enumerate().filter(|(_, word)| **word != 0);
        let rows =
            used.flat_map(|(n, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| n * 64 + bit));
        rows.filter(|row| *row < self.len).map(|row| row as u32)
    }

    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_of_a_stretch_is_every_row_of_it(off in prop::collection::vec(0usize..200, 0..4), from in 0usize..200, len in 0usize..200) {
            let mut bits = Bits::default();
            (0..200).for_each(|row| bits.push(!off.contains(&row)));
            let rows = from..(from + len).min(200);
            prop_assert_eq!(bits.all(rows.clone()), rows.clone().all(|row| bits.get(row)), "{:?} off {:?}", rows, off);
        }
    }
}

//! Counters written out as columns, in ascending order of the keys.
//!
//! Price: one pass over an array of counters with no division, or a sort of the cells in use.

use super::count::Counter;
use super::key::Key;
use crate::ask::{Codes, TallyTable};
use changzhi_model::Seq;

/// `strides`: how far apart neighbours of each dimension are in the counters.
pub(super) fn table(revision: Seq, keys: Vec<Key>, strides: &[u64], counter: Counter) -> TallyTable {
    let radix: Vec<u64> = keys.iter().map(Key::len).collect();
    let (columns, counts) = match counter {
        Counter::Dense(cells) => dense(&radix, strides, &cells),
        Counter::Sparse(cells, ..) => {
            let mut all: Vec<(u64, u32)> = cells.into_iter().collect();
            all.sort_unstable();
            let column =
                |(radix, stride): (&u64, &u64)| all.iter().map(|(cell, _)| (cell / stride % radix) as u32).collect();
            let columns = radix.iter().zip(strides).map(column).collect();
            (columns, all.iter().map(|(_, n)| u64::from(*n)).collect())
        }
    };
    let names = keys.into_iter().map(|k| k.names);
    let keys = names.zip(columns).map(|(names, index)| Codes { names, index }).collect();
    TallyTable { revision, keys, counts }
}

fn dense(radix: &[u64], strides: &[u64], cells: &[u32]) -> (Vec<Vec<u32>>, Vec<u64>) {
    let used = cells.iter().filter(|n| **n != 0).count();
    let mut columns: Vec<Vec<u32>> = radix.iter().map(|_| Vec::with_capacity(used)).collect();
    let mut counts: Vec<u64> = Vec::with_capacity(used);
    let Some((inner, outer)) = columns.split_last_mut() else {
        counts.extend(cells.first().filter(|n| **n != 0).map(|n| u64::from(*n)));
        return (columns, counts);
    };
    let width = radix.last().copied().unwrap_or(1) as u32;
    let step = strides.last().copied().unwrap_or(1) as usize;
    let mut digits = vec![0u64; outer.len()];
    let mut base = 0usize;
    loop {
        let row = cells.get(base..).unwrap_or_default().iter().step_by(step.max(1));
        for (digit, n) in (0..width).zip(row).filter(|(_, n)| **n != 0) {
            inner.push(digit);
            counts.push(u64::from(*n));
        }
        for (column, digit) in outer.iter_mut().zip(&digits) {
            column.resize(counts.len(), *digit as u32);
        }
        // The next combination of the outer dimensions, the last one turning fastest.
        let wheels = digits.iter_mut().zip(radix.iter().zip(strides)).rev();
        let mut turned = false;
        for (digit, (radix, stride)) in wheels {
            if *digit + 1 < *radix {
                *digit += 1;
                base += *stride as usize;
                turned = true;
                break;
            }
            base -= (*digit * *stride) as usize;
            *digit = 0;
        }
        if !turned {
            return (columns, counts);
        }
    }
}

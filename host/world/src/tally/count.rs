//! Counters: an array where the cells are few, a hash map where they are many and mostly empty.

use super::TALLY_CELLS_MAX;
use hashbrown::HashMap;

pub(super) enum Counter {
    Dense(Vec<u32>),
    Sparse(HashMap<u64, u32>, bool),
}

impl Counter {
    pub fn dense(cells: u64) -> Counter {
        Counter::Dense(vec![0; cells as usize])
    }

    pub fn sparse() -> Counter {
        Counter::Sparse(HashMap::new(), false)
    }

    #[inline]
    pub fn add(&mut self, cell: u64, by: u32) {
        match self {
            Counter::Dense(cells) => {
                if let Some(count) = cells.get_mut(cell as usize) {
                    *count += by;
                }
            }
            Counter::Sparse(cells, over) => {
                if cells.len() >= TALLY_CELLS_MAX && !cells.contains_key(&cell) {
                    *over = true;
                    return;
                }
                *cells.entry(cell).or_insert(0) += by;
            }
        }
    }

    pub fn merge(&mut self, other: Counter) {
        match (self, other) {
            (Counter::Dense(cells), Counter::Dense(more)) => {
                cells.iter_mut().zip(more).for_each(|(count, by)| *count += by);
            }
            (mine, Counter::Sparse(more, over)) => {
                more.into_iter().for_each(|(cell, by)| mine.add(cell, by));
                if let Counter::Sparse(_, mine) = mine {
                    *mine |= over;
                }
            }
            (mine, Counter::Dense(more)) => (0..).zip(more).for_each(|(cell, by)| mine.add(cell, by)),
        }
    }

    pub fn too_many(&self) -> bool {
        match self {
            Counter::Dense(_) => false,
            Counter::Sparse(_, over) => *over,
        }
    }

    /// Non-empty cells, ascending.
    pub fn cells(self) -> Vec<(u64, u64)> {
        match self {
            Counter::Dense(cells) => {
                let used = cells.iter().filter(|count| **count != 0).count();
                let mut out = Vec::with_capacity(used);
                out.extend((0..).zip(cells).filter(|(_, n)| *n != 0).map(|(cell, n)| (cell, u64::from(n))));
                out
            }
            Counter::Sparse(cells, _) => {
                let mut all: Vec<_> = cells.into_iter().map(|(cell, n)| (cell, u64::from(n))).collect();
                all.sort_unstable();
                all
            }
        }
    }
}

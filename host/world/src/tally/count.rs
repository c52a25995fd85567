//! Counters: an array where the cells are few, a hash map where they are many and mostly empty.

use super::TALLY_CELLS_MAX;
use hashbrown::HashMap;

pub(super) enum Counter {
    Dense(Vec<u32>),
    /// The cells in use, how many there can be, whether there were too many.
    Sparse(HashMap<u64, u32>, u64, bool),
}

impl Counter {
    pub fn dense(cells: u64) -> Counter {
        Counter::Dense(vec![0; cells as usize])
    }

    pub fn sparse(cells: u64) -> Counter {
        Counter::Sparse(HashMap::new(), cells, false)
    }

    /// Counts cells; one that lies outside is not counted.
    pub fn add(&mut self, at: impl Iterator<Item = (u64, u32)>) {
        match self {
            Counter::Dense(cells) => {
                for (cell, by) in at {
                    if let Some(count) = cells.get_mut(cell as usize) {
                        *count += by;
                    }
                }
            }
            Counter::Sparse(cells, most, over) => {
                for (cell, by) in at.filter(|(cell, _)| *cell < *most) {
                    if cells.len() >= TALLY_CELLS_MAX && !cells.contains_key(&cell) {
                        *over = true;
                        return;
                    }
                    *cells.entry(cell).or_insert(0) += by;
                }
            }
        }
    }

    pub fn merge(&mut self, other: Counter) {
        match (self, other) {
            (Counter::Dense(cells), Counter::Dense(more)) => {
                cells.iter_mut().zip(more).for_each(|(count, by)| *count += by);
            }
            (mine, Counter::Sparse(more, _, over)) => {
                mine.add(more.into_iter());
                if let Counter::Sparse(_, _, mine) = mine {
                    *mine |= over;
                }
            }
            (mine, Counter::Dense(more)) => mine.add((0..).zip(more)),
        }
    }

    pub fn too_many(&self) -> bool {
        matches!(self, Counter::Sparse(_, _, true))
    }
}

//! Grouped counts, in chunks, so that a reader never holds the world longer than one chunk.
//!
//! Contract: served from the cube when only kind, category, place and month matter, else by one scan of the entities; both
//! give the same table. Price: 4 bytes for each possible cell up to [`DENSE_MAX`], twice that where two threads count; above
//! it a hash map of the cells in use, at most [`TALLY_CELLS_MAX`].

mod count;
mod cursor;
mod gather;
mod key;
mod table;
mod work;

pub use cursor::TallyCursor;

use crate::ask::{TallySpec, TallyTable};
use crate::error::QueryError;
use crate::world::World;

/// Possible cells up to which counters are an array.
const DENSE_MAX: u64 = 32 << 20;
/// Non-empty cells of one answer.
pub const TALLY_CELLS_MAX: usize = 16 << 20;
const DIMENSIONS_MAX: usize = 8;
/// Rows of one step above which two threads share them.
const THREADED: usize = 1_000_000;

impl World {
    /// Counts entities of a kind by up to eight dimensions, at once: who shares the world uses a [`TallyCursor`].
    pub fn tally(&self, spec: &TallySpec) -> Result<TallyTable, QueryError> {
        self.run_tally(TallyCursor::new(self, spec)?)
    }

    /// The same by scanning, whatever the cube holds: what benches and tests compare with.
    pub fn tally_by_scan(&self, spec: &TallySpec) -> Result<TallyTable, QueryError> {
        self.run_tally(TallyCursor::begin(self, spec, false)?)
    }

    fn run_tally(&self, mut cursor: TallyCursor) -> Result<TallyTable, QueryError> {
        while !cursor.step(self, usize::MAX) {}
        cursor.finish()
    }
}

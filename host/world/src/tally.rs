//! Grouped counts.
//!
//! Contract: served from the cube when only kind, category, place and month matter, else by one scan of the entities with
//! dense counters, on two threads above a million rows; both give the same table. Price: 4 bytes for each possible cell up
//! to [`DENSE_MAX`]; above that a hash map of the cells in use, at most [`TALLY_CELLS_MAX`].

mod count;
mod key;

use crate::ask::{Codes, TallySpec, TallyTable};
use crate::component::Spine;
use crate::condition::Test;
use crate::error::QueryError;
use crate::field::CoreField;
use crate::systems::{Book, Cube};
use crate::world::World;
use changzhi_model::Family;
use count::Counter;
use key::{Key, Rows};

/// Possible cells up to which counters are an array.
const DENSE_MAX: u64 = 32 << 20;
/// Non-empty cells of one answer.
pub const TALLY_CELLS_MAX: usize = 16 << 20;
const DIMENSIONS_MAX: usize = 8;
const THREADED: usize = 1_000_000;

impl World {
    /// Counts entities of a kind by up to eight dimensions.
    pub fn tally(&self, spec: &TallySpec) -> Result<TallyTable, QueryError> {
        self.tally_by(spec, true)
    }

    /// The same by scanning, whatever the cube holds: what benches and tests compare with.
    pub fn tally_by_scan(&self, spec: &TallySpec) -> Result<TallyTable, QueryError> {
        self.tally_by(spec, false)
    }

    fn tally_by(&self, spec: &TallySpec, cubed: bool) -> Result<TallyTable, QueryError> {
        if spec.by.len() > DIMENSIONS_MAX {
            return Err(QueryError::TooMuch(format!("at most {DIMENSIONS_MAX} dimensions")));
        }
        let tests = spec.filter.iter().map(|c| Test::compile(self, c)).collect::<Result<Vec<_>, _>>()?;
        let kind = match self.known_kind(&spec.kind)? {
            Some(kind) => kind,
            None => return Ok(self.table(Vec::new(), Counter::dense(0))),
        };
        let cube = kind.filter(|_| cubed && key::fit_cube(&spec.by) && tests.iter().all(fits_cube));
        let cube = cube.and_then(|k| Some((k, self.ecs.get_resource::<Cube>()?.kind(k)?)));
        let rows = match cube {
            Some((_, cube)) => Rows::Cube(cube),
            None => Rows::Spines(self.rows_of(kind)),
        };
        let keys = spec.by.iter().map(|d| Key::compile(self, d, &rows)).collect::<Result<Vec<_>, _>>()?;
        let cells = keys.iter().try_fold(1u64, |product, key| product.checked_mul(key.len().max(1) as u64));
        let cells = cells.ok_or_else(|| QueryError::TooMuch("too many possible cells: use fewer dimensions".into()))?;
        let fresh = || if cells <= DENSE_MAX { Counter::dense(cells) } else { Counter::sparse() };
        let counter = match &rows {
            Rows::Cube(cube) => {
                let mut counter = fresh();
                let kind = cube_kind(kind);
                cube.each(|month, place, category, count| {
                    let cell = Spine { at: 0, id: 0, within: place, kind, category, state: 0 };
                    if tests.iter().all(|t| t.holds(self, &cell)) {
                        counter.add(index(&keys, self, &cell, Some(month)), count);
                    }
                });
                counter
            }
            Rows::Spines(slices) => {
                let mut counter = fresh();
                for slice in slices {
                    counter.merge(self.scan(slice, kind, &tests, &keys, &fresh));
                }
                counter
            }
        };
        if counter.too_many() {
            return Err(QueryError::TooMuch(format!("more than {TALLY_CELLS_MAX} cells: use fewer dimensions")));
        }
        Ok(self.table(keys, counter))
    }

    /// The rows to scan: of a kind's family, or of all.
    fn rows_of(&self, kind: Option<u16>) -> Vec<&[Spine]> {
        let Some(kind) = kind else {
            return [Family::People, Family::Places, Family::Events].map(|f| self.spines(f)).to_vec();
        };
        let rows = self.spines(self.family_of_kind(kind));
        let list = self.ecs.get_resource::<Book>().and_then(|b| b.kind(kind)).map_or(&[][..], |l| l.ids.as_slice());
        // Only the stretch of the table that can hold the kind.
        let (Some(first), Some(last)) = (list.first(), list.last()) else { return Vec::new() };
        let (from, upto) = (rows.partition_point(|s| s.id < *first), rows.partition_point(|s| s.id <= *last));
        rows.get(from..upto).into_iter().collect()
    }

    fn scan(
        &self,
        rows: &[Spine],
        kind: Option<u16>,
        tests: &[Test],
        keys: &[Key<'_>],
        fresh: &(dyn Fn() -> Counter + Sync),
    ) -> Counter {
        let part = |rows: &[Spine]| {
            let mut counter = fresh();
            for spine in rows.iter().filter(|s| kind.is_none_or(|k| k == s.kind)) {
                if tests.iter().all(|t| t.holds(self, spine)) {
                    counter.add(index(keys, self, spine, None), 1);
                }
            }
            counter
        };
        if rows.len() <= THREADED {
            return part(rows);
        }
        let (left, right) = rows.split_at(rows.len() / 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| part(right));
            let mut counter = part(left);
            // A panic of the other half is passed on, not swallowed.
            counter.merge(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            counter
        })
    }

    fn table(&self, keys: Vec<Key<'_>>, counter: Counter) -> TallyTable {
        let radix: Vec<u64> = keys.iter().map(|k| k.len().max(1) as u64).collect();
        let cells = counter.cells();
        let mut columns: Vec<Vec<u32>> = radix.iter().map(|_| Vec::with_capacity(cells.len())).collect();
        let mut counts = Vec::with_capacity(cells.len());
        for (cell, count) in cells {
            let mut rest = cell;
            for (column, radix) in columns.iter_mut().zip(&radix).rev() {
                column.push((rest % radix) as u32);
                rest /= radix;
            }
            counts.push(count);
        }
        let names = keys.into_iter().map(Key::into_names);
        let keys = names.zip(columns).map(|(names, index)| Codes { names, index }).collect();
        TallyTable { revision: self.revision, keys, counts }
    }
}

fn cube_kind(kind: Option<u16>) -> u16 {
    kind.unwrap_or(0)
}

fn index(keys: &[Key<'_>], world: &World, spine: &Spine, month: Option<i32>) -> u64 {
    keys.iter().fold(0, |cell, key| cell * key.len().max(1) as u64 + u64::from(key.of(world, spine, month)))
}

/// Tests a cell of the cube can answer.
fn fits_cube(test: &Test) -> bool {
    matches!(test, Test::Code(CoreField::Kind | CoreField::Category, ..) | Test::Within(..) | Test::Below(_))
}

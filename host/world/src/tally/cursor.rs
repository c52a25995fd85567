//! A count under way.
//!
//! Contract: the table's revision is the world's when the cursor was made; who needs exactly that state compares later
//! revisions of the kind. Of what changed between two steps, a scan counts each entity that was there at the start at most
//! once, as it is when its turn comes; counts read from the cube may hold a moved or new one at its old place, its new one,
//! both or neither. What names a place, category or code that did not exist at the start is left out.

use super::count::Counter;
use super::gather::Gather;
use super::key::{CELLS_MAX, Key, fit_cube};
use super::table::table;
use super::work::Work;
use super::{DENSE_MAX, DIMENSIONS_MAX, THREADED};
use crate::ask::{Codes, TallySpec, TallyTable};
use crate::condition::Test;
use crate::error::QueryError;
use crate::field::CoreField;
use crate::systems::{Book, Cube, KindCube};
use crate::world::World;
use changzhi_model::{Family, Seq};

/// What is still to be read.
enum Source {
    Nothing,
    /// Months, newest first, and the place to go on at in the last of them.
    Cube {
        months: Vec<i32>,
        place: usize,
        places: usize,
    },
    /// Stretches of the families' tables, each read from its start.
    Rows(Vec<(Family, usize, usize)>),
}

/// A count under way: [`TallyCursor::step`] until it is true, then [`TallyCursor::finish`]. Between two steps the world may
/// be unlocked and written; `finish` needs no world.
pub struct TallyCursor {
    revision: Seq,
    spec: TallySpec,
    kind: Option<u16>,
    tests: Vec<Test>,
    source: Source,
    gathers: Vec<Option<Gather>>,
    keys: Option<Vec<Key>>,
    strides: Vec<u64>,
    counter: Option<Counter>,
    /// The second thread's, merged at the end.
    other: Option<Counter>,
    cells: u64,
    failed: Option<QueryError>,
}

impl TallyCursor {
    /// Checks the question; costs no pass over entities.
    pub fn new(world: &World, spec: &TallySpec) -> Result<TallyCursor, QueryError> {
        TallyCursor::begin(world, spec, true)
    }

    pub(super) fn begin(world: &World, spec: &TallySpec, cubed: bool) -> Result<TallyCursor, QueryError> {
        if spec.by.len() > DIMENSIONS_MAX {
            return Err(QueryError::TooMuch(format!("at most {DIMENSIONS_MAX} dimensions")));
        }
        let tests = spec.filter.iter().map(|c| Test::compile(world, c)).collect::<Result<Vec<_>, _>>()?;
        let gathers = spec.by.iter().map(|d| Gather::of(world, d)).collect::<Result<Vec<_>, _>>()?;
        let mut cursor = TallyCursor {
            revision: world.revision,
            spec: spec.clone(),
            kind: None,
            tests,
            source: Source::Nothing,
            gathers,
            keys: None,
            strides: Vec::new(),
            counter: None,
            other: None,
            cells: 0,
            failed: None,
        };
        let Some(kind) = world.known_kind(&spec.kind)? else { return Ok(cursor) };
        cursor.kind = kind;
        let fits = cubed && fit_cube(&spec.by) && cursor.tests.iter().all(fits_cube);
        cursor.source = match kind.filter(|_| fits).and_then(|kind| cube(world, kind)) {
            Some(cube) => Source::Cube { months: cube.months().rev().collect(), place: 0, places: cube.places().len() },
            None => Source::Rows(rows_of(world, kind)),
        };
        if cursor.gathers.iter().all(Option::is_none) {
            cursor.prepare(world)?;
        }
        Ok(cursor)
    }

    /// Looks at about `budget` rows (of the cube: cells); true when done. Steps above a million rows use two threads.
    pub fn step(&mut self, world: &World, budget: usize) -> bool {
        let mut left = budget.max(1);
        if self.failed.is_some() || matches!(self.source, Source::Nothing) {
            return true;
        }
        if self.keys.is_none() {
            for gather in self.gathers.iter_mut().flatten() {
                if !gather.step(world, &mut left) {
                    return false;
                }
            }
            if let Err(e) = self.prepare(world) {
                self.failed = Some(e);
                return true;
            }
        }
        if let Source::Cube { .. } = self.source {
            match self.kind.and_then(|kind| cube(world, kind)) {
                Some(cube) => return self.step_cube(world, cube, left.max(1)),
                // The kind outgrew its cube between two steps: all is counted anew by scanning.
                None => match TallyCursor::begin(world, &self.spec, false) {
                    Ok(again) => *self = again,
                    Err(e) => self.failed = Some(e),
                },
            }
            return self.failed.is_some();
        }
        self.step_rows(world, left.max(1))
    }

    fn step_cube(&mut self, world: &World, cube: &KindCube, mut left: usize) -> bool {
        let Some(keys) = &self.keys else { return true };
        let Source::Cube { months, place, places } = &mut self.source else { return true };
        let work = Work { world, kind: self.kind, tests: &self.tests, keys, strides: &self.strides };
        let counter = self.counter.get_or_insert_with(|| counter(self.cells));
        while let Some(month) = months.last().copied() {
            if left == 0 {
                return false;
            }
            let most = (left / cube.width()).max(1);
            let upto = (*place).saturating_add(most).min(*places);
            work.cube(cube, month, *place..upto, counter);
            left = left.saturating_sub((upto - *place).saturating_mul(cube.width()).max(1));
            *place = upto;
            if upto >= *places {
                months.pop();
                *place = 0;
            }
        }
        true
    }

    fn step_rows(&mut self, world: &World, mut left: usize) -> bool {
        let Some(keys) = &self.keys else { return true };
        let Source::Rows(stretches) = &mut self.source else { return true };
        let work = Work { world, kind: self.kind, tests: &self.tests, keys, strides: &self.strides };
        let cells = self.cells;
        let mine = self.counter.get_or_insert_with(|| counter(cells));
        while let Some((family, from, upto)) = stretches.last_mut() {
            if left == 0 {
                return false;
            }
            let end = from.saturating_add(left).min(*upto);
            let rows = world.spines(*family).get(*from..end).unwrap_or_default();
            if rows.len() > THREADED {
                let other = self.other.get_or_insert_with(|| counter(cells));
                let (first, second) = rows.split_at(rows.len() / 2);
                std::thread::scope(|scope| {
                    scope.spawn(|| work.rows(second, other));
                    work.rows(first, mine);
                });
            } else {
                work.rows(rows, mine);
            }
            left -= end.saturating_sub(*from).min(left);
            *from = end;
            if *from >= *upto {
                stretches.pop();
            }
        }
        true
    }

    /// Ranks of all dimensions, and where a cell of theirs is counted.
    fn prepare(&mut self, world: &World) -> Result<(), QueryError> {
        let cube = match self.source {
            Source::Cube { .. } => self.kind.and_then(|kind| cube(world, kind)),
            _ => None,
        };
        let found = self.gathers.iter().map(|g| g.as_ref().map(|g| &g.found));
        let keys = self.spec.by.iter().zip(found).map(|(d, found)| Key::compile(world, d, self.kind, cube, found));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let cells = keys.iter().try_fold(1u64, |product, key| product.checked_mul(key.len()));
        let cells = cells.filter(|n| *n < CELLS_MAX);
        self.cells =
            cells.ok_or_else(|| QueryError::TooMuch("too many possible cells: use fewer dimensions".into()))?;
        // Time turns slowest in an array: rows come in its order, so that the counters of one month stay in the cache.
        let (time, rest): (Vec<_>, Vec<_>) =
            keys.iter().enumerate().partition(|(_, key)| key.is_time() && self.cells <= DENSE_MAX);
        self.strides = vec![1; keys.len()];
        let mut stride = 1;
        for (n, key) in time.into_iter().chain(rest).rev() {
            if let Some(slot) = self.strides.get_mut(n) {
                *slot = stride;
            }
            stride *= key.len();
        }
        self.keys = Some(keys);
        self.gathers.clear();
        Ok(())
    }

    /// The table: of everything once `step` was true, of what was looked at until then before. Needs no world, so call it
    /// with the world given back.
    pub fn finish(self) -> Result<TallyTable, QueryError> {
        if let Some(e) = self.failed {
            return Err(e);
        }
        let (Some(keys), Some(mut counter)) = (self.keys, self.counter) else {
            let keys = self.spec.by.iter().map(|_| Codes::default()).collect();
            return Ok(TallyTable { revision: self.revision, keys, counts: Vec::new() });
        };
        if let Some(other) = self.other {
            counter.merge(other);
        }
        if counter.too_many() {
            let most = super::TALLY_CELLS_MAX;
            return Err(QueryError::TooMuch(format!("more than {most} cells: use fewer dimensions")));
        }
        Ok(table(self.revision, keys, &self.strides, counter))
    }
}

fn counter(cells: u64) -> Counter {
    if cells <= DENSE_MAX { Counter::dense(cells) } else { Counter::sparse(cells) }
}

fn cube(world: &World, kind: u16) -> Option<&KindCube> {
    world.ecs.get_resource::<Cube>()?.kind(kind)
}

/// The stretches of the families' tables that can hold a kind; `None` = every kind.
fn rows_of(world: &World, kind: Option<u16>) -> Vec<(Family, usize, usize)> {
    let Some(kind) = kind else {
        let all = [Family::Events, Family::Places, Family::People];
        return all.map(|family| (family, 0, world.spines(family).len())).to_vec();
    };
    let family = world.family_of_kind(kind);
    let rows = world.spines(family);
    let list = world.ecs.get_resource::<Book>().and_then(|b| b.kind(kind)).map_or(&[][..], |l| l.ids.as_slice());
    let (Some(first), Some(last)) = (list.first(), list.last()) else { return Vec::new() };
    vec![(family, rows.partition_point(|s| s.id < *first), rows.partition_point(|s| s.id <= *last))]
}

/// Tests a cell of the cube can answer.
fn fits_cube(test: &Test) -> bool {
    matches!(test, Test::Code(CoreField::Kind | CoreField::Category, ..) | Test::Within(..) | Test::Below(_))
}

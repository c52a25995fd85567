//! What one dimension makes of an entity: a small number in the order of the names.

use super::gather::Found;
use crate::ask::Dimension;
use crate::calendar::Calendar;
use crate::column::{Data, FieldColumn};
use crate::component::Spine;
use crate::error::QueryError;
use crate::field::{CoreField, FieldRef};
use crate::intern::Interner;
use crate::rowmap::RowMap;
use crate::systems::{Book, Children, KindCube};
use crate::world::World;

/// Added to a cell's number when a row's value has no rank: the cell lies outside and is not counted.
const OUTSIDE: u64 = 1 << 56;
/// Possible cells stay below it, so that eight times [`OUTSIDE`] overflows nothing.
pub(super) const CELLS_MAX: u64 = OUTSIDE;

enum How {
    Kind(Vec<u32>),
    Category(Vec<u32>),
    State(Vec<u32>),
    /// Place to rank; nowhere has rank 0.
    Within(RowMap),
    At(Period, i32),
    /// The cube's rows carry their month where others have their moment.
    CubeMonth(i32),
    Facet(usize, usize, FacetKey),
}

enum FacetKey {
    Code(Vec<u32>),
    Flag,
    Entity(RowMap),
    Time(Period, i32),
}

#[derive(Clone, Copy)]
pub(super) enum Period {
    Month,
    Day,
}

/// One dimension, ready to be asked. What came to be after it was compiled has no rank and is left out of the count.
pub(super) struct Key {
    how: How,
    pub names: Vec<String>,
}

/// Dimensions the cube has.
pub(super) fn fit_cube(by: &[Dimension]) -> bool {
    by.iter().all(|d| match d.field.as_str() {
        "kind" | "category" | "within" => true,
        "at" => d.bucket == "month",
        _ => false,
    })
}

pub(super) fn period(d: &Dimension) -> Result<Period, QueryError> {
    match d.bucket.as_str() {
        "month" => Ok(Period::Month),
        "day" => Ok(Period::Day),
        _ => Err(QueryError::Invalid(format!("{} is counted by \"month\" or \"day\"", d.field))),
    }
}

impl Period {
    fn of(self, calendar: &Calendar, at: i64) -> i32 {
        match self {
            Period::Month => calendar.month(at),
            Period::Day => calendar.day(at),
        }
    }

    /// Names from the first to the last.
    fn names(self, first: i32, last: i32) -> Result<Vec<String>, QueryError> {
        if i64::from(last) - i64::from(first) > 1_000_000 {
            return Err(QueryError::TooMuch("more than a million days lie between the first and the last".into()));
        }
        Ok((first..=last)
            .map(|n| match self {
                Period::Month => Calendar::month_name(n),
                Period::Day => Calendar::day_name(n),
            })
            .collect())
    }
}

/// Rank of each number by name, and the names in that order, after `before` others.
fn ranks(names: &Interner, before: &[&str]) -> (Vec<u32>, Vec<String>) {
    let mut order: Vec<usize> = (0..names.len()).collect();
    let all = names.names();
    order.sort_by_key(|n| all.get(*n));
    let mut rank = vec![0; names.len()];
    let mut sorted: Vec<String> = before.iter().map(|s| (*s).to_owned()).collect();
    for n in order {
        if let (Some(slot), Some(name)) = (rank.get_mut(n), all.get(n)) {
            *slot = sorted.len() as u32;
            sorted.push(name.to_string());
        }
    }
    (rank, sorted)
}

/// Entities (rolled up) to ranks by number; rank 0 is nothing.
fn roll_up(world: &World, ids: impl Iterator<Item = u32>, d: &Dimension) -> Result<(RowMap, Vec<String>), QueryError> {
    let kind = if d.bucket.is_empty() { None } else { Some(world.known_kind(&d.bucket)?.flatten()) };
    let top = |id: u32| match kind {
        None => id,
        Some(kind) => kind.and_then(|kind| world.ancestor(id, kind)).unwrap_or(0),
    };
    let tops: Vec<(u32, u32)> = ids.filter(|id| *id != 0).map(|id| (id, top(id))).collect();
    let mut sorted: Vec<u32> = tops.iter().map(|(_, top)| *top).filter(|top| *top != 0).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut rank = RowMap::default();
    for (n, top) in (1..).zip(&sorted) {
        rank.set(*top, n);
    }
    let mut map = RowMap::default();
    for (id, top) in tops {
        map.set(id, rank.get(top).unwrap_or(0));
    }
    let names = std::iter::once(String::new()).chain(sorted.iter().map(u32::to_string)).collect();
    Ok((map, names))
}

impl Key {
    /// `cube`: rows are the cube's. `kind`: what is counted, `None` = everything. `found`: what was gathered of its column.
    pub fn compile(
        world: &World,
        d: &Dimension,
        kind: Option<u16>,
        cube: Option<&KindCube>,
        found: Option<&Found>,
    ) -> Result<Key, QueryError> {
        let field = FieldRef::queryable(world, &d.field)?;
        let plain = || match d.bucket.is_empty() {
            true => Ok(()),
            false => Err(QueryError::Invalid(format!("{} has no bucket {:?}", d.field, d.bucket))),
        };
        let (how, names) = match field {
            FieldRef::Core(CoreField::Kind) => {
                plain()?;
                let (rank, names) = ranks(&world.kinds, &[]);
                (How::Kind(rank), names)
            }
            FieldRef::Core(CoreField::Category) => {
                plain()?;
                let (rank, names) = ranks(&world.categories, &[]);
                (How::Category(rank), names)
            }
            FieldRef::Core(CoreField::State) => {
                plain()?;
                let (rank, names) = ranks(&world.states, &[]);
                (How::State(rank), names)
            }
            FieldRef::Core(CoreField::Within) => {
                let all = world.ecs.get_resource::<Children>();
                let (map, names) = match cube {
                    Some(cube) => roll_up(world, cube.places().iter().copied(), d)?,
                    None => roll_up(world, all.into_iter().flat_map(Children::places), d)?,
                };
                (How::Within(map), names)
            }
            FieldRef::Core(CoreField::At) => {
                let period = period(d)?;
                let (first, last) = match cube {
                    Some(cube) => {
                        let mut months = cube.months();
                        let first = months.next().unwrap_or(0);
                        (first, months.next_back().unwrap_or(first))
                    }
                    None => {
                        let span = world.ecs.get_resource::<Book>().and_then(|book| book.span(kind));
                        let (first, last) = span.unwrap_or((0, 0));
                        (period.of(&world.calendar, first), period.of(&world.calendar, last))
                    }
                };
                let how = if cube.is_some() { How::CubeMonth(first) } else { How::At(period, first) };
                (how, period.names(first, last)?)
            }
            FieldRef::Facet { facet, field, part: None } => {
                let column = world.facets.get(facet).and_then(|f| f.columns.get(field));
                let Some(column) = column else { return Err(QueryError::Unknown(d.field.to_string())) };
                let (key, names) = of_column(world, d, column, found)?;
                (How::Facet(facet, field, key), names)
            }
            _ => return Err(QueryError::Invalid(format!("{} cannot be counted by", d.field))),
        };
        Ok(Key { how, names })
    }

    /// Never zero.
    pub fn len(&self) -> u64 {
        self.names.len().max(1) as u64
    }

    pub fn is_time(&self) -> bool {
        matches!(self.how, How::At(..) | How::CubeMonth(_))
    }

    /// Adds each row's rank, `stride` apart, to its cell.
    pub fn add(&self, world: &World, rows: &[Spine], stride: u64, cells: &mut [u64]) {
        let len = self.len();
        let place = |rank: Option<u32>| match rank {
            Some(rank) if u64::from(rank) < len => u64::from(rank) * stride,
            _ => OUTSIDE,
        };
        let coded = |ranks: &[u32], code: u16| place(ranks.get(usize::from(code)).copied());
        let each = cells.iter_mut().zip(rows);
        match &self.how {
            How::Kind(ranks) => each.for_each(|(cell, s)| *cell += coded(ranks, s.kind)),
            How::Category(ranks) => each.for_each(|(cell, s)| *cell += coded(ranks, s.category)),
            How::State(ranks) => each.for_each(|(cell, s)| *cell += coded(ranks, s.state)),
            How::Within(map) => {
                each.for_each(|(cell, s)| *cell += if s.within == 0 { 0 } else { place(map.get(s.within)) });
            }
            How::CubeMonth(first) => {
                each.for_each(|(cell, s)| *cell += place(u32::try_from(s.at - i64::from(*first)).ok()))
            }
            How::At(period, first) => {
                let (mut from, mut upto, mut at) = (0, 0, OUTSIDE);
                for (cell, s) in each {
                    if s.at < from || s.at >= upto {
                        let (day, month, start, end) = world.calendar.around(s.at);
                        let n = match period {
                            Period::Month => month,
                            Period::Day => day,
                        };
                        (from, upto, at) =
                            (start, end, place(n.checked_sub(*first).and_then(|n| u32::try_from(n).ok())));
                    }
                    *cell += at;
                }
            }
            How::Facet(facet, field, key) => {
                let Some(facet) = world.facets.get(*facet) else { return };
                let Some(column) = facet.columns.get(*field) else { return };
                for (cell, s) in each {
                    let row = facet.rows.get(s.id).map(|row| row as usize).filter(|row| column.present.get(*row));
                    *cell += row.map_or(0, |row| place(key.of(world, column, row)));
                }
            }
        }
    }
}

impl FacetKey {
    fn of(&self, world: &World, column: &FieldColumn, row: usize) -> Option<u32> {
        match (self, &column.data) {
            (FacetKey::Code(ranks), Data::Code(v, _)) => ranks.get(*v.get(row)? as usize).copied(),
            (FacetKey::Flag, Data::Flag(v)) => v.get(row).map(|b| 1 + u32::from(*b)),
            // A reference to nobody is counted as nothing.
            (FacetKey::Entity(map), Data::Entity(v)) => match v.get(row) {
                Some(id) if world.ids.holds(*id) => map.get(*id as u32),
                _ => Some(0),
            },
            (FacetKey::Time(period, first), Data::Time(v)) => {
                let n = period.of(&world.calendar, *v.get(row)?).checked_sub(*first)?;
                u32::try_from(n).ok().map(|n| n + 1)
            }
            _ => None,
        }
    }
}

fn of_column(
    world: &World,
    d: &Dimension,
    column: &FieldColumn,
    found: Option<&Found>,
) -> Result<(FacetKey, Vec<String>), QueryError> {
    match (&column.data, found) {
        (Data::Code(_, names), _) if d.bucket.is_empty() => {
            let (rank, names) = ranks(names, &[""]);
            Ok((FacetKey::Code(rank), names))
        }
        (Data::Flag(_), _) if d.bucket.is_empty() => {
            Ok((FacetKey::Flag, ["", "false", "true"].map(str::to_owned).to_vec()))
        }
        (Data::Entity(_), Some(Found::Ids(ids))) => {
            let (map, names) = roll_up(world, ids.ones(), d)?;
            Ok((FacetKey::Entity(map), names))
        }
        (Data::Time(_), Some(Found::Times(first, last))) => {
            let period = period(d)?;
            if first > last {
                return Ok((FacetKey::Time(period, 0), vec![String::new()]));
            }
            let (first, last) = (period.of(&world.calendar, *first), period.of(&world.calendar, *last));
            let names = period.names(first, last)?;
            Ok((FacetKey::Time(period, first), std::iter::once(String::new()).chain(names).collect()))
        }
        _ => Err(QueryError::Invalid(format!("{} cannot be counted by {:?}", d.field, d.bucket))),
    }
}

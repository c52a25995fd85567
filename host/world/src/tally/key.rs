//! What one dimension makes of an entity: a small number in the order of the names.

use crate::ask::Dimension;
use crate::calendar::Calendar;
use crate::column::{Data, FieldColumn};
use crate::component::Spine;
use crate::error::QueryError;
use crate::facet::Facet;
use crate::field::{CoreField, FieldRef};
use crate::intern::Interner;
use crate::rowmap::RowMap;
use crate::systems::KindCube;
use crate::world::World;
use std::collections::BTreeSet;

/// What is counted.
pub(super) enum Rows<'w> {
    Cube(&'w KindCube),
    Spines(Vec<&'w [Spine]>),
}

enum How<'w> {
    Kind(Vec<u32>),
    Category(Vec<u32>),
    State(Vec<u32>),
    /// Place to rank; 0 = nowhere.
    Within(RowMap),
    At(Period, i32),
    Facet(&'w Facet, &'w FieldColumn, FacetKey),
}

enum FacetKey {
    Code(Vec<u32>),
    Flag,
    Entity(RowMap),
    Time(Period, i32),
}

#[derive(Clone, Copy)]
enum Period {
    Month,
    Day,
}

/// One dimension, ready to be asked.
pub(super) struct Key<'w> {
    how: How<'w>,
    names: Vec<String>,
}

/// Dimensions the cube has.
pub(super) fn fit_cube(by: &[Dimension]) -> bool {
    by.iter().all(|d| match d.field.as_str() {
        "kind" | "category" | "within" => true,
        "at" => d.bucket == "month",
        _ => false,
    })
}

fn period(d: &Dimension) -> Result<Period, QueryError> {
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
fn roll_up(world: &World, ids: BTreeSet<u32>, d: &Dimension) -> Result<(RowMap, Vec<String>), QueryError> {
    let kind = if d.bucket.is_empty() { None } else { Some(world.known_kind(&d.bucket)?.flatten()) };
    let top = |id: u32| match kind {
        None => Some(id),
        Some(kind) => kind.and_then(|kind| world.ancestor(id, kind)),
    };
    let tops: Vec<(u32, u32)> = ids.into_iter().filter_map(|id| Some((id, top(id)?))).collect();
    let sorted: BTreeSet<u32> = tops.iter().map(|(_, top)| *top).collect();
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

impl<'w> Key<'w> {
    pub fn compile(world: &'w World, d: &Dimension, rows: &Rows<'w>) -> Result<Key<'w>, QueryError> {
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
                let (map, names) = roll_up(world, places(world, rows), d)?;
                (How::Within(map), names)
            }
            FieldRef::Core(CoreField::At) => {
                let period = period(d)?;
                let (first, last) = span(world, rows, period);
                (How::At(period, first), period.names(first, last)?)
            }
            FieldRef::Facet { facet, field, part: None } => {
                let facet = world.facets.get(facet);
                let column = facet.and_then(|f| Some((f, f.columns.get(field)?)));
                let Some((facet, column)) = column else { return Err(QueryError::Unknown(d.field.to_string())) };
                let (key, names) = of_column(world, d, facet, column)?;
                (How::Facet(facet, column, key), names)
            }
            _ => return Err(QueryError::Invalid(format!("{} cannot be counted by", d.field))),
        };
        Ok(Key { how, names })
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn into_names(self) -> Vec<String> {
        self.names
    }

    #[inline]
    pub fn of(&self, world: &World, spine: &Spine, month: Option<i32>) -> u32 {
        let ranked = |ranks: &[u32], code: u16| ranks.get(usize::from(code)).copied().unwrap_or(0);
        match &self.how {
            How::Kind(ranks) => ranked(ranks, spine.kind),
            How::Category(ranks) => ranked(ranks, spine.category),
            How::State(ranks) => ranked(ranks, spine.state),
            How::Within(map) => map.get(spine.within).unwrap_or(0),
            How::At(period, first) => (month.unwrap_or_else(|| period.of(&world.calendar, spine.at)) - first) as u32,
            How::Facet(facet, column, key) => {
                let row = facet.rows.get(spine.id).map(|row| row as usize).filter(|row| column.present.get(*row));
                row.map_or(0, |row| key.of(world, column, row))
            }
        }
    }
}

impl FacetKey {
    fn of(&self, world: &World, column: &FieldColumn, row: usize) -> u32 {
        let found = match (self, &column.data) {
            (FacetKey::Code(ranks), Data::Code(v, _)) => v.get(row).and_then(|code| ranks.get(*code as usize)).copied(),
            (FacetKey::Flag, Data::Flag(v)) => v.get(row).map(|b| 1 + u32::from(*b)),
            (FacetKey::Entity(map), Data::Entity(v)) => v.get(row).and_then(|id| map.get(u32::try_from(*id).ok()?)),
            (FacetKey::Time(period, first), Data::Time(v)) => {
                v.get(row).map(|at| (period.of(&world.calendar, *at) - first + 1) as u32)
            }
            _ => None,
        };
        found.unwrap_or(0)
    }
}

fn of_column(
    world: &World,
    d: &Dimension,
    facet: &Facet,
    column: &FieldColumn,
) -> Result<(FacetKey, Vec<String>), QueryError> {
    let present = || (0..facet.entities.len()).filter(|row| column.present.get(*row));
    match &column.data {
        Data::Code(_, names) if d.bucket.is_empty() => {
            let (rank, names) = ranks(names, &[""]);
            Ok((FacetKey::Code(rank), names))
        }
        Data::Flag(_) if d.bucket.is_empty() => Ok((FacetKey::Flag, ["", "false", "true"].map(str::to_owned).to_vec())),
        Data::Entity(v) => {
            let ids = present().filter_map(|row| u32::try_from(*v.get(row)?).ok()).collect();
            let (map, names) = roll_up(world, ids, d)?;
            Ok((FacetKey::Entity(map), names))
        }
        Data::Time(v) => {
            let period = period(d)?;
            let (mut first, mut last) = (i32::MAX, i32::MIN);
            for at in present().filter_map(|row| v.get(row)) {
                let n = period.of(&world.calendar, *at);
                (first, last) = (first.min(n), last.max(n));
            }
            let names = if first <= last { period.names(first, last)? } else { Vec::new() };
            Ok((FacetKey::Time(period, first), std::iter::once(String::new()).chain(names).collect()))
        }
        _ => Err(QueryError::Invalid(format!("{} cannot be counted by {:?}", d.field, d.bucket))),
    }
}

fn places(world: &World, rows: &Rows<'_>) -> BTreeSet<u32> {
    match rows {
        Rows::Cube(cube) => cube.places().iter().copied().filter(|id| *id != 0).collect(),
        Rows::Spines(_) => {
            let children = world.ecs.get_resource::<crate::systems::Children>();
            children.into_iter().flat_map(|c| c.places()).collect()
        }
    }
}

/// First and last period of what is counted.
fn span(world: &World, rows: &Rows<'_>, period: Period) -> (i32, i32) {
    match rows {
        Rows::Cube(cube) => {
            let mut months = cube.months();
            let first = months.next();
            first.map_or((0, -1), |first| (first, months.next_back().unwrap_or(first)))
        }
        Rows::Spines(slices) => {
            let (mut first, mut last) = (i64::MAX, i64::MIN);
            for spine in slices.iter().copied().flatten() {
                (first, last) = (first.min(spine.at), last.max(spine.at));
            }
            if first > last { (0, -1) } else { (period.of(&world.calendar, first), period.of(&world.calendar, last)) }
        }
    }
}

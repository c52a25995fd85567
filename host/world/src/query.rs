//! Queries in chunks, so that a reader never holds the world longer than one chunk.
//!
//! Contract: `Batch::revision` is the world's when the cursor was made; who needs more compares later revisions. The
//! candidates are what lies within a place, a kind's ids, or a facet's rows; blocks that cannot hold the category or state
//! are skipped, and scanning stops when the page is full and the total is known or [`SCAN_MAX`] rows were looked at.

use crate::ask::{Batch, Op, Query};
use crate::component::Spine;
use crate::condition::{Test, compare};
use crate::error::QueryError;
use crate::field::{CoreField, FieldRef};
use crate::systems::{Book, Children};
use crate::world::World;
use changzhi_model::{Seq, Value};
use std::cmp::Ordering;

/// Most rows of one answer.
pub const LIMIT_MAX: u32 = 10_000;
/// Rows looked at only to count the total after the page is full.
pub const SCAN_MAX: u64 = 1_000_000;
const CONDITIONS_MAX: usize = 64;
const FIELDS_MAX: usize = 256;

#[derive(Debug, Clone, Copy)]
enum Source {
    Kind(u16),
    Within(u32),
    Facet(usize),
    Nothing,
}

/// A query under way. Between two steps the world may be unlocked.
#[derive(Debug)]
pub struct QueryCursor {
    revision: Seq,
    source: Source,
    tests: Vec<Test>,
    category: Option<u16>,
    state: Option<u16>,
    fields: Vec<FieldRef>,
    order: Option<FieldRef>,
    ascending: bool,
    limit: usize,
    after: u32,
    /// Candidates `from..upto` are still to be looked at.
    from: usize,
    upto: usize,
    looked: u64,
    matched: u64,
    known: Option<u64>,
    /// The page, when the candidates are in the order that was asked for.
    page: Vec<u32>,
    /// What was found with what to order it by, otherwise.
    found: Vec<(Value, u32)>,
    sorted: bool,
}

impl World {
    /// Answers at once, without giving the world back in between.
    pub fn query(&self, q: &Query) -> Result<Batch, QueryError> {
        let mut cursor = QueryCursor::new(self, q)?;
        while !cursor.step(self, 1 << 20) {}
        Ok(cursor.finish(self))
    }

    fn book(&self) -> Option<&Book> {
        self.ecs.get_resource::<Book>()
    }
}

impl QueryCursor {
    pub fn new(world: &World, q: &Query) -> Result<QueryCursor, QueryError> {
        if q.limit > LIMIT_MAX || q.fields.len() > FIELDS_MAX || q.filter.len() > CONDITIONS_MAX {
            let most = format!("at most {LIMIT_MAX} rows, {FIELDS_MAX} fields and {CONDITIONS_MAX} conditions");
            return Err(QueryError::TooMuch(most));
        }
        let fields = q.fields.iter().map(|f| FieldRef::queryable(world, f)).collect::<Result<Vec<_>, _>>()?;
        let mut tests = q.filter.iter().map(|c| Test::compile(world, c)).collect::<Result<Vec<_>, _>>()?;
        let mut order = q.order.as_ref().map(|o| FieldRef::queryable(world, o)).transpose()?;
        let named = fields.iter().copied().chain(
            q.filter.iter().map(|c| &c.field).chain(&q.order).filter_map(|f| FieldRef::queryable(world, f).ok()),
        );
        let source = if q.kind.is_empty() {
            let facet = named.clone().find_map(FieldRef::facet);
            Source::Facet(facet.ok_or_else(|| QueryError::Invalid("name a kind, or a field of a facet".into()))?)
        } else {
            match world.kinds.number(&q.kind).and_then(|k| u16::try_from(k).ok()) {
                Some(kind) => Source::Kind(kind),
                None if world.kind(&q.kind).is_some() => Source::Nothing,
                None => return Err(QueryError::Unknown(format!("kind {:?}", q.kind))),
            }
        };
        let mut cursor = QueryCursor {
            revision: world.revision,
            source,
            category: None,
            state: None,
            fields,
            ascending: q.ascending || (order.is_none() && !q.after.is_none()),
            limit: q.limit as usize,
            after: u32::try_from(q.after.0).unwrap_or(u32::MAX),
            order: None,
            from: 0,
            upto: 0,
            looked: 0,
            matched: 0,
            known: None,
            page: Vec::new(),
            found: Vec::new(),
            sorted: true,
            tests: Vec::new(),
        };
        if let Source::Kind(kind) = source {
            cursor.narrow(world, kind, &tests);
            if let Source::Within(_) = cursor.source {
                tests.push(Test::Code(CoreField::Kind, true, Some(kind)));
            }
            let timed = world.book().and_then(|b| b.kind(kind)).is_some_and(|list| list.in_time_order());
            if order == Some(FieldRef::Core(CoreField::At)) && timed || order == Some(FieldRef::Core(CoreField::Id)) {
                order = None;
            }
        }
        if let Source::Facet(facet) = source {
            cursor.sorted = world.facets.get(facet).is_none_or(|f| f.ascending);
        }
        cursor.order = order;
        cursor.tests = tests;
        cursor.upto = cursor.candidates(world).len();
        if cursor.sorted {
            cursor.from = cursor.candidates(world).partition_point(|id| *id <= cursor.after);
        }
        if cursor.takes_all() {
            cursor.known = Some((cursor.upto - cursor.from) as u64);
        }
        Ok(cursor)
    }

    /// A shorter list of candidates, blocks to skip, and a total known beforehand, where equalities allow.
    fn narrow(&mut self, world: &World, kind: u16, tests: &[Test]) {
        let mut simple = self.after == 0;
        for test in tests {
            match test {
                Test::Code(CoreField::Category, true, Some(c)) if self.category.is_none() => self.category = Some(*c),
                Test::Code(CoreField::State, true, Some(s)) if self.state.is_none() => self.state = Some(*s),
                Test::Within(Op::Eq, Some(place)) => {
                    self.source = Source::Within(*place);
                    simple = false;
                }
                _ => simple = false,
            }
        }
        if simple {
            self.known = world.book().and_then(|b| b.kind(kind)).map(|list| list.count(self.category, self.state));
        }
    }

    fn candidates<'w>(&self, world: &'w World) -> &'w [u32] {
        match self.source {
            Source::Kind(kind) => world.book().and_then(|b| b.kind(kind)).map_or(&[], |list| list.ids.as_slice()),
            Source::Within(place) => world.ecs.get_resource::<Children>().map_or(&[], |c| c.of(place)),
            Source::Facet(facet) => world.facets.get(facet).map_or(&[], |f| f.entities.as_slice()),
            Source::Nothing => &[],
        }
    }

    /// Candidates of a facet are in the order of their first `Put`: mostly, and not always, by id.
    fn in_order(&self) -> bool {
        self.order.is_none() && self.sorted
    }

    /// Nothing to test and nothing to sort: the page is a stretch of the candidates.
    fn takes_all(&self) -> bool {
        self.in_order() && self.tests.is_empty()
    }

    fn take_all(&mut self, candidates: &[u32]) {
        let left = candidates.get(self.from..self.upto).unwrap_or_default();
        if self.ascending {
            self.page.extend(left.iter().take(self.limit));
        } else {
            self.page.extend(left.iter().rev().take(self.limit));
        }
        self.from = self.upto;
    }

    /// Looks at up to `budget` rows; true when done.
    pub fn step(&mut self, world: &World, budget: usize) -> bool {
        let candidates = self.candidates(world);
        // A place may have lost entities between two steps.
        self.upto = self.upto.min(candidates.len());
        if self.takes_all() {
            self.take_all(candidates);
            return true;
        }
        let spines = world.all_spines();
        let list = match self.source {
            Source::Kind(kind) => world.book().and_then(|b| b.kind(kind)),
            _ => None,
        };
        for _ in 0..budget {
            if self.from >= self.upto || self.enough() {
                return true;
            }
            let at = if self.ascending { self.from } else { self.upto - 1 };
            if let Some(list) = list {
                let block = at / crate::systems::BLOCK;
                if !list.may_hold(block, self.category, self.state) {
                    if self.ascending {
                        self.from = (block + 1) * crate::systems::BLOCK;
                    } else {
                        self.upto = block * crate::systems::BLOCK;
                    }
                    continue;
                }
            }
            if self.ascending {
                self.from += 1
            } else {
                self.upto -= 1
            }
            self.looked += 1;
            let Some(id) = candidates.get(at).copied().filter(|id| *id > self.after) else { continue };
            let Some(spine) = spines.get(world, id) else { continue };
            if self.tests.iter().all(|t| t.holds(world, spine)) {
                self.matched += 1;
                self.keep(world, spine);
            }
        }
        self.from >= self.upto || self.enough()
    }

    fn enough(&self) -> bool {
        let full = self.in_order() && self.page.len() >= self.limit;
        match self.known {
            Some(total) => full || self.matched >= total,
            None => full && self.looked >= SCAN_MAX,
        }
    }

    fn keep(&mut self, world: &World, spine: &Spine) {
        if self.in_order() {
            if self.page.len() < self.limit {
                self.page.push(spine.id);
            }
            return;
        }
        let key = self.order.map_or(Value::None, |field| world.value_of(field, spine));
        self.found.push((key, spine.id));
        if self.found.len() >= self.limit.saturating_mul(2) + 1024 {
            self.trim();
        }
    }

    /// Keeps the first `limit` in order. What holds nothing comes last, equal keys by id.
    fn trim(&mut self) {
        let ascending = self.ascending;
        self.found.sort_unstable_by(|(a, x), (b, y)| {
            let by_key = match (a.is_none(), b.is_none()) {
                (false, false) => turn(compare(a, b).unwrap_or(Ordering::Equal), ascending),
                (a, b) => a.cmp(&b),
            };
            by_key.then(turn(x.cmp(y), ascending))
        });
        self.found.truncate(self.limit);
    }

    /// The rows found, with their fields as they are now.
    pub fn finish(mut self, world: &World) -> Batch {
        if !self.in_order() {
            self.trim();
            self.page = self.found.iter().map(|(_, id)| *id).collect();
        }
        let (columns, missing) = crate::batch::columns(world, &self.fields, &self.page);
        Batch {
            revision: self.revision,
            ids: self.page.into_iter().map(u64::from).collect(),
            columns,
            missing,
            total: self.known.unwrap_or(self.matched),
        }
    }
}

fn turn(order: Ordering, ascending: bool) -> Ordering {
    if ascending { order } else { order.reverse() }
}

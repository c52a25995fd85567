//! Grouped counts, done by the host on resident columns: ten million events cost milliseconds, not rows.

use crate::bindings::changzhi::platform::world as wit;
use crate::{Condition, EntityId, Field, HostError, InColumn, Micros, host};

/// A question for grouped counts. Nothing happens before [`Tally::run`].
#[derive(Clone, PartialEq, Debug)]
pub struct Tally(wit::TallySpec);

impl Tally {
    pub fn kind(kind: &str) -> Tally {
        Tally(wit::TallySpec { kind: kind.to_owned(), by: Vec::new(), filter: Vec::new() })
    }

    fn dimension(mut self, field: &str, bucket: &str) -> Tally {
        self.0.by.push(wit::Dimension { field: field.to_owned(), bucket: bucket.to_owned() });
        self
    }

    /// By a coded field: `core::CATEGORY`, `core::STATE`, `Report::CHANNEL`.
    pub fn by(self, field: Field<String, InColumn>) -> Tally {
        self.dimension(field.full_name(), "")
    }

    /// By the place it lies in, raised to a level such as `grid` or `district`; keys are ids as text.
    pub fn by_place(self, field: Field<EntityId, InColumn>, level: &str) -> Tally {
        self.dimension(field.full_name(), level)
    }

    /// By month; keys are `2026-11`.
    pub fn by_month(self, field: Field<Micros, InColumn>) -> Tally {
        self.dimension(field.full_name(), "month")
    }

    /// By day; keys are `2026-11-23`.
    pub fn by_day(self, field: Field<Micros, InColumn>) -> Tally {
        self.dimension(field.full_name(), "day")
    }

    /// All conditions must hold.
    pub fn filter(mut self, condition: Condition) -> Tally {
        self.0.filter.push(condition.0);
        self
    }

    pub fn run(self) -> Result<Counts, HostError> {
        host::tally(&self.0).map(Counts::new)
    }
}

/// The non-empty cells.
#[derive(Clone, PartialEq, Debug)]
pub struct Counts(wit::TallyTable);

impl Counts {
    #[doc(hidden)]
    pub fn new(table: wit::TallyTable) -> Counts {
        Counts(table)
    }

    pub fn len(&self) -> usize {
        self.0.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.counts.is_empty()
    }

    /// State of the world the counts are of.
    pub fn revision(&self) -> u64 {
        self.0.revision
    }

    /// The sum of all cells.
    pub fn total(&self) -> u64 {
        self.0.counts.iter().sum()
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = TallyRow<'_>> {
        self.0.counts.iter().enumerate().map(|(row, count)| TallyRow { table: &self.0, row, count: *count })
    }
}

/// One cell: its keys, in the order of the `by…` calls, and its count.
#[derive(Clone, Copy, Debug)]
pub struct TallyRow<'a> {
    table: &'a wit::TallyTable,
    row: usize,
    pub count: u64,
}

impl<'a> TallyRow<'a> {
    /// The key of the n-th `by…`; empty when there is none.
    pub fn key(&self, n: usize) -> &'a str {
        let name = self.table.keys.get(n).and_then(|codes| {
            let index = usize::try_from(*codes.index.get(self.row)?).ok()?;
            codes.names.get(index)
        });
        name.map_or("", String::as_str)
    }

    /// The key of the n-th `by_place` as the place.
    pub fn place(&self, n: usize) -> Option<EntityId> {
        self.key(n).parse().ok().map(EntityId)
    }
}

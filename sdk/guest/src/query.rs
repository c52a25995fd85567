//! Questions to the world. Answers are columns: ask for the fields you need and read them by type.

use crate::bindings::changzhi::platform::world as wit;
use crate::{Column, ColumnValue, Condition, EntityId, Field, Handle, HostError, InColumn, host};

/// A question. Nothing happens before [`Query::run`].
#[derive(Clone, PartialEq, Debug)]
pub struct Query(wit::Query);

impl Query {
    /// Rows given back when no limit is said.
    pub const DEFAULT_LIMIT: u32 = 100;

    /// Entities of one kind.
    pub fn kind(kind: &str) -> Query {
        Query(wit::Query {
            kind: kind.to_owned(),
            fields: Vec::new(),
            filter: Vec::new(),
            order: None,
            ascending: false,
            limit: Query::DEFAULT_LIMIT,
            after: 0,
        })
    }

    /// Entities of any kind that have the facet of the first field asked.
    pub fn any_kind() -> Query {
        Query::kind("")
    }

    /// Asks for one more column.
    pub fn field<T>(mut self, field: Field<T, InColumn>) -> Query {
        if !self.0.fields.iter().any(|f| f == field.full_name()) {
            self.0.fields.push(field.full_name().to_owned());
        }
        self
    }

    /// Asks for several columns of any types: `.fields(&[&Report::CODE, &core::STATE])`.
    pub fn fields(mut self, fields: &[&dyn Handle]) -> Query {
        for field in fields {
            if !self.0.fields.iter().any(|f| f == field.full_name()) {
                self.0.fields.push(field.full_name().to_owned());
            }
        }
        self
    }

    /// All conditions must hold.
    pub fn filter(mut self, condition: Condition) -> Query {
        self.0.filter.push(condition.0);
        self
    }

    /// Newest first, by when it happened.
    pub fn newest(self) -> Query {
        self.descending(crate::core::AT)
    }

    /// Oldest first, by when it happened.
    pub fn oldest(self) -> Query {
        self.ascending(crate::core::AT)
    }

    pub fn ascending<T>(mut self, by: Field<T, InColumn>) -> Query {
        self.0.order = Some(by.full_name().to_owned());
        self.0.ascending = true;
        self
    }

    pub fn descending<T>(mut self, by: Field<T, InColumn>) -> Query {
        self.0.order = Some(by.full_name().to_owned());
        self.0.ascending = false;
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u32) -> Query {
        self.0.limit = rows;
        self
    }

    /// Ids above this one only: the next page when no order is given. Pages then go up by id, the first one (after nothing) too.
    pub fn after(mut self, id: EntityId) -> Query {
        self.0.after = id.0;
        self.0.ascending |= self.0.order.is_none();
        self
    }

    pub fn run(self) -> Result<Rows, HostError> {
        let batch = host::query(&self.0)?;
        Rows::new(self.0.fields, batch)
    }
}

/// The answer: ids and one column for each field asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Rows {
    fields: Vec<String>,
    batch: wit::Batch,
}

impl Rows {
    /// Pairs an answer with the fields asked. Refused when the host gave another number of columns.
    #[doc(hidden)]
    pub fn new(fields: Vec<String>, batch: wit::Batch) -> Result<Rows, HostError> {
        if batch.columns.len() == fields.len() && batch.missing.len() == fields.len() {
            Ok(Rows { fields, batch })
        } else {
            Err(HostError::Other(format!("asked for {} columns, got {}", fields.len(), batch.columns.len())))
        }
    }

    pub fn len(&self) -> usize {
        self.batch.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.batch.ids.is_empty()
    }

    /// Rows that matched in all, counted up to the host's scan limit; [`Rows::len`] is what came back.
    pub fn total(&self) -> u64 {
        self.batch.total
    }

    /// State of the world the answer is of.
    pub fn revision(&self) -> u64 {
        self.batch.revision
    }

    pub fn ids(&self) -> impl ExactSizeIterator<Item = EntityId> + '_ {
        self.batch.ids.iter().copied().map(EntityId)
    }

    pub fn id(&self, row: usize) -> Option<EntityId> {
        self.batch.ids.get(row).copied().map(EntityId)
    }

    /// The column of a field that was asked for.
    pub fn column<T: ColumnValue>(&self, field: Field<T, InColumn>) -> Result<Column<'_, T>, HostError> {
        let name = field.full_name();
        let at = self.fields.iter().position(|f| f == name);
        let at =
            at.ok_or_else(|| HostError::Invalid(format!("`{name}` was not asked for: add `.field(…)` to the query")))?;
        match (self.batch.columns.get(at), self.batch.missing.get(at)) {
            (Some(column), Some(missing)) => Ok(Column::new(column, missing, self.len())),
            _ => Err(HostError::Other(format!("no column for `{name}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_by_id_go_up_from_the_first_one_unless_an_order_is_given() {
        assert!(Query::kind("division").after(EntityId(0)).0.ascending);
        assert!(!Query::kind("division").0.ascending);
        assert!(!Query::kind("matter").newest().after(EntityId(0)).0.ascending);
        assert!(!Query::kind("matter").after(EntityId(0)).newest().0.ascending);
    }
}

//! What a facet's column holds, found in slices before counting begins: the entities it names, or its first and last moment.
//!
//! Price: one pass over the column; a bit for each entity of the world while it runs.

use super::key::period;
use crate::ask::Dimension;
use crate::bits::Bits;
use crate::column::Data;
use crate::error::QueryError;
use crate::field::FieldRef;
use crate::world::World;

pub(super) enum Found {
    Ids(Bits),
    /// First and last moment; first after last = none.
    Times(i64, i64),
}

pub(super) struct Gather {
    facet: usize,
    field: usize,
    row: usize,
    pub found: Found,
}

impl Gather {
    /// What must be known before counting by this dimension; `None` = nothing.
    pub fn of(world: &World, d: &Dimension) -> Result<Option<Gather>, QueryError> {
        let FieldRef::Facet { facet, field, part: None } = FieldRef::queryable(world, &d.field)? else {
            return Ok(None);
        };
        let column = world.facets.get(facet).and_then(|f| f.columns.get(field));
        let found = match column.map(|c| &c.data) {
            Some(Data::Entity(_)) => {
                world.known_kind(&d.bucket)?;
                Found::Ids(Bits::zeros(world.ids.len() + 1))
            }
            Some(Data::Time(_)) => {
                period(d)?;
                Found::Times(i64::MAX, i64::MIN)
            }
            _ => return Ok(None),
        };
        Ok(Some(Gather { facet, field, row: 0, found }))
    }

    /// Looks at as many rows as `left` allows; true when all were seen.
    pub fn step(&mut self, world: &World, left: &mut usize) -> bool {
        let Some(facet) = world.facets.get(self.facet) else { return true };
        let Some(column) = facet.columns.get(self.field) else { return true };
        let end = facet.entities.len().min(self.row.saturating_add(*left));
        let rows = (self.row..end).filter(|row| column.present.get(*row));
        match (&mut self.found, &column.data) {
            (Found::Ids(ids), Data::Entity(v)) => {
                rows.filter_map(|row| v.get(row)).for_each(|id| ids.set(usize::try_from(*id).unwrap_or(0), true));
            }
            (Found::Times(first, last), Data::Time(v)) => {
                for at in rows.filter_map(|row| v.get(row)) {
                    (*first, *last) = ((*first).min(*at), (*last).max(*at));
                }
            }
            _ => {}
        }
        *left -= end.saturating_sub(self.row);
        self.row = self.row.max(end);
        self.row >= facet.entities.len()
    }
}

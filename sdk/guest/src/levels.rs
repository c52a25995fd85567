//! From the nearest division of an entity to a level of the tree of divisions.
//!
//! The host counts by the nearest place of a kind; which level a division has is its category, so raising a count from a
//! community to its district is done here. Price: two columns of all divisions (some 2,400 of a city) for each page.

use crate::{EntityId, Query, Refusal, core};
use std::collections::BTreeMap;

const CHUNK: u32 = 2_000;
/// Deeper trees do not exist; a circle would be damage.
const DEEPEST: usize = 32;

/// Every division with its parent and level (`city`, `district`, …). A plugin that reads it asks for `kind:division`.
#[derive(Debug, Default)]
pub struct Levels(BTreeMap<EntityId, (Option<EntityId>, String)>);

impl Levels {
    /// Reads them all.
    pub fn read() -> Result<Levels, Refusal> {
        let mut levels = Levels::default();
        let mut after = EntityId::default();
        loop {
            let rows =
                Query::kind("division").fields(&[&core::WITHIN, &core::CATEGORY]).after(after).limit(CHUNK).run()?;
            let (within, level) = (rows.column(core::WITHIN)?, rows.column(core::CATEGORY)?);
            for (row, id) in rows.ids().enumerate() {
                levels.0.insert(id, (within.get(row), level.get(row).unwrap_or_default().to_owned()));
                after = after.max(id);
            }
            if rows.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX) {
                return Ok(levels);
            }
        }
    }

    /// The division of this level that holds the place; `None` when none does.
    pub fn raise(&self, place: Option<EntityId>, level: &str) -> Option<EntityId> {
        let mut at = place?;
        for _ in 0..DEEPEST {
            let (parent, here) = self.0.get(&at)?;
            if here == level {
                return Some(at);
            }
            at = (*parent)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_raised_to_the_level_that_holds_it_and_a_circle_ends() {
        let mut levels = Levels::default();
        let rows =
            [(1, None, "city"), (2, Some(1), "district"), (3, Some(2), "street"), (4, Some(5), "x"), (5, Some(4), "x")];
        for (id, parent, level) in rows {
            levels.0.insert(EntityId(id), (parent.map(EntityId), level.to_owned()));
        }
        assert_eq!(levels.raise(Some(EntityId(3)), "district"), Some(EntityId(2)));
        assert_eq!(levels.raise(Some(EntityId(2)), "district"), Some(EntityId(2)));
        assert_eq!(levels.raise(Some(EntityId(1)), "district"), None);
        assert_eq!(levels.raise(Some(EntityId(4)), "district"), None);
        assert_eq!(levels.raise(None, "district"), None);
    }
}

//! What changed after a revision: exact over restarts, because each entity's last change is part of the snapshot.

use crate::ask::Delta;
use crate::error::QueryError;
use crate::world::World;
use changzhi_model::{EntityId, Seq};

/// Above this many the reader is told to read everything again.
pub const SINCE_MAX: usize = 100_000;

impl World {
    /// Entities of a kind (empty = any), or with a row of a facet, changed after `revision`; of a facet: whose row changed.
    /// `resync` when there are more than [`SINCE_MAX`], or the revision is ahead of this world.
    pub fn since(&self, kind: &str, revision: Seq) -> Result<Delta, QueryError> {
        let mut delta = Delta { revision: self.revision, changed: Vec::new(), resync: revision > self.revision };
        if delta.resync || revision == self.revision {
            return Ok(delta);
        }
        let mut changed: Vec<u32> = if let Some(facet) = self.facet_by_name(kind) {
            let rows = facet.changed.since(revision.0);
            rows.filter_map(|row| facet.entities.get(row).copied()).take(SINCE_MAX + 1).collect()
        } else {
            let Some(wanted) = self.known_kind(kind)? else { return Ok(delta) };
            let ids = self.ids.changed.since(revision.0).map(|row| row as u32 + 1);
            let hit = ids.filter(|id| wanted.is_none() || self.spine((*id).into()).map(|s| s.kind) == wanted);
            hit.take(SINCE_MAX + 1).collect()
        };
        if changed.len() > SINCE_MAX {
            delta.resync = true;
            return Ok(delta);
        }
        changed.sort_unstable();
        delta.changed = changed.into_iter().map(|id| EntityId(id.into())).collect();
        Ok(delta)
    }
}

//! Near and within: what is around a point, and which place holds it.

use crate::ask::Hit;
use crate::error::QueryError;
use crate::query::LIMIT_MAX;
use crate::systems::{Cells, Extents};
use crate::world::World;
use changzhi_model::{EntityId, Point};

/// How far a place without an extent may be from a point and still be taken for its place, in metres.
pub const LOCATE_METRES: f64 = 1_000.0;

impl World {
    /// Nearest entities with a position within a radius, nearest first, then by id; an empty kind is any kind.
    pub fn near(&self, center: Point, metres: f64, kind: &str, limit: u32) -> Result<Vec<Hit>, QueryError> {
        if !center.is_valid() || !metres.is_finite() || metres < 0.0 {
            return Err(QueryError::Invalid("a point on the globe and a radius of zero or more metres".into()));
        }
        if limit > LIMIT_MAX {
            return Err(QueryError::TooMuch(format!("at most {LIMIT_MAX} hits")));
        }
        let Some(kind) = self.known_kind(kind)? else { return Ok(Vec::new()) };
        let mut hits = Vec::new();
        let Some(cells) = self.ecs.get_resource::<Cells>() else { return Ok(hits) };
        cells.around(center, metres, |id| {
            let here = kind.is_none() || self.spine(id.into()).map(|s| s.kind) == kind;
            let far = self.position(id.into()).filter(|_| here).map(|p| center.metres_to(p));
            if let Some(far) = far.filter(|far| *far <= metres) {
                hits.push(Hit { id: EntityId(id.into()), metres: far });
            }
        });
        hits.sort_unstable_by(|a, b| a.metres.total_cmp(&b.metres).then(a.id.cmp(&b.id)));
        hits.truncate(limit as usize);
        Ok(hits)
    }

    /// The smallest place of a kind whose extent holds the point. Where none does, the nearest place of the kind that has
    /// a position and no extent, within [`LOCATE_METRES`].
    pub fn locate(&self, at: Point, kind: &str) -> Result<Option<EntityId>, QueryError> {
        let Some(wanted) = self.known_kind(kind)? else { return Ok(None) };
        let Some(extents) = self.ecs.get_resource::<Extents>() else { return Ok(None) };
        let of_kind = extents
            .holding(at)
            .filter(|(id, _)| wanted.is_none() || self.spine((*id).into()).map(|s| s.kind) == wanted);
        let smallest = of_kind.min_by(|(a, x), (b, y)| x.total_cmp(y).then(a.cmp(b)));
        if let Some((id, _)) = smallest {
            return Ok(Some(EntityId(id.into())));
        }
        let near = self.near(at, LOCATE_METRES, kind, LIMIT_MAX)?;
        let is_open_place = |hit: &&Hit| {
            let id = hit.id.0 as u32;
            extents.of(id).is_none()
                && self.ids.address(id).is_some_and(|a| a.family() == changzhi_model::Family::Places)
        };
        Ok(near.iter().find(is_open_place).map(|hit| hit.id))
    }

    /// `None` = declared but nobody is of it; `Some(None)` = any kind.
    pub(crate) fn known_kind(&self, kind: &str) -> Result<Option<Option<u16>>, QueryError> {
        if kind.is_empty() {
            return Ok(Some(None));
        }
        match self.kinds.number(kind).and_then(|k| u16::try_from(k).ok()) {
            Some(k) => Ok(Some(Some(k))),
            None if self.kind(kind).is_some() => Ok(None),
            None => Err(QueryError::Unknown(format!("kind {kind:?}"))),
        }
    }
}

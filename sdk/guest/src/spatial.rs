//! Questions about where.

use crate::{EntityId, HostError, Point, host};

/// An entity and how far away it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hit {
    pub id: EntityId,
    pub metres: f64,
}

/// Nearest entities of a kind with a position, nearest first.
pub fn near(center: Point, metres: f64, kind: &str, limit: u32) -> Result<Vec<Hit>, HostError> {
    let hits = host::near(center, metres, kind, limit)?;
    Ok(hits.into_iter().map(|h| Hit { id: EntityId(h.id), metres: h.metres }).collect())
}

/// The smallest place of a kind whose extent holds the point.
pub fn locate(at: Point, kind: &str) -> Result<Option<EntityId>, HostError> {
    Ok(host::locate(at, kind)?.map(EntityId))
}

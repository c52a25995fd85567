//! Where an alarm is.

use super::facet::chain;
use changzhi_sdk::prelude::*;

/// Where an entity itself is.
fn own(entity: EntityId) -> Result<Option<(f64, f64)>, Refusal> {
    let (lon, lat) = get(entity, (core_fields::LON, core_fields::LAT))?;
    Ok(lon.zip(lat))
}

/// The nearest position going up from an alarm: its own, its place's, that of what the place lies in.
pub(crate) fn position(entity: EntityId, within: Option<EntityId>) -> Result<Option<(f64, f64)>, Refusal> {
    for one in std::iter::once(entity).chain(chain(within)?) {
        if let Some(at) = own(one)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

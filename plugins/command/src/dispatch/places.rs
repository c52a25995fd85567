//! Where something is, and what it lies in.

use crate::alarm::{chain, position};
use changzhi_sdk::prelude::*;

/// Places at which somebody may stand by: none of them is a dwelling.
const STANDS: [&str; 3] = ["division", "grid", "facility"];
/// Whose cover a responder is part of, the first that is found going up.
const LEVELS: [&str; 2] = ["district", "city"];

/// Checks where somebody is to stand by: the position of the place, and the division whose cover they are part of.
pub(super) fn stands_by(place: EntityId) -> Result<(Option<Point>, Option<EntityId>), Refusal> {
    let kind = get(place, core_fields::KIND)?.unwrap_or_default();
    if !STANDS.contains(&kind.as_str()) {
        return Err(Refusal::invalid("place", "stand-by-no-dwelling"));
    }
    let at = position(place, get(place, core_fields::WITHIN)?)?.map(|(lon, lat)| Point { lon, lat });
    let chain = chain(Some(place))?;
    for level in LEVELS {
        for one in &chain {
            let (kind, category) = get(*one, (core_fields::KIND, core_fields::CATEGORY))?;
            if kind.as_deref() == Some("division") && category.as_deref() == Some(level) {
                return Ok((at, Some(*one)));
            }
        }
    }
    // A city without levels, or one of another country: the nearest division.
    for one in &chain {
        if get(*one, core_fields::KIND)?.as_deref() == Some("division") {
            return Ok((at, Some(*one)));
        }
    }
    Ok((at, None))
}

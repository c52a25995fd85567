//! What the world knows of a place's shape: its ring, its point, its division code.

use changzhi_cap::{Division, Point, Ring};
use changzhi_sdk::prelude::{EntityId, Refusal, core_fields, get};
use changzhi_sdk::{Field, InJournal};

pub(crate) const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
pub(crate) const PLACE_CODE: Field<String> = Field::new("host.place", "code", "host.place.code");
const RING: Field<String, InJournal> = Field::new("host.extent", "ring", "host.extent.ring");
/// Places above one another; a deeper tree is damage.
const DEEPEST: usize = 32;

pub(crate) fn name(place: EntityId) -> Result<String, Refusal> {
    Ok(get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}")))
}

pub(crate) fn ring(place: EntityId) -> Result<Option<Ring>, Refusal> {
    Ok(get(place, RING)?.and_then(|text| ring_of(&text)))
}

/// The world says `lon,lat lon,lat`; two corners are a rectangle.
pub(crate) fn ring_of(text: &str) -> Option<Ring> {
    let point = |pair: &str| {
        let (lon, lat) = pair.split_once(',')?;
        Point::new(lat.parse().ok()?, lon.parse().ok()?)
    };
    let points: Option<Vec<Point>> = text.split_ascii_whitespace().map(point).collect();
    points.filter(|p| p.len() > 1).map(|points| Ring::of_extent(&points))
}

pub(crate) fn position(place: EntityId) -> Result<Option<Point>, Refusal> {
    let (lon, lat) = get(place, (core_fields::LON, core_fields::LAT))?;
    Ok(lon.zip(lat).and_then(|(lon, lat)| Point::new(lat, lon)))
}

pub(crate) fn parent(place: EntityId) -> Result<Option<EntityId>, Refusal> {
    Ok(get(place, core_fields::WITHIN)?)
}

/// The national code of the place, when its own code is one.
pub(crate) fn division(place: EntityId) -> Result<Option<Division>, Refusal> {
    let (kind, code) = get(place, (core_fields::KIND, PLACE_CODE))?;
    Ok(code.filter(|_| kind.as_deref() == Some("division")).and_then(|code| Division::parse(&code)))
}

/// Whether the place lies in one of these, or is one; nobody's divisions are everywhere.
pub(crate) fn lies_within(place: EntityId, divisions: &[EntityId]) -> Result<bool, Refusal> {
    let mut at = Some(place);
    for _ in 0..DEEPEST {
        match at {
            _ if divisions.is_empty() => return Ok(true),
            Some(here) if divisions.contains(&here) => return Ok(true),
            Some(here) => at = parent(here)?,
            None => return Ok(false),
        }
    }
    Ok(false)
}

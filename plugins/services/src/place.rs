//! Where a report lies: the grid that was named, else the grid that holds its point, else the place that was named. A report is never refused for its
//! place, because the fault is not the resident's.

use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

/// The host's name of a place.
pub(crate) const NAME: Field<String> = Field::new("host.place", "name", "host.place.name");

pub(crate) fn within(ctx: &Context, named: Option<EntityId>, at: Option<Point>) -> Result<Option<EntityId>, Refusal> {
    // A kind the plugin may not read is no grid.
    let is_grid = |place: &EntityId| matches!(get(*place, core_fields::KIND), Ok(Some(kind)) if kind == "grid");
    if let Some(grid) = named.filter(is_grid) {
        return Ok(Some(grid));
    }
    let grid = match at {
        Some(at) => locate(at, "grid")?,
        None => None,
    };
    Ok(grid.or(named).or(ctx.place))
}

/// The name of a place for people; its number when it has none.
pub(crate) fn name(place: EntityId) -> Result<Text, Refusal> {
    Ok(Text::plain(get(place, NAME)?.unwrap_or_else(|| format!("#{place}"))))
}

//! Where an alarm can be pressed: each place with a button in use or with somebody enrolled, and the floor that such a press would say.

use super::device::buttons;
use super::facet::Enrolment;
use changzhi_sdk::prelude::*;

/// Enrolments looked through.
const ROWS: u32 = 2_000;

/// Place and floor of every button and enrolment that is in use, at a place and in what lies in it, or in all the city.
pub(crate) fn pressable(place: Option<EntityId>) -> Result<Vec<(EntityId, Option<String>)>, Refusal> {
    let mut all: Vec<(EntityId, Option<String>)> =
        buttons(place)?.0.into_iter().filter(|b| !b.revoked).map(|b| (b.place, b.floor)).collect();
    let mut query = Query::kind("enrolment")
        .fields(&[&Enrolment::FLOOR, &Enrolment::ENDED, &core_fields::WITHIN])
        .newest()
        .limit(ROWS);
    if let Some(place) = place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    let rows = query.run()?;
    let (floor, ended) = (rows.column(Enrolment::FLOOR)?, rows.column(Enrolment::ENDED)?);
    let within = rows.column(core_fields::WITHIN)?;
    for row in (0..rows.len()).filter(|row| !ended.get(*row).unwrap_or(false)) {
        if let Some(place) = within.get(row) {
            all.push((place, floor.get(row).map(str::to_owned)));
        }
    }
    Ok(all)
}

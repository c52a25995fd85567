//! Places where an alarm can be pressed and nobody could be shown the way: named for whoever enrols staff and buttons, as dead buttons are.

use super::floor;
use super::kept::nearest;
use crate::alarm::{place_name, pressable};
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

/// Places looked at; a city that has more without a plan begins with these.
const PLACES: usize = 200;

/// What of a place has no plan.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Missing {
    All,
    Floors(Vec<String>),
}

/// Against the floors that have a plan, those that can be pressed. `planned` is empty where there is none at all.
fn missing(pressable: &[String], planned: &[String]) -> Option<Missing> {
    if planned.is_empty() {
        return Some(Missing::All);
    }
    let mut floors: Vec<(String, String)> = pressable.iter().map(|f| (floor::same(f), f.trim().to_owned())).collect();
    floors.retain(|(same, _)| !same.is_empty() && !planned.contains(same));
    floors.sort_by(|a, b| floor::order(&a.0).cmp(&floor::order(&b.0)));
    floors.dedup_by(|a, b| a.0 == b.0);
    let floors: Vec<String> = floors.into_iter().map(|(_, written)| written).collect();
    (!floors.is_empty()).then_some(Missing::Floors(floors))
}

/// Every place with a button or with enrolled staff that has no plan, and the floors of it that have none.
pub(crate) fn section(place: Option<EntityId>) -> Result<Section, Refusal> {
    let mut places: BTreeMap<EntityId, Vec<String>> = BTreeMap::new();
    for (place, floor) in pressable(place)? {
        places.entry(place).or_default().extend(floor);
    }
    let mut table = Table::new()
        .key("plan-gaps")
        .opens("plans", "place")
        .col("level", "level")
        .col("place", "place")
        .col("missing", "plan-missing");
    for (place, floors) in places.into_iter().take(PLACES) {
        let versions = nearest(Some(place))?;
        let planned: Vec<String> = versions.into_iter().filter(|v| v.until.is_none()).map(|v| v.same).collect();
        let Some(missing) = missing(&floors, &planned) else { continue };
        let (level, said) = match missing {
            Missing::All => (2, Cell::code("plan-none")),
            Missing::Floors(floors) => (3, Cell::from(floors.join("、"))),
        };
        table = table.row(place, [Cell::level(level), place_name(place)?.into(), said]);
    }
    Ok(Section::new("plan-gaps").key("plan-gaps").help("plan-gaps-help").empty("no-plan-gaps").add(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_that_can_be_pressed_and_has_no_plan_is_missing_once() {
        let all = |floors: &[&str]| floors.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>();
        assert_eq!(missing(&all(&["3 楼"]), &[]), Some(Missing::All));
        assert_eq!(missing(&[], &[]), Some(Missing::All), "pressed without a floor: it has no plan all the same");
        assert_eq!(missing(&all(&["3 楼", "三层", ""]), &all(&["3"])), None);
        let floors = missing(&all(&["5F", "B1", "五楼", "3 楼"]), &all(&["3"]));
        assert_eq!(floors, Some(Missing::Floors(all(&["B1", "5F"]))));
    }
}

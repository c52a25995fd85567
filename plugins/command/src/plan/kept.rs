//! Which plans a place has, which were in force at a moment, and which of them an alarm asks for.

use super::facet::FloorPlan;
use super::floor;
use crate::alarm::chain;
use changzhi_sdk::prelude::*;

/// Versions of one place that are looked through, the newest first.
const ROWS: u32 = 500;
/// A division is no place that has a floor.
const WIDE: [&str; 2] = ["division", "grid"];

/// One version, as far as choosing needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Kept {
    pub(super) id: EntityId,
    pub(super) place: EntityId,
    pub(super) floor: String,
    /// The same for every way of writing the floor.
    pub(super) same: String,
    pub(super) from: Micros,
    pub(super) until: Option<Micros>,
}

impl Kept {
    fn in_force(&self, at: Micros) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// The versions of a place, or of it and all that lies in it, the newest first; and how many there are.
pub(super) fn versions(place: Option<EntityId>, and_within: bool) -> Result<(Vec<Kept>, u64), Refusal> {
    let mut query = Query::kind("floor-plan")
        .fields(&[&FloorPlan::FLOOR, &FloorPlan::UNTIL, &core_fields::AT, &core_fields::WITHIN])
        .newest()
        .limit(ROWS);
    if let Some(place) = place {
        let there = if and_within { core_fields::WITHIN.at_most(place) } else { core_fields::WITHIN.is(place) };
        query = query.filter(there);
    }
    let rows = query.run()?;
    let (floor, until) = (rows.column(FloorPlan::FLOOR)?, rows.column(FloorPlan::UNTIL)?);
    let (from, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let kept = |row: usize| {
        let floor = floor.get(row)?.to_owned();
        let (id, place, from) = (rows.id(row)?, within.get(row)?, from.get(row)?);
        Some(Kept { id, place, same: floor::same(&floor), floor, from, until: until.get(row) })
    };
    Ok(((0..rows.len()).filter_map(kept).collect(), rows.total()))
}

/// Those without an end: one of each floor of each place, from the lowest floor up.
pub(super) fn now(mut versions: Vec<Kept>) -> Vec<Kept> {
    versions.retain(|v| v.until.is_none());
    sorted(&mut versions);
    versions
}

/// The versions of the nearest place that has any, going up from where an alarm rings.
pub(super) fn nearest(within: Option<EntityId>) -> Result<Vec<Kept>, Refusal> {
    for place in chain(within)? {
        if get(place, core_fields::KIND)?.is_none_or(|kind| WIDE.contains(&kind.as_str())) {
            break;
        }
        let (versions, _) = versions(Some(place), false)?;
        if !versions.is_empty() {
            return Ok(versions);
        }
    }
    Ok(Vec::new())
}

/// What is shown of a place's plans.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Chosen {
    /// One of each floor, the one that was pressed first.
    pub(super) plans: Vec<Kept>,
    /// The first is of the floor that was pressed.
    pub(super) pressed: bool,
    /// Something was put in, replaced or ended after the alarm.
    pub(super) changed: bool,
}

/// Of each floor the version in force when it rang; where there was none, the first one after: late is better than nothing, and is said.
pub(super) fn chosen(versions: &[Kept], pressed: Option<&str>, at: Micros) -> Chosen {
    let pressed = pressed.map(floor::same).filter(|floor| !floor.is_empty());
    let mut plans: Vec<Kept> = versions.iter().filter(|v| v.in_force(at)).cloned().collect();
    let mut later: Vec<&Kept> = versions.iter().filter(|v| v.from > at).collect();
    later.sort_by_key(|v| (v.from, v.id));
    let changed = !later.is_empty() || plans.iter().any(|p| p.until.is_some());
    for version in later {
        if !plans.iter().any(|p| p.same == version.same) {
            plans.push(version.clone());
        }
    }
    sorted(&mut plans);
    // Stable: the others stay from the lowest up.
    plans.sort_by_key(|p| Some(&p.same) != pressed.as_ref());
    let first = plans.first().map(|p| &p.same);
    let pressed = first.is_some() && first == pressed.as_ref();
    Chosen { plans, pressed, changed }
}

fn sorted(plans: &mut [Kept]) {
    plans.sort_by(|a, b| (a.place, floor::order(&a.same)).cmp(&(b.place, floor::order(&b.same))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: u64, written: &str, from: i64, until: Option<i64>) -> Kept {
        let (floor, same) = (written.to_owned(), floor::same(written));
        Kept { id: EntityId(id), place: EntityId(1), floor, same, from: Micros(from), until: until.map(Micros) }
    }

    fn ids(chosen: &Chosen) -> Vec<u64> {
        chosen.plans.iter().map(|p| p.id.0).collect()
    }

    #[test]
    fn the_floor_that_was_pressed_comes_first_and_the_others_from_the_lowest_up() {
        let all = [kept(1, "1 楼", 0, None), kept(3, "3 楼", 0, None), kept(4, "B1", 0, None)];
        let of = |floor| chosen(&all, floor, Micros(9));
        assert_eq!((ids(&of(Some("三层"))), of(Some("三层")).pressed), (vec![3, 4, 1], true));
        assert_eq!((ids(&of(None)), of(None).pressed), (vec![4, 1, 3], false));
        assert_eq!((ids(&of(Some("7 楼"))), of(Some("7 楼")).pressed), (vec![4, 1, 3], false), "there is none of it");
        assert!(!of(Some(" ")).pressed);
    }

    #[test]
    fn what_was_in_force_when_it_rang_is_shown_whatever_came_after() {
        let all = [kept(1, "3 楼", 10, Some(20)), kept(2, "三楼", 20, Some(30)), kept(3, "3F", 30, None)];
        let at = |at| chosen(&all, Some("3 楼"), Micros(at));
        assert_eq!((ids(&at(10)), ids(&at(19))), (vec![1], vec![1]));
        assert_eq!((ids(&at(20)), ids(&at(30)), ids(&at(99))), (vec![2], vec![3], vec![3]));
        assert!(at(20).changed && !at(30).changed);
        assert_eq!((ids(&at(5)), at(5).changed), (vec![1], true), "there was none: the first after it");
    }

    #[test]
    fn a_floor_whose_plan_was_ended_has_none() {
        let all = [kept(1, "3 楼", 10, Some(20))];
        assert_eq!(ids(&chosen(&all, Some("3 楼"), Micros(25))), Vec::<u64>::new());
        assert!(now(all.to_vec()).is_empty());
    }
}

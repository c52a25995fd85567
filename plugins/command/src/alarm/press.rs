//! The press: an alarm, or one more press of the one that rings there already.

use super::called::{self, About};
use super::facet::{Alarm, chain};
use super::flow::table::RINGING;
use super::line::LINE;
use super::roster::Roster;
use changzhi_sdk::bindings::changzhi::platform::changes::Change;
use changzhi_sdk::prelude::*;

/// A second press at the same place within this belongs to the first alarm.
pub(crate) const JOINS: i64 = 120 * Micros::SECOND;
/// A clock that is wrong by more, or a press that came later, is said to be so.
const LATE: i64 = Micros::MINUTE;
/// A press older than this is kept and rings nobody.
const STALE: i64 = Micros::DAY;
/// Alarms that ring at one place at once; more are one alarm.
const OPEN: u32 = 50;
/// The kind of alarm that says a post of the roster is held by nobody.
pub(crate) const HOLE: &str = "roster-hole";

/// Alarms of the house itself: they ring in a corner, never over somebody's call for help.
pub(crate) fn is_aside(category: &str) -> bool {
    [HOLE, LINE].contains(&category)
}

#[derive(Body, Default)]
pub struct Ring {
    #[field(entity = places)]
    pub place: EntityId,
    #[field(code, options = ["help", "fire", "medical", "security", "test"])]
    pub category: String,
    #[field(max_len = 100)]
    pub spot: Option<String>,
    pub position: Option<Point>,
    #[field(max_len = 40)]
    pub floor: Option<String>,
    #[field(max_len = 40)]
    pub room: Option<String>,
    /// What whoever presses is there: nurse, teacher, guard.
    #[field(max_len = 40)]
    pub presser_role: Option<String>,
    /// By the clock of the phone.
    pub pressed: Option<Micros>,
    pub exercise: Option<bool>,
}

/// How a press stands to the host's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Timing {
    InTime,
    /// Late, or by a clock that is wrong: it rings, and says so.
    Late,
    /// Of another day: a record.
    Stale,
}

/// `never_before`: what presses was not there earlier, so a clock that says so stands wrong, and tells nothing of how late it came.
pub(crate) fn timing(now: Micros, pressed: Option<Micros>, never_before: Option<Micros>) -> Timing {
    if pressed.zip(never_before).is_some_and(|(pressed, begun)| pressed < begun.plus(-LATE)) {
        return Timing::Late;
    }
    match now.since(pressed.unwrap_or(now)) {
        old if old > STALE => Timing::Stale,
        off if off.saturating_abs() > LATE => Timing::Late,
        _ => Timing::InTime,
    }
}

/// One press, whoever or whatever pressed.
#[derive(Default)]
pub(crate) struct Press {
    pub(crate) ring: Ring,
    pub(crate) by: Option<EntityId>,
    pub(crate) button: Option<EntityId>,
    /// When a button was enrolled.
    pub(crate) never_before: Option<Micros>,
}

#[command(label = "ring")]
pub fn ring(ctx: &Context, body: Ring) -> Result<Changes, Refusal> {
    let by = Some(ctx.actor.id).filter(|id| *id != EntityId::default());
    pressed(ctx.now, Press { ring: body, by, ..Press::default() })
}

/// What a press changes: the same for a phone and for a button on the wall.
pub(crate) fn pressed(now: Micros, press: Press) -> Result<Changes, Refusal> {
    let timing = timing(now, press.ring.pressed, press.never_before);
    if timing == Timing::Stale {
        return Ok(kept(now, press));
    }
    if let Some(open) = ringing_there(now, &press.ring)? {
        return Ok(joined(&open, &press.ring));
    }
    let (place, category, exercise) =
        (press.ring.place, press.ring.category.clone(), press.ring.exercise == Some(true));
    let mut changes = rung(now, press, timing);
    let (roster, chain) = (Roster::read(now)?, chain(Some(place))?);
    if let Some(id) = alarm_of(&changes) {
        called::first(&mut changes, now, &category, &About { id, exercise, chain: &chain }, &roster)?;
    }
    holes(now, &chain, &roster, &mut changes)?;
    Ok(changes)
}

/// The alarm that a press made or joined: the first whose facet is put.
pub(crate) fn alarm_of(changes: &Changes) -> Option<EntityId> {
    changes.ops().iter().find_map(|op| match op {
        Change::Put(put) if put.facet == Alarm::NAME => Some(EntityId(put.entity)),
        _ => None,
    })
}

struct Open {
    alarm: EntityId,
    presses: i64,
    /// Where it was pressed first, and where else.
    first: String,
    more: String,
}

/// The alarm of this kind that rings at this very place.
fn ringing_there(now: Micros, ring: &Ring) -> Result<Option<Open>, Refusal> {
    let open = Query::kind("alarm")
        .fields(&[&Alarm::PRESSES, &Alarm::SPOT, &Alarm::MORE, &Alarm::EXERCISE])
        .fields(&[&core_fields::CATEGORY, &core_fields::STATE])
        .filter(core_fields::WITHIN.is(ring.place))
        .filter(core_fields::AT.at_least(now.plus(-JOINS)))
        .newest()
        .limit(OPEN)
        .run()?;
    let (presses, more, exercise) =
        (open.column(Alarm::PRESSES)?, open.column(Alarm::MORE)?, open.column(Alarm::EXERCISE)?);
    let (category, state) = (open.column(core_fields::CATEGORY)?, open.column(core_fields::STATE)?);
    let first = open.column(Alarm::SPOT)?;
    // A test never swallows a call for help, nor help a fire, nor an exercise anything: only the same kind joins.
    let same = |row: &usize| {
        category.get(*row) == Some(ring.category.as_str())
            && state.get(*row).is_some_and(|s| RINGING.contains(&s))
            && exercise.get(*row).unwrap_or(false) == ring.exercise.unwrap_or(false)
    };
    let row = (0..open.len()).find(same);
    Ok(row.and_then(|row| {
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let (first, more) = (said(first.get(row)), said(more.get(row)));
        open.id(row).map(|alarm| Open { alarm, presses: presses.get(row).unwrap_or(1), first, more })
    }))
}

/// Floor, room and spot as they are read out.
fn spot(ring: &Ring) -> Option<String> {
    let parts = [&ring.floor, &ring.room, &ring.spot].into_iter().flatten().map(String::as_str);
    let said: Vec<&str> = parts.map(str::trim).filter(|p| !p.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(" ").chars().take(100).collect())
}

fn facet(press: Press, timing: Timing) -> Alarm {
    let spot = spot(&press.ring);
    let ring = press.ring;
    Alarm {
        spot,
        presses: Some(1),
        floor: ring.floor,
        room: ring.room,
        presser_role: ring.presser_role,
        pressed_by: press.by,
        pressed: ring.pressed,
        late: (timing != Timing::InTime).then_some(true),
        button: press.button,
        exercise: ring.exercise.filter(|e| *e),
        called: called::at_first().filter(|_| timing != Timing::Stale),
        ..Alarm::default()
    }
}

fn create(changes: &mut Changes, now: Micros, ring: &Ring) -> EntityId {
    let new = New::of("alarm", now).category(ring.category.clone()).within(ring.place).position(ring.position);
    changes.create(new)
}

fn rung(now: Micros, press: Press, timing: Timing) -> Changes {
    let mut changes = Changes::new();
    let alarm = create(&mut changes, now, &press.ring);
    changes.put(alarm, facet(press, timing));
    changes.answer("alarm", alarm).answer("outcome", "rung");
    changes
}

/// Written down, with its own time, and nobody is rung.
fn kept(now: Micros, press: Press) -> Changes {
    let mut changes = Changes::new();
    let alarm = create(&mut changes, now, &press.ring);
    changes.advance(alarm, "keep", "");
    changes.put(alarm, facet(press, Timing::Stale));
    changes.answer("alarm", alarm).answer("outcome", "kept");
    changes
}

fn joined(open: &Open, ring: &Ring) -> Changes {
    let mut changes = Changes::new();
    changes.set(open.alarm, Alarm::PRESSES, open.presses + 1);
    // Two hundred bytes of other rooms are enough to send somebody to look.
    if let Some(spot) = spot(ring).filter(|s| *s != open.first && !open.more.split(" · ").any(|m| m == s)) {
        let more = if open.more.is_empty() { spot } else { format!("{} · {spot}", open.more) };
        if more.len() <= 200 {
            changes.set(open.alarm, Alarm::MORE, more);
        }
    }
    changes.answer("alarm", open.alarm).answer("outcome", "joined");
    changes
}

/// The posts of the roster that should be held where an alarm rings and are not: an alarm of its own, once for each division.
fn holes(now: Micros, chain: &[EntityId], roster: &Roster, changes: &mut Changes) -> Result<(), Refusal> {
    for (division, post) in roster.holes(chain) {
        if !is_open(HOLE, Some(division))? {
            let alarm = Alarm { spot: Some(post), presses: Some(1), ..Alarm::default() };
            of_the_house(changes, now, HOLE, Some(division), alarm, roster)?;
        }
    }
    Ok(())
}

/// An alarm of the house itself, told to the seats. `alarm` is what is kept of it.
pub(super) fn of_the_house(
    changes: &mut Changes,
    now: Micros,
    category: &str,
    within: Option<EntityId>,
    alarm: Alarm,
    roster: &Roster,
) -> Result<(), Refusal> {
    let id = changes.create(New::of("alarm", now).category(category).within(within));
    changes.put(id, Alarm { called: called::at_first(), ..alarm });
    let chain = chain(within)?;
    called::first(changes, now, category, &About { id, exercise: false, chain: &chain }, roster)
}

/// An alarm of the house of this kind, about this place where one is named, is not over yet.
pub(super) fn is_open(category: &str, within: Option<EntityId>) -> Result<bool, Refusal> {
    let mut asked = Query::kind("alarm").field(core_fields::STATE).filter(core_fields::CATEGORY.is(category));
    if let Some(place) = within {
        asked = asked.filter(core_fields::WITHIN.is(place));
    }
    let known = asked.newest().limit(OPEN).run()?;
    let states = known.column(core_fields::STATE)?;
    let over = ["stood-down", "reviewed", "closed", "kept"];
    Ok((0..known.len()).any(|row| states.get(row).is_some_and(|s| !over.contains(&s))))
}

#[derive(Body)]
pub struct Looked {
    #[field(entity = places)]
    pub place: EntityId,
}

/// Looks at the roster without an alarm: whoever plans, or a program every hour, finds a hole before it is needed.
#[command(label = "check-roster", roles = ["operator", "duty-officer", "admin"])]
pub fn check_roster(ctx: &Context, body: Looked) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    holes(ctx.now, &chain(Some(body.place))?, &Roster::read(ctx.now)?, &mut changes)?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(pressed: Option<i64>) -> Ring {
        Ring { place: EntityId(4), category: "help".into(), pressed: pressed.map(Micros), ..Ring::default() }
    }

    #[test]
    fn a_press_makes_an_alarm_and_another_soon_after_joins_it() {
        let press = Press { ring: ring(None), ..Press::default() };
        let made = rung(Micros(9), press, Timing::InTime);
        assert!(alarm_of(&made).is_some_and(EntityId::is_provisional));
        assert!(matches!(made.ops().first(), Some(Change::Create(c)) if c.within == Some(4) && c.at == 9));
        let open = Open { alarm: EntityId(7), presses: 1, first: String::new(), more: String::new() };
        let again = joined(&open, &ring(None));
        assert!(again.ops().iter().all(|op| !matches!(op, Change::Create(_))));
        assert_eq!(alarm_of(&again), Some(EntityId(7)));
    }

    #[test]
    fn late_and_skewed_clocks_ring_and_are_said_to_be_so_and_another_day_is_a_record() {
        let now = Micros(10 * Micros::DAY);
        for (before, wanted) in [
            (0, Timing::InTime),
            (59 * Micros::SECOND, Timing::InTime),
            (61 * Micros::SECOND, Timing::Late),
            (-61 * Micros::SECOND, Timing::Late),
            (-3 * Micros::DAY, Timing::Late),
            (Micros::DAY, Timing::Late),
            (Micros::DAY + 1, Timing::Stale),
        ] {
            assert_eq!(timing(now, Some(now.plus(-before)), None), wanted, "{before}");
        }
        assert_eq!(timing(now, None, None), Timing::InTime, "a press without a time is one of now");
        assert_eq!(timing(Micros(i64::MAX), Some(Micros(i64::MIN)), None), Timing::Stale);
        assert_eq!(timing(Micros(i64::MIN), Some(Micros(i64::MAX)), None), Timing::Late);
        // A button whose clock was never set says 1970: it calls for help now.
        let enrolled = Some(now.plus(-5 * Micros::DAY));
        assert_eq!(timing(now, Some(Micros(0)), enrolled), Timing::Late);
        assert_eq!(timing(now, Some(now.plus(-2 * Micros::DAY)), enrolled), Timing::Stale, "this may be true");
    }

    #[test]
    fn rooms_of_presses_that_join_are_named_once_each() {
        let at = |room: &str| Ring { room: Some(room.into()), ..ring(None) };
        let open = |more: &str| Open { alarm: EntityId(7), presses: 2, first: "300".into(), more: more.into() };
        let more = |changes: &Changes| {
            changes.ops().iter().find_map(|op| match op {
                Change::Put(p) => p.fields.iter().find(|f| f.name == "more").map(|f| format!("{:?}", f.value)),
                _ => None,
            })
        };
        assert_eq!(more(&joined(&open(""), &at("300"))), None, "the first is known");
        assert!(more(&joined(&open(""), &at("301"))).unwrap().contains("301"));
        assert!(more(&joined(&open("301"), &at("302"))).unwrap().contains("301 · 302"));
        assert_eq!(more(&joined(&open("301 · 302"), &at("302"))), None);
        assert_eq!(more(&joined(&open(&"路".repeat(66)), &at("302"))), None, "and not without end");
    }
}

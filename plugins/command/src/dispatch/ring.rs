//! What rings at the seats besides alarms: an offer nobody answered, and a check-in that did not come. Neither says anything about a
//! person: a telephone may lie in a car. It rings until a seat has taken notice, by name, or sends somebody else.

use super::facet::Task;
use crate::alarm::{Roster, Tier, chain, is_rung, place_name};
use changzhi_sdk::Alarm as Item;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
/// Tasks looked at: what rings is new.
const ROWS: u32 = 200;
/// What nobody looked at in a day is on the board, and rings no more.
const RINGS: i64 = Micros::DAY;
const UNDER_WAY: [&str; 2] = ["on-the-way", "arrived"];

/// One task that rings.
struct Ringing {
    task: EntityId,
    shown: String,
    key: &'static str,
    since: Micros,
    within: Option<EntityId>,
    exercise: bool,
}

fn ringing(now: Micros, alarm: Option<EntityId>) -> Result<Vec<Ringing>, Refusal> {
    let mut all = Vec::new();
    for state in std::iter::once("no-answer").chain(UNDER_WAY) {
        let mut query = Query::kind("task")
            .fields(&[&Task::SHOWN, &Task::SEEN, &Task::EXERCISE, &DUE, &core_fields::AT, &core_fields::WITHIN])
            .filter(core_fields::STATE.is(state))
            .newest()
            .limit(ROWS);
        query = match alarm {
            Some(alarm) => query.filter(Task::ALARM.is(alarm)),
            None => query.filter(core_fields::AT.at_least(now.plus(-RINGS))),
        };
        let rows = query.run()?;
        let (shown, seen, due) = (rows.column(Task::SHOWN)?, rows.column(Task::SEEN)?, rows.column(DUE)?);
        let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
        let exercise = rows.column(Task::EXERCISE)?;
        for (row, task) in rows.ids().enumerate() {
            let seen = seen.get(row);
            let (rings, key, since) = match due.get(row) {
                _ if state == "no-answer" => (seen.is_none(), "nobody-answers", at.get(row).unwrap_or(now)),
                // A seat that took notice before this clock ran out took notice of another one.
                Some(due) => (due <= now && seen.is_none_or(|s| s < due), "check-in-missed", due),
                None => continue,
            };
            if rings {
                let shown = shown.get(row).unwrap_or_default().to_owned();
                let (within, exercise) = (within.get(row), exercise.get(row).unwrap_or(false));
                all.push(Ringing { task, shown, key, since, within, exercise });
            }
        }
    }
    all.sort_by_key(|r| (r.since, r.task));
    Ok(all)
}

/// Marks what rings about an alarm as seen by whoever acts.
pub(super) fn seen(changes: &mut Changes, ctx: &Context, alarm: EntityId) -> Result<(), Refusal> {
    for ringing in ringing(ctx.now, Some(alarm))?.into_iter().filter(|r| r.key == "nobody-answers") {
        changes.set(ringing.task, Task::SEEN, ctx.now).set(ringing.task, Task::SEEN_BY, ctx.actor.id);
    }
    Ok(())
}

/// What rings at whoever looks: seats on duty from the place up to the city. `None`: nothing does.
pub(crate) fn rings(ctx: &Context) -> Result<Option<Alarms>, Refusal> {
    let all = ringing(ctx.now, None)?;
    if all.is_empty() {
        return Ok(None);
    }
    let roster = Roster::read(ctx.now)?;
    let mut queue = Alarms::new("no-alarms", "task").acknowledges("see-task").key("overdue");
    let mut any = false;
    for one in all {
        if !is_rung(&ctx.actor, false, Tier::All, &chain(one.within)?, &roster) {
            continue;
        }
        any = true;
        let text = Text::key(one.key).with("name", one.shown.as_str());
        let mut item = Item::new(one.task, 2, one.since, text).opens(To::new("task").with("task", one.task));
        if let Some(within) = one.within {
            item = item.place(place_name(within)?, None);
        }
        if one.exercise {
            item = item.line("exercise", Cell::code("exercise"));
        }
        queue = queue.alarm(item);
    }
    Ok(any.then_some(queue))
}

//! Two alarms of one place that are one: joined by a person, and parted again. Each keeps its own story.
//!
//! What is joined has no ladder and no proposal of its own any more: joining takes it by name, judges it as the other one was, and sends
//! to it who was sent there. It is stood down for itself, because each of the two pressed and each wants an end.

use super::facet::Joined;
use super::flow::table::OPEN;
use super::over::of_alarm;
use crate::alarm::{Alarm, chain, seat_name};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Join {
    /// Becomes part of the other one.
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(entity = events)]
    pub into: EntityId,
}

#[derive(Body)]
pub struct Part {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(max_len = 240)]
    pub reason: String,
}

struct Side {
    within: Option<EntityId>,
    state: String,
    exercise: bool,
    into: Option<EntityId>,
}

fn side(alarm: EntityId) -> Result<Side, Refusal> {
    let (kind, within, state) = get(alarm, (core_fields::KIND, core_fields::WITHIN, core_fields::STATE))?;
    if kind.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let exercise = get(alarm, Alarm::EXERCISE)? == Some(true);
    Ok(Side { within, state: state.unwrap_or_default(), exercise, into: into(alarm)? })
}

/// The alarm another one is part of.
pub(super) fn into(alarm: EntityId) -> Result<Option<EntityId>, Refusal> {
    Ok(get(alarm, Joined::INTO)?)
}

/// Alarms that are part of this one.
pub(super) fn parts(alarm: EntityId) -> Result<Vec<EntityId>, Refusal> {
    let rows = Query::kind("alarm").field(Joined::INTO).filter(Joined::INTO.is(alarm)).limit(50).run()?;
    Ok(rows.ids().collect())
}

/// The steps from where an alarm is to where somebody is on the way to it.
fn steps(state: &str) -> Option<&'static [&'static str]> {
    Some(match state {
        "rung" | "rung-all" | "rung-leaders" | "rung-district" | "taken-back" => &["acknowledge", "judge", "dispatch"],
        "acknowledged" => &["judge", "dispatch"],
        "judged" => &["dispatch"],
        "dispatched" | "attended" | "controlled" => &[],
        _ => return None,
    })
}

#[command(label = "join-alarms", roles = ["operator", "duty-officer", "admin"])]
pub fn join_alarms(ctx: &Context, body: Join) -> Result<Changes, Refusal> {
    let (one, other) = (side(body.alarm)?, side(body.into)?);
    let near = chain(one.within)?.iter().any(|p| Some(*p) == other.within)
        || chain(other.within)?.iter().any(|p| Some(*p) == one.within);
    if body.alarm == body.into || one.within.is_none() || !near {
        return Err(Refusal::invalid("into", "join-one-place"));
    }
    if one.exercise != other.exercise {
        return Err(Refusal::conflict("join-no-exercise"));
    }
    // One level deep: what has parts, or is one, is not joined again.
    if one.into.is_some() || other.into.is_some() || !parts(body.alarm)?.is_empty() {
        return Err(Refusal::conflict("joined-already"));
    }
    if get(body.alarm, Alarm::MARK)?.as_deref() == Some("duress") {
        return Err(Refusal::conflict("duress-is-real"));
    }
    if of_alarm(body.alarm)?.iter().any(|t| OPEN.contains(&t.state.as_str())) {
        return Err(Refusal::conflict("join-recall-first"));
    }
    let taken = steps(&other.state).is_some_and(|s| !s.contains(&"acknowledge"));
    let Some(steps) = steps(&one.state).filter(|_| taken) else { return Err(Refusal::conflict("join-taken-only")) };
    let mut changes = Changes::new();
    for step in steps {
        changes.advance(body.alarm, step, "");
        match *step {
            "acknowledge" => {
                changes.set(body.alarm, Alarm::TAKEN_BY, ctx.actor.id).set(body.alarm, Alarm::TAKEN, ctx.now);
                changes.set(body.alarm, Alarm::TAKEN_NAME, seat_name(ctx.actor.id)?);
            }
            "judge" => {
                let verdict = get(body.into, Alarm::VERDICT)?.filter(|v| v == "real");
                changes.set(body.alarm, Alarm::VERDICT, verdict.unwrap_or_else(|| "unclear".to_owned()));
            }
            _ => {}
        }
    }
    changes.put(body.alarm, Joined { into: Some(body.into), by: Some(ctx.actor.id), joined_at: Some(ctx.now) });
    changes.note(body.alarm, "joined", Text::key("joined-note").with("alarm", body.into));
    Ok(changes)
}

/// They were two after all. What was joined is an alarm of its own again, taken, with nobody sent to it: the board shows that in red.
#[command(label = "part-alarms", roles = ["operator", "duty-officer", "admin"])]
pub fn part_alarms(_ctx: &Context, body: Part) -> Result<Changes, Refusal> {
    if into(body.alarm)?.is_none() {
        return Err(Refusal::conflict("not-joined"));
    }
    let mut changes = Changes::new();
    changes.clear(body.alarm, Joined::INTO).clear(body.alarm, Joined::BY).clear(body.alarm, Joined::JOINED_AT);
    changes.note(body.alarm, "parted", Text::key("parted-note").with("reason", body.reason));
    Ok(changes)
}

//! The briefing: told to everybody who is assigned, and read by each, by name.

use super::assign::everybody;
use super::facet::{Duty, Major};
use super::hands::{Which, desk, named};
use super::plan::{self, Head};
use changzhi_sdk::prelude::*;

/// So long after its planned beginning it is said that it was not begun.
const BEGIN: i64 = 15 * Micros::MINUTE;

/// By whoever plans or commands.
#[command(label = "brief-major")]
pub fn brief_major(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, Head::read(body.major)?);
    if !(desk(ctx) || head.is_commanded_by(actor)) {
        return Err(Refusal::denied("major-commander-only"));
    }
    if get(head.id, Major::BRIEFING)?.is_none_or(|text| text.trim().is_empty()) {
        return Err(Refusal::conflict("major-no-briefing"));
    }
    let mut changes = Changes::new();
    publish(ctx, &mut changes, &head)?;
    Ok(changes)
}

/// Tells everybody; the message says that there is something to read, and the page says what.
pub(super) fn publish(ctx: &Context, changes: &mut Changes, head: &Head) -> Result<(), Refusal> {
    changes.advance(head.id, "brief", "");
    changes.set(head.id, Major::BRIEFED, ctx.now).set(head.id, Major::DUE, head.from.max(ctx.now).plus(BEGIN));
    for who in everybody(head.id)? {
        changes.intent(Notify::account(who, "major-briefing-out").about(head.id).until(head.to));
    }
    Ok(())
}

/// By each for themselves: nobody reads for another.
#[command(label = "confirm-briefing")]
pub fn confirm_briefing(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, Head::read(body.major)?);
    let own: Vec<_> = plan::duties(head.id)?.into_iter().filter(|d| d.who == actor).collect();
    if own.is_empty() {
        return Err(Refusal::not_found("no-such-major"));
    }
    if head.briefed.is_none() {
        return Err(Refusal::conflict("major-not-briefed"));
    }
    let mut changes = Changes::new();
    for duty in own.iter().filter(|d| !has_read(d.read, head.briefed)) {
        changes.set(duty.id, Duty::READ, ctx.now);
    }
    Ok(changes)
}

/// What was read before it was published last does not count.
pub(super) fn has_read(read: Option<Micros>, briefed: Option<Micros>) -> bool {
    read.zip(briefed).is_some_and(|(read, briefed)| read >= briefed)
}

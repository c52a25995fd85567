//! One opening: who, why, until when, and what became of it.

use crate::alarm::{Alarm, seat_name};
use crate::dispatch::WORKED_ON;
use changzhi_sdk::Flow;
use changzhi_sdk::prelude::*;

/// Openings of one alarm; whoever asks for more opened them already.
const MOST: u32 = 50;
const SEAT: &[&str] = &["operator", "duty-officer", "admin"];

/// That somebody opened the cameras near an alarm. It is of an alarm and names an official, so it is called by what it is; the charter
/// refuses any facet about cameras that names a person. Its state and time are core fields; it lies within the alarm's place.
#[derive(Facet)]
#[facet(name = "command.break-glass", on = events, label = "break-glass")]
pub struct BreakGlass {
    #[field(entity = events, internal)]
    pub alarm: EntityId,
    /// The account that opened them: they are open for nobody else.
    #[field(entity = people, internal)]
    pub who: EntityId,
    #[field(internal, max_len = 60)]
    pub shown: String,
    #[field(internal, max_len = 240)]
    pub reason: String,
    #[field(internal, label = "shut-at")]
    pub shut_at: Option<Micros>,
    /// What the review found.
    #[field(internal, max_len = 500)]
    pub found: Option<String>,
}

pub(crate) fn opening_flow() -> Flow {
    Flow::new("break-glass", 1)
        .state("open", "state-cameras-open")
        .state("shut", "state-cameras-shut")
        .end("reviewed", "state-cameras-reviewed")
        .step("shut", "open", "shut", SEAT)
        .step("run-out", "open", "shut", &["clock"])
        .step("review", "shut", "reviewed", &["official", "admin"])
}

#[derive(Body)]
pub struct Opened {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(max_len = 240)]
    pub reason: String,
}

#[derive(Body)]
pub struct Shut {
    #[field(entity = events)]
    pub opening: EntityId,
}

#[derive(Body)]
pub struct Found {
    #[field(entity = events)]
    pub opening: EntityId,
    #[field(max_len = 500)]
    pub found: String,
}

/// The open openings of an alarm, with whose they are.
fn open_of(alarm: EntityId) -> Result<Vec<(EntityId, EntityId)>, Refusal> {
    let rows = Query::kind("break-glass")
        .field(BreakGlass::WHO)
        .filter(BreakGlass::ALARM.is(alarm))
        .filter(core_fields::STATE.is("open"))
        .limit(MOST)
        .run()?;
    let who = rows.column(BreakGlass::WHO)?;
    Ok(rows.ids().enumerate().filter_map(|(row, id)| Some((id, who.get(row)?))).collect())
}

/// What an account has open of an alarm.
pub(super) fn own(account: EntityId, alarm: EntityId) -> Result<Option<EntityId>, Refusal> {
    Ok(open_of(alarm)?.into_iter().find(|(_, who)| *who == account).map(|(id, _)| id))
}

/// At once, by whoever answers an alarm that somebody has taken; the officials of the place are told at once.
#[command(label = "open-cameras", roles = ["operator", "duty-officer", "admin"])]
pub fn open_cameras(ctx: &Context, body: Opened) -> Result<Changes, Refusal> {
    let core = (core_fields::KIND, core_fields::STATE, core_fields::WITHIN);
    let (kind, state, within) = get(body.alarm, core)?;
    if kind.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    if !WORKED_ON.contains(&state.unwrap_or_default().as_str()) {
        return Err(Refusal::conflict("take-it-first"));
    }
    if get(body.alarm, Alarm::EXERCISE)? == Some(true) {
        return Err(Refusal::conflict("no-cameras-in-an-exercise"));
    }
    if ctx.actor.id == EntityId::default() {
        return Err(Refusal::denied("named-only"));
    }
    let reason = body.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Refusal::invalid("reason", "say-why-cameras"));
    }
    if own(ctx.actor.id, body.alarm)?.is_some() {
        return Err(Refusal::conflict("cameras-are-open"));
    }
    let shown = seat_name(ctx.actor.id)?;
    let category = get(body.alarm, core_fields::CATEGORY)?.unwrap_or_default();
    let mut changes = Changes::new();
    let opening = changes.create(New::of("break-glass", ctx.now).category(category).within(within));
    let (alarm, who) = (body.alarm, ctx.actor.id);
    changes.put(opening, BreakGlass { alarm, who, shown, reason, shut_at: None, found: None });
    changes.intent(NotifyRoles::of(&["official"], "cameras-opened").about(opening).urgent());
    changes.answer("opening", opening);
    Ok(changes)
}

#[command(label = "shut-cameras", roles = ["operator", "duty-officer", "admin"])]
pub fn shut_cameras(ctx: &Context, body: Shut) -> Result<Changes, Refusal> {
    if get(body.opening, BreakGlass::WHO)?.is_none() {
        return Err(Refusal::not_found("no-such-opening"));
    }
    let mut changes = Changes::new();
    shut(&mut changes, body.opening, ctx.now);
    Ok(changes)
}

fn shut(changes: &mut Changes, opening: EntityId, now: Micros) {
    changes.advance(opening, "shut", "");
    changes.set(opening, BreakGlass::SHUT_AT, now);
}

/// Called where an alarm ends: what was opened for it ends in the same transaction.
pub(crate) fn over(changes: &mut Changes, alarm: EntityId, now: Micros) -> Result<(), Refusal> {
    for (opening, _) in open_of(alarm)? {
        shut(changes, opening, now);
    }
    Ok(())
}

/// By somebody else than who opened them.
#[command(label = "review-opening", roles = ["official", "admin"])]
pub fn review_opening(ctx: &Context, body: Found) -> Result<Changes, Refusal> {
    let who = get(body.opening, BreakGlass::WHO)?.ok_or_else(|| Refusal::not_found("no-such-opening"))?;
    let taker = match get(body.opening, BreakGlass::ALARM)? {
        Some(alarm) => get(alarm, Alarm::TAKEN_BY)?,
        None => None,
    };
    if who == ctx.actor.id || taker == Some(ctx.actor.id) {
        return Err(Refusal::denied("not-your-own-opening"));
    }
    if body.found.trim().is_empty() {
        return Err(Refusal::invalid("found", "say-what-was-found"));
    }
    let mut changes = Changes::new();
    changes.advance(body.opening, "review", &body.found);
    changes.set(body.opening, BreakGlass::FOUND, body.found);
    Ok(changes)
}

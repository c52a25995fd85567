//! Sessions: when and where, joint talk and caucus, who has the word, minutes.

use super::case::{Case, SIDES, caucuses, stay, step, with_side};
use super::dispute::{Dispute, OfDispute, RoomKept, WithReason, Word};
use changzhi_sdk::prelude::*;

/// One session at most.
const LONGEST: i64 = 3 * Micros::HOUR;

/// Claims, evidence, agenda; talks with each side alone.
#[command(label = "prepare", roles = ["mediator"])]
pub fn prepare(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    Ok(step(body.dispute, "prepare", None))
}

#[derive(Body)]
pub struct Schedule {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "session-at")]
    pub at: Micros,
    #[field(name = "session-mode", code, options = ["in-person", "online", "mixed"])]
    pub mode: String,
    #[field(name = "session-place", internal, max_len = 200)]
    pub place: Option<String>,
}

#[command(label = "schedule", roles = ["mediator"])]
pub fn schedule(ctx: &Context, body: Schedule) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    if body.at < ctx.now {
        return Err(Refusal::invalid("session-at", "session-is-over"));
    }
    let place = body.place.filter(|p| !p.trim().is_empty());
    if body.mode != "online" && place.is_none() {
        return Err(Refusal::invalid("session-place", "session-needs-place"));
    }
    let mut changes = step(body.dispute, "schedule", None);
    changes.set(body.dispute, Dispute::SESSION_AT, body.at);
    changes.set(body.dispute, Dispute::SESSION_MODE, body.mode);
    match place {
        Some(place) => changes.set(body.dispute, Dispute::SESSION_PLACE, place),
        None => changes.clear(body.dispute, Dispute::SESSION_PLACE),
    };
    Ok(changes)
}

/// The session begins.
#[command(label = "hold", roles = ["mediator"])]
pub fn hold(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    let sessions = get(body.dispute, Dispute::SESSIONS)?;
    let mut changes = step(body.dispute, "hold", None);
    changes.set(body.dispute, Dispute::SESSIONS, sessions.unwrap_or(0) + 1);
    Ok(changes)
}

/// A break until another day.
#[command(label = "adjourn", roles = ["mediator"])]
pub fn adjourn(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    let mut changes = step(body.dispute, "adjourn", body.reason);
    changes.clear(body.dispute, RoomKept::SPEAKER);
    changes.clear(body.dispute, RoomKept::SPEAKS_UNTIL);
    Ok(changes)
}

#[derive(Body)]
pub struct OpenCaucus {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(code, options = ["a", "b", "c", "d", "e", "f", "g", "h"])]
    pub side: String,
}

/// A room of one side and the mediator. There is one a side; it stays.
#[command(label = "open-caucus", roles = ["mediator"])]
pub fn open_caucus(ctx: &Context, body: OpenCaucus) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    if !SIDES.contains(&body.side.as_str()) || !case.people.iter().any(|p| !p.left && p.side == body.side) {
        return Err(Refusal::invalid("side", "no-such-side"));
    }
    if let Some((room, _)) = caucuses(body.dispute)?.into_iter().find(|(_, side)| *side == body.side) {
        let mut changes = stay(body.dispute);
        changes.set(room, RoomKept::MEMBERS, case.members(Some(&body.side)));
        changes.answer("room", room);
        return Ok(changes);
    }
    let mut changes = stay(body.dispute);
    let room = changes.create(New::of("caucus", ctx.now));
    let members = case.members(Some(&body.side));
    changes.put(room, RoomKept { members, of: body.dispute, side: Some(body.side), ..RoomKept::default() });
    changes.answer("room", room);
    Ok(changes)
}

#[derive(Body)]
pub struct GiveWord {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(code, options = ["a", "b", "c", "d", "e", "f", "g", "h", "mediator"])]
    pub side: String,
    #[field(min = 1, max = 60)]
    pub minutes: i64,
}

/// Who has the word in joint talk, and for how long.
#[command(label = "give-word", roles = ["mediator"])]
pub fn give_word(ctx: &Context, body: GiveWord) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    let mut changes = stay(body.dispute);
    changes.set(body.dispute, RoomKept::SPEAKER, body.side);
    let time = (body.minutes * Micros::MINUTE).min(LONGEST);
    changes.set(body.dispute, RoomKept::SPEAKS_UNTIL, ctx.now.plus(time));
    Ok(changes)
}

#[derive(Body)]
pub struct AgreeMinutes {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub word: EntityId,
}

/// A side says that the minutes are what was said.
#[command(label = "agree-minutes")]
pub fn agree_minutes(ctx: &Context, body: AgreeMinutes) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.deciding(ctx)?.side.clone();
    let (of, sort, members, agreed) = get(body.word, (Word::OF, Word::SORT, Word::MEMBERS, Word::AGREED))?;
    let there = of == Some(body.dispute) && sort.as_deref() == Some("minutes");
    if !there || !members.unwrap_or_default().has(ctx.actor.id) {
        return Err(Refusal::not_found("no-such-minutes"));
    }
    let mut changes = stay(body.dispute);
    changes.set(body.word, Word::AGREED, with_side(agreed, &side));
    Ok(changes)
}

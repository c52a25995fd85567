//! Sessions: when and where, joint talk and caucus, who has the word, minutes.

use super::case::{Case, SIDES, caucuses, stay, step, with_side};
use super::dispute::{Dispute, OfDispute, Party, RoomKept, WithReason, Word};
use changzhi_sdk::prelude::*;
use changzhi_sdk::story;

/// One session at most.
const LONGEST: i64 = 3 * Micros::HOUR;
/// What a session is put into a calendar as.
const SESSION_MINUTES: i64 = 120;

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
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    if body.at < ctx.now {
        return Err(Refusal::invalid("session-at", "session-is-over"));
    }
    let place = body.place.filter(|p| !p.trim().is_empty());
    if body.mode != "online" && place.is_none() {
        return Err(Refusal::invalid("session-place", "session-needs-place"));
    }
    let mut changes = step(body.dispute, "schedule", None);
    invited(&case, &mut changes, body.at);
    changes.set(body.dispute, Dispute::SESSION_AT, body.at);
    changes.set(body.dispute, Dispute::SESSION_MODE, body.mode);
    match place {
        Some(place) => changes.set(body.dispute, Dispute::SESSION_PLACE, place),
        None => changes.clear(body.dispute, Dispute::SESSION_PLACE),
    };
    Ok(changes)
}

/// Everybody who is to be there is told when, and led to the page that has it as a calendar file.
fn invited(case: &Case, changes: &mut Changes, at: Micros) {
    for person in case.people.iter().filter(|p| !p.left) {
        let told = match person.account {
            Some(account) => Notify::account(account, "session-message").or_contact(person.id, Party::CONTACT),
            None => Notify::contact(person.id, Party::CONTACT, "session-message"),
        };
        changes.intent(told.with("at", at).about(case.id).until(at));
    }
    for account in case.parts.iter().filter_map(|p| p.account) {
        changes.intent(Notify::account(account, "session-message").with("at", at).about(case.id).until(at));
    }
}

/// The session as an appointment: a new time of the same session moves it in a calendar.
pub(super) fn appointment(case: &Case, code: &str) -> Result<Option<Appointment>, Refusal> {
    let (at, place, mode) = get(case.id, (Dispute::SESSION_AT, Dispute::SESSION_PLACE, Dispute::SESSION_MODE))?;
    let Some(at) = at.filter(|_| ["scheduled", "in-session"].contains(&case.state.as_str())) else { return Ok(None) };
    let sessions = get(case.id, Dispute::SESSIONS)?.unwrap_or(0);
    let number = if case.state == "scheduled" { sessions + 1 } else { sessions };
    let scheduled = story(case.id)?.iter().filter(|e| e.event == "schedule").count();
    let title = Text::key("session-of").with("code", code);
    let made = Appointment::new(title, format!("mediation-{code}-{number}"), at).minutes(SESSION_MINUTES);
    let made = made.sequence(i64::try_from(scheduled).unwrap_or(0));
    Ok(Some(match (mode.as_deref(), place) {
        (Some("online"), _) | (_, None) => made,
        (_, Some(place)) => made.place(place),
    }))
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
        let asked_in = get(room, RoomKept::ASKED_IN)?.unwrap_or_default();
        changes.set(room, RoomKept::MEMBERS, case.caucus(&body.side, &asked_in));
        changes.answer("room", room);
        return Ok(changes);
    }
    let mut changes = stay(body.dispute);
    let room = changes.create(New::of("caucus", ctx.now));
    let members = case.caucus(&body.side, "");
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

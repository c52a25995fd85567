//! Who serves a dispute beside its mediator: a second mediator, a recorder (书记员), an interpreter. Each is named, checked for a conflict
//! as the mediator is, and may be asked to step back by anybody it serves.
//!
//! | part | joint talk | caucus | may |
//! |---|---|---|---|
//! | second mediator | in it | in it | what the mediator may in sessions and with the terms; ends and extends nothing |
//! | recorder | in it | never | writes minutes and the agenda; says nothing, states nothing, decides nothing |
//! | interpreter | in it | when that side asks, until it asks no more | says what others said |
//!
//! An interpreter who came with a side is asked into that side's caucus in the same way: whose confidence it is decides who hears it.

use super::case::{Case, INTERPRETER, RECORDER, SECOND, said, stay};
use super::dispute::{CasePart, Recusal, RoomKept, Seat};
use super::mediator::{conflict, serves};
use super::talk::enter;
use changzhi_sdk::prelude::*;

/// While there is mediation to serve.
const OPEN: [&str; 8] =
    ["accepted", "mediator-set", "preparing", "scheduled", "in-session", "drafting", "reading", "signing"];
/// Who serves one dispute at once, at most.
const MOST: usize = 8;

#[derive(Body)]
pub struct AppointPart {
    #[field(entity = events)]
    pub dispute: EntityId,
    /// Of the public list; what it serves as is what is taken on.
    #[field(entity = events)]
    pub seat: EntityId,
}

/// The desk or the mediator names who serves beside the mediator.
#[command(label = "appoint-part", roles = ["operator", "mediator", "admin"])]
pub fn appoint_part(ctx: &Context, body: AppointPart) -> Result<Changes, Refusal> {
    let mut case = Case::of(body.dispute)?;
    let desk = ctx.actor.has_role("operator") || ctx.actor.has_role("admin");
    if !desk {
        case.leading(ctx)?;
    }
    if !OPEN.contains(&case.state.as_str()) {
        return Err(Refusal::conflict("nothing-to-serve"));
    }
    let (account, away) = get(body.seat, (Seat::ACCOUNT, Seat::AWAY))?;
    let account = account.ok_or_else(|| Refusal::invalid("seat", "no-such-mediator"))?;
    if away == Some(true) {
        return Err(Refusal::conflict("mediator-is-away"));
    }
    if let Some(why) = conflict(&case, body.seat, account)? {
        return Err(Refusal::conflict(why));
    }
    let part = part_of(&serves(body.seat)?);
    let alone = part != INTERPRETER && case.parts.iter().any(|p| p.part == part);
    if alone || case.parts.len() >= MOST {
        return Err(Refusal::conflict("part-is-taken"));
    }
    let mut changes = stay(body.dispute);
    let id = changes.create(New::of("case-part", ctx.now));
    changes.put(
        id,
        CasePart { of: body.dispute, part: part.into(), account: Some(account), seat: body.seat, ended: None },
    );
    case.parts.push(super::case::Serving { id, part: part.into(), account: Some(account), seat: body.seat });
    case.fill_rooms(&mut changes)?;
    changes.answer("part", id);
    Ok(changes)
}

/// The part somebody takes on who serves as this.
fn part_of(serves: &str) -> &'static str {
    match serves {
        "recorder" => RECORDER,
        "interpreter" => INTERPRETER,
        _ => SECOND,
    }
}

#[derive(Body)]
pub struct EndPart {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "case-part", entity = events)]
    pub part: EntityId,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

/// Whoever serves steps back, or somebody it serves asks them to. Nobody needs to prove anything; out of every room at once, and not
/// named for this dispute again.
#[command(label = "end-part")]
pub fn end_part(ctx: &Context, body: EndPart) -> Result<Changes, Refusal> {
    let mut case = Case::of(body.dispute)?;
    let serving = case.parts.iter().find(|p| p.id == body.part).cloned();
    let serving = serving.ok_or_else(|| Refusal::not_found("no-such-part"))?;
    let own = serving.account == Some(ctx.actor.id);
    let desk = ctx.actor.has_role("operator") || ctx.actor.has_role("admin");
    if !own && !desk && case.leading(ctx).is_err() {
        case.deciding(ctx)?;
    }
    said(body.reason)?;
    let asker = if own { serving.part.clone() } else { case.voice(ctx).unwrap_or_else(|_| "desk".into()) };
    let mut changes = stay(body.dispute);
    changes.set(body.part, CasePart::ENDED, ctx.now);
    let recusal = changes.create(New::of("recusal", ctx.now));
    changes.put(recusal, Recusal { of: body.dispute, seat: serving.seat, asker });
    case.parts.retain(|p| p.id != body.part);
    case.fill_rooms(&mut changes)?;
    Ok(changes)
}

#[derive(Body)]
pub struct AskIn {
    /// The caucus.
    #[field(entity = events)]
    pub room: EntityId,
    /// The interpreter: of the dispute, or of the side itself.
    #[field(entity = events)]
    pub interpreter: EntityId,
}

/// A side asks an interpreter into its caucus. What was said before they came is not theirs to read.
#[command(label = "ask-interpreter-in")]
pub fn ask_interpreter_in(ctx: &Context, body: AskIn) -> Result<Changes, Refusal> {
    asked(ctx, &body, true)
}

/// A side asks an interpreter out of its caucus again: at once.
#[command(label = "ask-interpreter-out")]
pub fn ask_interpreter_out(ctx: &Context, body: AskIn) -> Result<Changes, Refusal> {
    asked(ctx, &body, false)
}

fn asked(ctx: &Context, body: &AskIn, comes: bool) -> Result<Changes, Refusal> {
    let entered = enter(ctx, body.room)?;
    let case = entered.case;
    let side = entered.side.ok_or_else(|| Refusal::not_found("no-such-room"))?;
    // The side itself, and not the mediator for it.
    if case.deciding(ctx)?.side != side {
        return Err(Refusal::not_found("no-such-room"));
    }
    let account = interpreter(&case, body.interpreter, &side)?;
    let before = get(body.room, RoomKept::ASKED_IN)?.unwrap_or_default();
    let mut all: Vec<String> =
        before.split_whitespace().filter(|one| *one != account.to_string()).map(str::to_owned).collect();
    if comes {
        all.push(account.to_string());
    }
    let all = all.join(" ");
    let mut changes = stay(case.id);
    changes.set(body.room, RoomKept::MEMBERS, case.caucus(&side, &all));
    if all.is_empty() {
        changes.clear(body.room, RoomKept::ASKED_IN);
    } else {
        changes.set(body.room, RoomKept::ASKED_IN, all);
    }
    changes.answer("room", body.room);
    Ok(changes)
}

/// The account of an interpreter this side may ask in.
fn interpreter(case: &Case, id: EntityId, side: &str) -> Result<EntityId, Refusal> {
    let served = case.parts.iter().find(|p| p.id == id && p.part == INTERPRETER).and_then(|p| p.account);
    let own = case.people.iter().find(|p| p.id == id && !p.left && p.side == side && p.part == "interpreter");
    served.or(own.and_then(|p| p.account)).ok_or_else(|| Refusal::invalid("interpreter", "no-such-interpreter"))
}

/// Interpreters a side may ask into its caucus, with whether it did.
pub(super) fn interpreters(case: &Case, room: EntityId, side: &str) -> Result<Vec<(EntityId, Text, bool)>, Refusal> {
    let asked = get(room, RoomKept::ASKED_IN)?.unwrap_or_default();
    let is_in = |account: EntityId| asked.split(' ').any(|one| one == account.to_string());
    let mut all = Vec::new();
    for serving in case.parts.iter().filter(|p| p.part == INTERPRETER) {
        if let Some(account) = serving.account {
            let shown = get(serving.seat, Seat::SHOWN)?.unwrap_or_default();
            all.push((serving.id, Text::plain(shown), is_in(account)));
        }
    }
    let own = case.people.iter().filter(|p| !p.left && p.side == side && p.part == "interpreter");
    for person in own {
        if let Some(account) = person.account {
            all.push((person.id, Text::key("own-interpreter"), is_in(account)));
        }
    }
    Ok(all)
}

/// Who serves beside the mediator, with what the reader may do about it.
pub(super) fn section(ctx: &Context, case: &Case, appoints: bool) -> Result<Option<Section>, Refusal> {
    let mut section = Section::new("case-parts");
    let mut any = false;
    for serving in &case.parts {
        any = true;
        let (shown, organisation) = get(serving.seat, (Seat::SHOWN, Seat::ORGANISATION))?;
        let detail = Detail::new()
            .line("serves", Cell::text(Text::key(&serving.part)))
            .line("shown", shown)
            .line("organisation", organisation);
        section = section.add(detail);
        let may = serving.account == Some(ctx.actor.id) || appoints || case.deciding(ctx).is_ok();
        if may && OPEN.contains(&case.state.as_str()) {
            let action = Action::command("end-part", "end-part").with("dispute", case.id).with("case-part", serving.id);
            section = section.add(action.asks_reason());
        }
    }
    if appoints && OPEN.contains(&case.state.as_str()) {
        for (seat, shown, part) in free(case)? {
            any = true;
            let label = Text::key("appoint-as").with("name", shown).with("part", part);
            let action = Action::command("appoint-part", "appoint-part").with("dispute", case.id).with("seat", seat);
            section = section.add(Paragraph::new(label)).add(action);
        }
    }
    Ok(any.then_some(section))
}

/// Seats that could serve beside the mediator: recorders and interpreters first come, without a conflict, not away.
fn free(case: &Case) -> Result<Vec<(EntityId, String, String)>, Refusal> {
    let rows = Query::kind("mediator-seat")
        .fields(&[&Seat::ACCOUNT, &Seat::SHOWN, &Seat::SERVES, &Seat::AWAY])
        .after(EntityId::default())
        .limit(200)
        .run()?;
    let (account, shown) = (rows.column(Seat::ACCOUNT)?, rows.column(Seat::SHOWN)?);
    let (serves, away) = (rows.column(Seat::SERVES)?, rows.column(Seat::AWAY)?);
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate() {
        let Some(account) = account.get(row) else { continue };
        let part = part_of(serves.get(row).unwrap_or("mediator"));
        let taken = part != INTERPRETER && case.parts.iter().any(|p| p.part == part);
        if away.get(row) == Some(true) || taken || all.len() >= 9 || conflict(case, id, account)?.is_some() {
            continue;
        }
        all.push((id, shown.get(row).unwrap_or_default().to_owned(), part.to_owned()));
    }
    Ok(all)
}

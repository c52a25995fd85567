//! Who mediates: the public list, three proposals, the parties' choice, and the recusal check.

use super::case::{Case, said, stay, step};
use super::dispute::{Dispute, Party, Recusal, Seat, WithReason};
use changzhi_sdk::prelude::*;

/// Seats looked through at most.
const SEATS: u32 = 2_000;
/// Seats proposed to the parties.
const PROPOSED: usize = 3;

#[derive(Body)]
pub struct OwnSeat {
    /// As parties read it.
    #[field(max_len = 100)]
    pub shown: String,
    #[field(code, max_len = 100)]
    pub organisation: String,
    /// Categories taken, split by spaces; empty: all.
    #[field(max_len = 250)]
    pub takes: Option<String>,
    pub away: Option<bool>,
    #[field(code, options = ["mediator", "recorder", "interpreter"])]
    pub serves: Option<String>,
}

/// A mediator, a recorder or an interpreter enters themselves in the public list, or changes their entry.
#[command(label = "set-seat", roles = ["mediator", "recorder", "interpreter"])]
pub fn set_seat(ctx: &Context, body: OwnSeat) -> Result<Changes, Refusal> {
    if body.shown.trim().is_empty() || body.organisation.trim().is_empty() {
        return Err(Refusal::invalid("shown", "seat-needs-name"));
    }
    let serves = body.serves.unwrap_or_else(|| {
        ["mediator", "recorder", "interpreter"]
            .into_iter()
            .find(|r| ctx.actor.has_role(r))
            .unwrap_or("mediator")
            .to_owned()
    });
    if !ctx.actor.has_role(&serves) {
        return Err(Refusal::invalid("serves", "seat-not-of-your-role"));
    }
    let mut changes = Changes::new();
    let seat = match seat_of(ctx.actor.id)? {
        Some(seat) => seat,
        None => changes.create(New::of("mediator-seat", ctx.now)),
    };
    let away = body.away.unwrap_or(false);
    let takes = body.takes;
    let (account, shown, organisation, serves) = (ctx.actor.id, body.shown, body.organisation, Some(serves));
    changes.put(seat, Seat { account, shown, organisation, takes, away, serves });
    changes.answer("seat", seat);
    Ok(changes)
}

pub(super) fn seat_of(account: EntityId) -> Result<Option<EntityId>, Refusal> {
    let rows = Query::kind("mediator-seat").field(Seat::SHOWN).filter(Seat::ACCOUNT.is(account)).limit(1).run()?;
    Ok(rows.id(0))
}

/// What a seat serves as.
pub(super) fn serves(seat: EntityId) -> Result<String, Refusal> {
    Ok(get(seat, Seat::SERVES)?.unwrap_or_else(|| "mediator".into()))
}

/// Why somebody cannot serve this dispute, as whatever it be; nothing when they can.
pub(super) fn conflict(case: &Case, seat: EntityId, account: EntityId) -> Result<Option<&'static str>, Refusal> {
    if case.people.iter().any(|p| p.account == Some(account)) {
        return Ok(Some("recusal-is-party"));
    }
    if case.registrar == Some(account) {
        return Ok(Some("recusal-registered-it"));
    }
    if case.mediator == Some(account) || case.serving(account).is_some() {
        return Ok(Some("recusal-has-a-part"));
    }
    let stepped = Query::kind("recusal")
        .field(Recusal::ASKER)
        .filter(Recusal::OF.is(case.id))
        .filter(Recusal::SEAT.is(seat))
        .limit(1)
        .run()?;
    Ok((!stepped.is_empty()).then_some("recusal-stepped-back"))
}

/// A seat that may be chosen.
pub(super) struct Offered {
    pub(super) id: EntityId,
    pub(super) account: EntityId,
    pub(super) shown: String,
    pub(super) organisation: String,
    /// Disputes under way with them.
    pub(super) under_way: usize,
}

/// Three who may take it: of its category, not away, without a conflict; those with the least under way first.
pub(super) fn proposed(case: &Case) -> Result<Vec<Offered>, Refusal> {
    let category = get(case.id, core_fields::CATEGORY)?.unwrap_or_default();
    let rows = Query::kind("mediator-seat")
        .fields(&[&Seat::ACCOUNT, &Seat::SHOWN, &Seat::ORGANISATION, &Seat::TAKES, &Seat::AWAY, &Seat::SERVES])
        .after(EntityId::default())
        .limit(SEATS)
        .run()?;
    let (account, shown, organisation) =
        (rows.column(Seat::ACCOUNT)?, rows.column(Seat::SHOWN)?, rows.column(Seat::ORGANISATION)?);
    let (takes, away, serves) = (rows.column(Seat::TAKES)?, rows.column(Seat::AWAY)?, rows.column(Seat::SERVES)?);
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate() {
        let Some(account) = account.get(row) else { continue };
        let takes = takes.get(row).unwrap_or_default();
        let fits = takes.trim().is_empty() || takes.split_whitespace().any(|t| t == category);
        if serves.get(row).is_some_and(|s| s != "mediator") {
            continue;
        }
        if away.get(row) == Some(true) || !fits || conflict(case, id, account)?.is_some() {
            continue;
        }
        let shown = shown.get(row).unwrap_or_default().to_owned();
        let organisation = organisation.get(row).unwrap_or_default().to_owned();
        all.push(Offered { id, account, shown, organisation, under_way: 0 });
    }
    for seat in &mut all {
        seat.under_way = under_way(seat.account)?;
    }
    all.sort_by_key(|s| (s.under_way, s.id));
    all.truncate(PROPOSED);
    Ok(all)
}

fn under_way(account: EntityId) -> Result<usize, Refusal> {
    let rows =
        Query::kind("dispute").field(core_fields::STATE).filter(Dispute::MEDIATOR.is(account)).limit(1_000).run()?;
    let state = rows.column(core_fields::STATE)?;
    let ended = ["closed", "failed", "not-agreed", "withdrawn", "merged", "performed", "enforcing", "guided"];
    Ok((0..rows.len()).filter(|row| !state.get(*row).is_some_and(|s| ended.contains(&s))).count())
}

#[derive(Body)]
pub struct Chosen {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub seat: EntityId,
}

/// A party says whom they want. When all want the same one, and nothing speaks against it, it is settled.
#[command(label = "pick-mediator")]
pub fn pick_mediator(ctx: &Context, body: Chosen) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let own = case.deciding(ctx)?.id;
    let same = case.deciders().all(|p| p.id == own || p.choice == Some(body.seat));
    let mut changes = if same { settle(case, body.seat)? } else { stay(body.dispute) };
    changes.set(own, Party::CHOICE, body.seat);
    Ok(changes)
}

/// The organisation appoints, where the parties do not agree on one or leave it to the desk.
#[command(label = "appoint-mediator", roles = ["operator", "admin"])]
pub fn appoint_mediator(_ctx: &Context, body: Chosen) -> Result<Changes, Refusal> {
    settle(Case::of(body.dispute)?, body.seat)
}

fn settle(mut case: Case, seat: EntityId) -> Result<Changes, Refusal> {
    let (account, organisation, away) = get(seat, (Seat::ACCOUNT, Seat::ORGANISATION, Seat::AWAY))?;
    let account = account.ok_or_else(|| Refusal::invalid("seat", "no-such-mediator"))?;
    if away == Some(true) {
        return Err(Refusal::conflict("mediator-is-away"));
    }
    if serves(seat)? != "mediator" {
        return Err(Refusal::invalid("seat", "no-such-mediator"));
    }
    if let Some(why) = conflict(&case, seat, account)? {
        return Err(Refusal::conflict(why));
    }
    let mut changes = step(case.id, "choose-mediator", None);
    changes.set(case.id, Dispute::MEDIATOR, account);
    changes.set(case.id, Dispute::SEAT, seat);
    changes.set(case.id, Dispute::ORGANISATION, organisation.unwrap_or_default());
    case.mediator = Some(account);
    case.fill_room(&mut changes);
    case.fill_caucuses(&mut changes)?;
    Ok(changes)
}

/// The mediator steps back, or a party asks for another one before sessions began. Nobody needs to prove anything.
#[command(label = "recuse")]
pub fn recuse(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    let mut case = Case::of(body.dispute)?;
    let asker = if case.is_second(ctx) { return Err(Refusal::denied("not-the-mediator")) } else { case.voice(ctx)? };
    let seat = get(body.dispute, Dispute::SEAT)?.ok_or_else(|| Refusal::conflict("no-mediator-yet"))?;
    let mut changes = step(body.dispute, "recuse", Some(said(body.reason)?));
    let recusal = changes.create(New::of("recusal", ctx.now));
    changes.put(recusal, Recusal { of: body.dispute, seat, asker });
    changes.clear(body.dispute, Dispute::MEDIATOR);
    changes.clear(body.dispute, Dispute::SEAT);
    for person in case.people.iter().filter(|p| p.choice.is_some()) {
        changes.clear(person.id, Party::CHOICE);
    }
    case.mediator = None;
    case.fill_room(&mut changes);
    case.fill_caucuses(&mut changes)?;
    Ok(changes)
}

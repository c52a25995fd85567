//! After the agreement: judicial confirmation, instalments, breach.

use super::case::{Case, said, stay, step};
use super::dispute::{Dispute, FollowUp, Instalment, OfDispute, Party, WithReason};
use changzhi_sdk::prelude::*;

/// An instalment is missed so long after it was due.
const GRACE: i64 = 5 * Micros::DAY;
const INSTALMENTS: u32 = 120;
/// Calls after so many days.
const CALLS: [i64; 3] = [7, 30, 90];

/// A party asks the court to confirm. When all do, the application goes out: within thirty days of the agreement taking effect.
#[command(label = "ask-court")]
pub fn ask_court(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let own = case.deciding(ctx)?.id;
    asked(ctx, &case, own)
}

#[derive(Body)]
pub struct AskedFor {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub party: EntityId,
}

/// A party without an account asked for it on paper.
#[command(label = "ask-court-for", roles = ["mediator"])]
pub fn ask_court_for(ctx: &Context, body: AskedFor) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    let known = case.deciders().find(|p| p.id == body.party && p.account.is_none()).map(|p| p.id);
    asked(ctx, &case, known.ok_or_else(|| Refusal::invalid("party", "no-such-party"))?)
}

fn asked(ctx: &Context, case: &Case, party: EntityId) -> Result<Changes, Refusal> {
    if case.state != "agreed" {
        return Err(Refusal::conflict("not-agreed-yet"));
    }
    let effective = get(case.id, Dispute::EFFECTIVE)?.unwrap_or_default();
    if ctx.now.since(effective) > 30 * Micros::DAY {
        return Err(Refusal::conflict("confirmation-too-late"));
    }
    let all = case.deciders().all(|p| p.asks_court || p.id == party);
    let mut changes = if all { step(case.id, "apply-confirmation", None) } else { stay(case.id) };
    changes.set(party, Party::ASKS_COURT, ctx.now);
    Ok(changes)
}

#[derive(Body)]
pub struct CourtAnswer {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "court-answer", code, options = ["court-confirmed", "court-refused"])]
    pub answer: String,
    #[field(name = "court-paper", internal, max_len = 100)]
    pub paper: Option<String>,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

#[command(label = "court-answers", roles = ["operator", "admin"])]
pub fn court_answers(_ctx: &Context, body: CourtAnswer) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let mut changes = if body.answer == "court-confirmed" {
        step(body.dispute, "court-confirms", body.reason)
    } else {
        // It can be asked for again, together.
        let mut changes = step(body.dispute, "court-refuses", Some(said(body.reason)?));
        for party in case.deciders() {
            changes.clear(party.id, Party::ASKS_COURT);
        }
        changes
    };
    if let Some(paper) = body.paper.filter(|p| !p.trim().is_empty()) {
        changes.set(body.dispute, Dispute::COURT_PAPER, paper);
    }
    Ok(changes)
}

#[derive(Body)]
pub struct Plan {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(internal, max_len = 200)]
    pub what: String,
    #[field(internal, min = 0)]
    pub amount: Option<f64>,
    pub due: Micros,
    #[field(name = "from-side", code, options = ["a", "b", "c", "d", "e", "f", "g", "h"])]
    pub from_side: String,
    #[field(name = "to-side", code, options = ["a", "b", "c", "d", "e", "f", "g", "h"])]
    pub to_side: String,
}

/// One step of the plan of performance, before it is read or, for what was agreed without one, after.
#[command(label = "plan-instalment", roles = ["mediator"])]
pub fn plan_instalment(ctx: &Context, body: Plan) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    // Not while it is read and signed: what is signed is what was read.
    let open = ["drafting", "agreed", "confirmed"];
    if !open.contains(&case.state.as_str()) {
        return Err(Refusal::conflict("plan-is-fixed"));
    }
    let sides = case.sides();
    if body.from_side == body.to_side || ![&body.from_side, &body.to_side].iter().all(|s| sides.contains(&s.as_str())) {
        return Err(Refusal::invalid("to-side", "no-such-side"));
    }
    if body.due < ctx.now {
        return Err(Refusal::invalid("due", "due-is-over"));
    }
    let mut changes = stay(body.dispute);
    let instalment = changes.create(New::of("instalment", ctx.now));
    let (members, of, what, amount, due) = (case.members(), body.dispute, body.what, body.amount, body.due);
    let (from_side, to_side) = (body.from_side, body.to_side);
    changes.put(instalment, Instalment { members, of, what, amount, due, from_side, to_side, ..Instalment::default() });
    Ok(changes)
}

/// A step of the plan.
pub(super) struct Due {
    pub(super) id: EntityId,
    pub(super) made: Micros,
    pub(super) what: String,
    pub(super) amount: Option<f64>,
    pub(super) due: Micros,
    pub(super) from_side: String,
    pub(super) to_side: String,
    pub(super) proved: Option<Micros>,
    pub(super) confirmed: Option<Micros>,
}

impl Due {
    pub(super) fn state(&self, now: Micros) -> &'static str {
        match () {
            () if self.confirmed.is_some() => "instalment-done",
            () if self.proved.is_some() => "instalment-proved",
            () if self.due < now => "instalment-late",
            () => "instalment-due",
        }
    }
}

pub(super) fn plan(dispute: EntityId) -> Result<Vec<Due>, Refusal> {
    let rows = Query::kind("instalment")
        .fields(&[&Instalment::WHAT, &Instalment::AMOUNT, &Instalment::DUE, &Instalment::FROM_SIDE])
        .fields(&[&Instalment::TO_SIDE, &Instalment::PROVED, &Instalment::CONFIRMED, &core_fields::AT])
        .filter(Instalment::OF.is(dispute))
        .after(EntityId::default())
        .limit(INSTALMENTS)
        .run()?;
    let (what, amount, due) =
        (rows.column(Instalment::WHAT)?, rows.column(Instalment::AMOUNT)?, rows.column(Instalment::DUE)?);
    let (from_side, to_side) = (rows.column(Instalment::FROM_SIDE)?, rows.column(Instalment::TO_SIDE)?);
    let (proved, confirmed) = (rows.column(Instalment::PROVED)?, rows.column(Instalment::CONFIRMED)?);
    let made = rows.column(core_fields::AT)?;
    let mut all: Vec<Due> = rows
        .ids()
        .enumerate()
        .map(|(row, id)| Due {
            id,
            made: made.get(row).unwrap_or_default(),
            what: what.get(row).unwrap_or_default().to_owned(),
            amount: amount.get(row),
            due: due.get(row).unwrap_or_default(),
            from_side: from_side.get(row).unwrap_or_default().to_owned(),
            to_side: to_side.get(row).unwrap_or_default().to_owned(),
            proved: proved.get(row),
            confirmed: confirmed.get(row),
        })
        .collect();
    all.sort_by_key(|i| (i.due, i.id));
    Ok(all)
}

#[derive(Body)]
pub struct Proof {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub instalment: EntityId,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
}

fn one(case: &Case, id: EntityId) -> Result<(Due, Vec<Due>), Refusal> {
    let mut all = plan(case.id)?;
    let at = all.iter().position(|i| i.id == id).ok_or_else(|| Refusal::not_found("no-such-instalment"))?;
    Ok((all.remove(at), all))
}

/// Whoever owes it says it is done, with a paper if there is one.
#[command(label = "prove-instalment")]
pub fn prove_instalment(ctx: &Context, body: Proof) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.party(ctx)?.side.clone();
    let (instalment, _) = one(&case, body.instalment)?;
    if instalment.from_side != side {
        return Err(Refusal::denied("not-your-instalment"));
    }
    if instalment.confirmed.is_some() {
        return Err(Refusal::conflict("instalment-is-done"));
    }
    let mut changes = performing(&case)?;
    changes.set(body.instalment, Instalment::PROVED, ctx.now);
    if let Some(papers) = body.papers {
        changes.set(body.instalment, Instalment::PAPERS, papers);
    }
    Ok(changes)
}

/// Performance began with the first step of it.
fn performing(case: &Case) -> Result<Changes, Refusal> {
    match case.state.as_str() {
        "performing" => Ok(stay(case.id)),
        "agreed" | "confirmed" | "breached" => Ok(step(case.id, "perform", None)),
        _ => Err(Refusal::conflict("not-agreed-yet")),
    }
}

#[derive(Body)]
pub struct OfInstalment {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub instalment: EntityId,
}

/// Whoever gets it says that it came; with the last one all is performed.
#[command(label = "confirm-instalment")]
pub fn confirm_instalment(ctx: &Context, body: OfInstalment) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.party(ctx)?.side.clone();
    let (instalment, others) = one(&case, body.instalment)?;
    if instalment.to_side != side {
        return Err(Refusal::denied("not-your-instalment"));
    }
    if instalment.confirmed.is_some() {
        return Err(Refusal::conflict("instalment-is-done"));
    }
    let mut changes = performing(&case)?;
    changes.set(body.instalment, Instalment::CONFIRMED, ctx.now);
    if others.iter().all(|i| i.confirmed.is_some()) {
        complete(ctx, &case, &mut changes);
    }
    Ok(changes)
}

fn complete(ctx: &Context, case: &Case, changes: &mut Changes) {
    changes.advance(case.id, "complete", "");
    for days in CALLS {
        let call = changes.create(New::of("follow-up", ctx.now));
        let due = ctx.now.plus(days * Micros::DAY);
        changes.put(call, FollowUp { of: case.id, days, due, ..FollowUp::default() });
    }
}

/// What was agreed has no plan, or needs none: both sides told the mediator that it is done.
#[command(label = "all-performed", roles = ["mediator"])]
pub fn all_performed(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    if plan(body.dispute)?.iter().any(|i| i.confirmed.is_none()) {
        return Err(Refusal::conflict("instalments-are-open"));
    }
    let mut changes = stay(body.dispute);
    complete(ctx, &case, &mut changes);
    Ok(changes)
}

/// An instalment did not come: five days after it was due whoever waits for it can say so.
#[command(label = "report-breach")]
pub fn report_breach(ctx: &Context, body: OfInstalment) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.party(ctx)?.side.clone();
    let (instalment, _) = one(&case, body.instalment)?;
    if instalment.to_side != side {
        return Err(Refusal::denied("not-your-instalment"));
    }
    if instalment.confirmed.is_some() || ctx.now.since(instalment.due) < GRACE {
        return Err(Refusal::conflict("not-late-yet"));
    }
    let mut changes = if case.state == "performing" { stay(case.id) } else { performing(&case)? };
    changes.advance(case.id, "breach", instalment.what);
    Ok(changes)
}

/// Back to the table.
#[command(label = "remediate", roles = ["mediator"])]
pub fn remediate(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    Ok(step(body.dispute, "remediate", body.reason))
}

/// A party goes to the court with the packet: to enforce what was confirmed, or to sue.
#[command(label = "enforce")]
pub fn enforce(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.deciding(ctx)?;
    Ok(step(body.dispute, "enforce", None))
}

//! Passing an alarm on to 110, 119 or 120. Asked is not taken: until their receipt is in, it is ours, and shown red.

use super::case::{Case, WORKED_ON};
use super::facet::Handover;
use crate::alarm::Alarm;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct HandOver {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(code, options = ["police-110", "fire-119", "medical-120"])]
    pub agency: String,
}

#[derive(Body)]
pub struct Receipt {
    #[field(entity = events)]
    pub handover: EntityId,
    /// Who took it there: the name or number they gave.
    #[field(max_len = 60)]
    pub taker: String,
    /// Their number for it.
    #[field(max_len = 60)]
    pub receipt: String,
    /// When they took it, if that is not now.
    pub taken_at: Option<Micros>,
}

#[derive(Body)]
pub struct Withdrawn {
    #[field(entity = events)]
    pub handover: EntityId,
    #[field(max_len = 240)]
    pub reason: String,
}

#[command(label = "hand-over", roles = ["operator", "duty-officer", "admin"])]
pub fn hand_over(ctx: &Context, body: HandOver) -> Result<Changes, Refusal> {
    let case = Case::read(body.alarm)?;
    // An exercise is never called in as if it were real: their seats would send somebody.
    if case.exercise {
        return Err(Refusal::conflict("exercise-stays-here"));
    }
    if !case.is_open() {
        return Err(Refusal::conflict("take-it-first"));
    }
    if waiting(body.alarm)?.iter().any(|(_, agency)| *agency == body.agency) {
        return Err(Refusal::conflict("handover-waits"));
    }
    let mut changes = Changes::new();
    let handover = changes.create(New::of("handover", ctx.now).category(body.agency.clone()).within(case.within));
    let (agency, asked_by) = (body.agency, ctx.actor.id);
    changes.put(handover, Handover { alarm: body.alarm, agency, asked_by, taker: None, receipt: None, taken_at: None });
    changes.answer("handover", handover);
    Ok(changes)
}

/// Handovers of an alarm without a receipt, with the agency.
pub(super) fn waiting(alarm: EntityId) -> Result<Vec<(EntityId, String)>, Refusal> {
    let rows = Query::kind("handover")
        .field(Handover::AGENCY)
        .filter(Handover::ALARM.is(alarm))
        .filter(core_fields::STATE.is("asked"))
        .limit(20)
        .run()?;
    let agency = rows.column(Handover::AGENCY)?;
    Ok(rows.ids().enumerate().map(|(row, id)| (id, agency.get(row).unwrap_or_default().to_owned())).collect())
}

#[command(label = "keep-receipt", roles = ["operator", "duty-officer", "admin"])]
pub fn keep_receipt(ctx: &Context, body: Receipt) -> Result<Changes, Refusal> {
    let (alarm, agency) = get(body.handover, (Handover::ALARM, Handover::AGENCY))?;
    let (Some(alarm), Some(agency)) = (alarm, agency) else { return Err(Refusal::not_found("no-such-handover")) };
    let mut problems = Vec::new();
    for (field, given) in [("taker", &body.taker), ("receipt", &body.receipt)] {
        if given.trim().is_empty() {
            problems.push(Problem::of(field, "receipt-needed"));
        }
    }
    if body.taken_at.is_some_and(|at| at > ctx.now.plus(Micros::MINUTE)) {
        problems.push(Problem::of("taken_at", "not-in-the-future"));
    }
    Refusal::problems(problems)?;
    let mut changes = Changes::new();
    changes.advance(body.handover, "receipt", "");
    changes.set(body.handover, Handover::TAKER, body.taker);
    changes.set(body.handover, Handover::RECEIPT, body.receipt.clone());
    changes.set(body.handover, Handover::TAKEN_AT, body.taken_at.unwrap_or(ctx.now));
    // The alarm's own step, which needs the receipt; one that ended meanwhile only gets it noted.
    let state = get(alarm, core_fields::STATE)?.unwrap_or_default();
    if WORKED_ON.contains(&state.as_str()) {
        changes.advance(alarm, "transfer", "");
        changes.set(alarm, Alarm::PASSED_TO, agency).set(alarm, Alarm::RECEIPT, body.receipt);
    }
    Ok(changes)
}

#[command(label = "withdraw-handover", roles = ["operator", "duty-officer", "admin"])]
pub fn withdraw_handover(_ctx: &Context, body: Withdrawn) -> Result<Changes, Refusal> {
    if get(body.handover, Handover::ALARM)?.is_none() {
        return Err(Refusal::not_found("no-such-handover"));
    }
    let mut changes = Changes::new();
    changes.advance(body.handover, "withdraw", &body.reason);
    Ok(changes)
}

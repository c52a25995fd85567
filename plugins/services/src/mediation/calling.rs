//! Calls after 7, 30 and 90 days, by somebody else than the mediator.

use super::case::{Case, step};
use super::dispute::{FollowUp, WithReason};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Called {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "call", entity = events)]
    pub call: EntityId,
    #[field(code, options = ["kept", "partly-kept", "not-kept"])]
    pub kept: String,
    /// How fair each side found the procedure, 1 to 5: `a5 b4`.
    #[field(name = "found-fair", internal, max_len = 64)]
    pub found_fair: Option<String>,
    #[field(long_text, personal, max_len = 4000)]
    pub words: Option<String>,
}

fn is_found(text: &str) -> bool {
    text.split_whitespace().all(|one| {
        let mut chars = one.chars();
        let (side, mark) = (chars.next(), chars.next());
        chars.next().is_none()
            && side.is_some_and(|s| ('a'..='h').contains(&s))
            && mark.is_some_and(|m| ('1'..='5').contains(&m))
    })
}

#[command(label = "follow-up", roles = ["operator", "admin"])]
pub fn follow_up(ctx: &Context, body: Called) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    if case.is_mediator(ctx) {
        return Err(Refusal::denied("mediator-does-not-follow-up"));
    }
    let (of, due, done) = get(body.call, (FollowUp::OF, FollowUp::DUE, FollowUp::DONE))?;
    if of != Some(body.dispute) {
        return Err(Refusal::not_found("no-such-call"));
    }
    if done.is_some() {
        return Err(Refusal::conflict("call-is-done"));
    }
    if due.is_some_and(|due| due > ctx.now) {
        return Err(Refusal::conflict("call-is-not-due"));
    }
    let found = body.found_fair.filter(|f| !f.trim().is_empty());
    if found.as_deref().is_some_and(|f| !is_found(f)) {
        return Err(Refusal::invalid("found-fair", "found-fair-form"));
    }
    let mut changes = step(body.dispute, "follow-up", None);
    changes.set(body.call, FollowUp::DONE, ctx.now);
    changes.set(body.call, FollowUp::BY, ctx.actor.id);
    changes.set(body.call, FollowUp::KEPT, body.kept);
    if let Some(found) = found {
        changes.set(body.call, FollowUp::FOUND_FAIR, found);
    }
    if let Some(words) = body.words {
        changes.set(body.call, FollowUp::WORDS, words);
    }
    Ok(changes)
}

#[command(label = "close-dispute", roles = ["operator", "admin"])]
pub fn close_dispute(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    if Case::of(body.dispute)?.is_mediator(ctx) {
        return Err(Refusal::denied("mediator-does-not-follow-up"));
    }
    Ok(step(body.dispute, "close", body.reason))
}

/// A call: when it is due and how it went.
pub(super) struct Call {
    pub(super) id: EntityId,
    pub(super) days: i64,
    pub(super) due: Micros,
    pub(super) kept: Option<String>,
}

/// The calls of a dispute.
pub(super) fn calls(dispute: EntityId) -> Result<Vec<Call>, Refusal> {
    let rows = Query::kind("follow-up")
        .fields(&[&FollowUp::DAYS, &FollowUp::DUE, &FollowUp::KEPT])
        .filter(FollowUp::OF.is(dispute))
        .after(EntityId::default())
        .limit(20)
        .run()?;
    let (days, due, kept) = (rows.column(FollowUp::DAYS)?, rows.column(FollowUp::DUE)?, rows.column(FollowUp::KEPT)?);
    let call = |(row, id)| Call {
        id,
        days: days.get(row).unwrap_or_default(),
        due: due.get(row).unwrap_or_default(),
        kept: kept.get(row).map(str::to_owned),
    };
    Ok(rows.ids().enumerate().map(call).collect())
}

#[cfg(test)]
mod tests {
    use super::is_found;

    #[test]
    fn what_each_side_found_is_a_side_and_a_number() {
        assert!(is_found("a5 b4") && is_found("c1"));
        for wrong in ["a6", "5", "a55", "z3", "a 5"] {
            assert!(!is_found(wrong), "{wrong}");
        }
    }
}

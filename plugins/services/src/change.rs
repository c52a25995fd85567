//! What is done to a matter. The flow says what may follow what; here is what each step adds.

use crate::report::{About, Report};
use crate::steps::StepGiven;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Reasoned {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

#[derive(Body)]
pub struct Assign {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(code, max_len = 128)]
    pub agency: String,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

#[derive(Body)]
pub struct Answer {
    #[field(entity = events)]
    pub matter: EntityId,
    /// Where the reply begins, as `CODE@zh` or `CODE@en`; what is written comes after it.
    #[field(code, max_len = 64)]
    pub template: Option<String>,
    #[field(long_text, internal, max_len = 16000)]
    pub reply: Option<String>,
    /// What became of it: only `solved` counts as solved.
    #[field(code, options = ["solved", "partly", "explained", "not-ours", "duplicate-of", "withdrawn", "referred"])]
    pub outcome: String,
    #[field(internal, max_len = 500)]
    pub evidence: Option<String>,
}

pub(crate) fn step(matter: EntityId, event: &str, reason: Option<String>) -> Changes {
    let mut changes = Changes::new();
    changes.advance(matter, event, reason.unwrap_or_default());
    changes.answer("matter", matter);
    changes
}

/// A step against the resident's wish needs a reason they can read.
pub(crate) fn explained(body: Reasoned, event: &str) -> Result<Changes, Refusal> {
    match body.reason.filter(|r| !r.trim().is_empty()) {
        Some(reason) => Ok(step(body.matter, event, Some(reason))),
        None => Err(Refusal::invalid("reason", "reason-needed")),
    }
}

#[command(label = "accept", roles = ["operator", "admin"])]
pub fn accept(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "accept", body.reason))
}

#[command(label = "refuse", roles = ["operator", "admin"])]
pub fn refuse(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    explained(body, "refuse")
}

#[command(label = "assign", roles = ["operator", "admin"])]
pub fn assign(_ctx: &Context, body: Assign) -> Result<Changes, Refusal> {
    let (before, handoffs) = get(body.matter, (Report::AGENCY, Report::HANDOFFS))?;
    let mut changes = step(body.matter, "assign", body.reason);
    if before.as_deref().is_some_and(|b| b != body.agency) {
        changes.set(body.matter, Report::HANDOFFS, handoffs.unwrap_or(0) + 1);
    }
    changes.set(body.matter, Report::AGENCY, body.agency);
    Ok(changes)
}

#[command(label = "start", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn start(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "start", body.reason))
}

#[command(label = "answer", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn answer(ctx: &Context, body: Answer) -> Result<Changes, Refusal> {
    let begun = body.template.filter(|t| !t.is_empty()).map(|t| crate::template::text(&t)).transpose()?;
    let parts = [begun.as_deref().unwrap_or("").trim(), body.reply.as_deref().unwrap_or("").trim()];
    let reply = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    if reply.is_empty() {
        return Err(Refusal::invalid("reply", "reply-needed"));
    }
    // An answer ends the clock of handling: what only says the matter was passed on is none.
    if crate::note::only_forwarded(&reply) {
        return Err(Refusal::invalid("reply", "reply-only-forwarded"));
    }
    let mut changes = step(body.matter, "answer", None);
    changes.set(body.matter, Report::REPLY, reply);
    changes.set(body.matter, Report::ANSWERED, ctx.now);
    changes.set(body.matter, Report::HANDLER, ctx.actor.id);
    changes.set(body.matter, StepGiven::OUTCOME, body.outcome);
    match body.evidence {
        Some(evidence) => changes.set(body.matter, StepGiven::EVIDENCE, evidence),
        None => changes.clear(body.matter, StepGiven::EVIDENCE),
    };
    Ok(changes)
}

#[command(label = "close", roles = ["verifier", "operator", "admin"])]
pub fn close(ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    let handler = get(body.matter, Report::HANDLER)?;
    another(handler, ctx.actor.id)?;
    Ok(step(body.matter, "close", body.reason))
}

/// The verifier is not the handler.
fn another(handler: Option<EntityId>, verifier: EntityId) -> Result<(), Refusal> {
    if handler == Some(verifier) { Err(Refusal::denied("verifier-is-handler")) } else { Ok(()) }
}

#[command(label = "reopen")]
pub fn reopen(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    explained(body, "reopen")
}

#[command(label = "withdraw")]
pub fn withdraw(_ctx: &Context, body: About) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "withdraw", None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_answered_does_not_close() {
        assert!(another(Some(EntityId(3)), EntityId(3)).is_err());
        assert!(another(Some(EntityId(3)), EntityId(4)).is_ok());
        assert!(another(None, EntityId(4)).is_ok());
    }

    #[test]
    fn a_step_against_the_residents_wish_needs_a_reason() {
        for reason in [None, Some("  ".to_owned())] {
            assert!(explained(Reasoned { matter: EntityId(1), reason }, "refuse").is_err());
        }
        assert!(explained(Reasoned { matter: EntityId(1), reason: Some("转法院".into()) }, "refuse").is_ok());
    }
}

//! The steps of a matter that give the flow more than their name: a clause, a reason from a list, evidence, days, another matter.
//!
//! What they give is put into [`StepGiven`] in the same transaction; the host's rules (`data/flows/matter.toml`) read it there and
//! judge. The newest step's words stand in the facet, those before it in the journal.

use crate::change::{Reasoned, explained, step};
use crate::report::{About, Report};
use changzhi_sdk::prelude::*;

/// What the newest step gave.
#[derive(Facet, Default)]
#[facet(name = "services.step", on = events, label = "step-given")]
pub struct StepGiven {
    #[field(name = "code", code, internal)]
    pub code: Option<String>,
    #[field(internal)]
    pub evidence: Option<String>,
    #[field(internal)]
    pub clause: Option<String>,
    #[field(min = 0)]
    pub days: Option<i64>,
    #[field(code)]
    pub outcome: Option<String>,
    #[field(entity = events)]
    pub into: Option<EntityId>,
}

#[derive(Body)]
pub struct Decline {
    #[field(entity = events)]
    pub matter: EntityId,
    /// The clause of the power list that says whose it is.
    #[field(internal, max_len = 200)]
    pub clause: String,
    #[field(max_len = 500)]
    pub reason: String,
}

#[derive(Body)]
pub struct Arbitrate {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(code, max_len = 128)]
    pub agency: String,
    #[field(max_len = 500)]
    pub reason: String,
}

#[derive(Body)]
pub struct Pause {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(name = "pause-reason", code, options = ["weather", "another-unit", "parts", "resident-away", "court", "season"])]
    pub pause_reason: String,
    #[field(internal, max_len = 200)]
    pub evidence: String,
    #[field(max_len = 500)]
    pub reason: String,
}

#[derive(Body)]
pub struct MoreTime {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(min = 1, max = 15)]
    pub days: i64,
    #[field(max_len = 500)]
    pub reason: String,
}

#[derive(Body)]
pub struct Merge {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(entity = events)]
    pub into: EntityId,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

fn said(reason: String) -> Result<String, Refusal> {
    if reason.trim().is_empty() { Err(Refusal::invalid("reason", "reason-needed")) } else { Ok(reason) }
}

#[command(label = "divert", roles = ["operator", "admin"])]
pub fn divert(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    explained(body, "divert")
}

#[command(label = "ask-more", roles = ["operator", "admin"])]
pub fn ask_more(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    explained(body, "ask-more")
}

#[command(label = "supplement")]
pub fn supplement(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "supplement", body.reason))
}

#[command(label = "decide", roles = ["operator", "admin"])]
pub fn decide(_ctx: &Context, body: About) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "decide", None))
}

/// One work order, many voices: the matter keeps its own thread and can become its own again.
#[command(label = "merge", roles = ["operator", "admin"])]
pub fn merge(_ctx: &Context, body: Merge) -> Result<Changes, Refusal> {
    let mut changes = step(body.matter, "merge", body.reason);
    changes.set(body.matter, StepGiven::INTO, body.into);
    Ok(changes)
}

#[command(label = "unmerge")]
pub fn unmerge(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "unmerge", body.reason))
}

#[command(label = "decline", roles = ["unit", "grid-worker"])]
pub fn decline(_ctx: &Context, body: Decline) -> Result<Changes, Refusal> {
    let mut changes = step(body.matter, "decline", Some(said(body.reason)?));
    changes.set(body.matter, StepGiven::CLAUSE, body.clause);
    Ok(changes)
}

/// Binding: whoever gets it now cannot decline.
#[command(label = "arbitrate", roles = ["official", "admin"])]
pub fn arbitrate(_ctx: &Context, body: Arbitrate) -> Result<Changes, Refusal> {
    let (before, handoffs) = get(body.matter, (Report::AGENCY, Report::HANDOFFS))?;
    let mut changes = step(body.matter, "arbitrate", Some(said(body.reason)?));
    if before.as_deref().is_some_and(|b| b != body.agency) {
        changes.set(body.matter, Report::HANDOFFS, handoffs.unwrap_or(0) + 1);
    }
    changes.set(body.matter, Report::AGENCY, body.agency);
    Ok(changes)
}

#[command(label = "contact-resident", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn contact(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "contact", body.reason))
}

#[command(label = "pause", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn pause(_ctx: &Context, body: Pause) -> Result<Changes, Refusal> {
    let mut changes = step(body.matter, "pause", Some(said(body.reason)?));
    changes.set(body.matter, StepGiven::CODE, body.pause_reason);
    changes.set(body.matter, StepGiven::EVIDENCE, body.evidence);
    Ok(changes)
}

#[command(label = "resume", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn resume(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "resume", body.reason))
}

#[command(label = "ask-extension", roles = ["unit", "grid-worker"])]
pub fn ask_extension(_ctx: &Context, body: MoreTime) -> Result<Changes, Refusal> {
    let mut changes = step(body.matter, "ask-extension", Some(said(body.reason)?));
    changes.set(body.matter, StepGiven::DAYS, body.days);
    Ok(changes)
}

#[command(label = "grant-extension", roles = ["operator", "admin"])]
pub fn grant_extension(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "grant-extension", body.reason))
}

#[command(label = "refuse-extension", roles = ["operator", "admin"])]
pub fn refuse_extension(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    explained(body, "refuse-extension")
}

/// On site or by file, by another than whoever claimed the result: the host's rules see to that.
#[command(label = "verify", roles = ["verifier", "operator", "admin"])]
pub fn verify(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "verify", body.reason))
}

#[command(label = "rework", roles = ["verifier", "operator", "admin"])]
pub fn rework(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    explained(body, "rework")
}

/// By name: whoever does it stops the ladder.
#[command(label = "acknowledge", roles = ["operator", "unit", "grid-worker", "verifier", "official", "admin"])]
pub fn acknowledge(_ctx: &Context, body: Reasoned) -> Result<Changes, Refusal> {
    Ok(step(body.matter, "acknowledge", body.reason))
}

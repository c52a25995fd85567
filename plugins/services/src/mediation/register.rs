//! A dispute comes in: from a party, a counter, a grid worker, legal services, the court. What is screened, guided elsewhere, or the same
//! as one that is there already.

use super::case::{Case, said, stay, step};
use super::dispute::{Dispute, OfDispute, Party, WithReason};
use crate::steps::StepGiven;
use crate::{code, place};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Register {
    #[field(max_len = 200)]
    pub title: String,
    #[field(long_text, personal, max_len = 8000)]
    pub facts: Option<String>,
    #[field(name = "dispute-category", code, options = [
        "neighbours", "family", "labour", "property", "consumer", "traffic", "debt", "land", "medical", "school", "other-dispute",
    ])]
    pub category: String,
    #[field(internal, min = 0)]
    pub claim: Option<f64>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    pub position: Option<Point>,
    /// Who registers at a counter writes who the dispute is of.
    #[field(name = "first-name", personal, max_len = 100)]
    pub first_name: Option<String>,
    #[field(name = "first-contact", personal, max_len = 100)]
    pub first_contact: Option<String>,
    #[field(name = "other-name", personal, max_len = 100)]
    pub other_name: String,
    #[field(name = "other-contact", personal, max_len = 100)]
    pub other_contact: Option<String>,
    #[field(name = "dispute-channel", code, options = ["portal", "counter", "grid-worker", "legal-service", "court", "report"])]
    pub channel: Option<String>,
    #[field(internal, max_len = 120)]
    pub reference: Option<String>,
}

/// Who may register for others.
fn is_staff(ctx: &Context) -> bool {
    ["operator", "grid-worker", "mediator", "admin"].iter().any(|role| ctx.actor.has_role(role))
}

/// What an account is bound to a party by: forty bits of the request's seed, another for each side.
pub(super) fn invitation(seed: u64, n: u64) -> String {
    code::from_seed(seed.rotate_left(17) ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[command(label = "register-dispute")]
pub fn register_dispute(ctx: &Context, body: Register) -> Result<Changes, Refusal> {
    let mut problems = Vec::new();
    if body.title.trim().is_empty() {
        problems.push(Problem { field: "title".into(), message: Text::key("title-needed") });
    }
    if body.other_name.trim().is_empty() {
        problems.push(Problem { field: "other-name".into(), message: Text::key("other-name-needed") });
    }
    if !problems.is_empty() {
        return Err(Refusal::Invalid(problems));
    }
    let staff = is_staff(ctx);
    let for_other = staff && body.first_name.is_some();
    let channel = body.channel.filter(|_| staff).unwrap_or_else(|| if staff { "counter" } else { "portal" }.into());
    let mut changes = Changes::new();
    let within = place::within(ctx, body.place, body.position)?;
    let new = New::of("dispute", ctx.now).category(body.category).within(within).position(body.position);
    let dispute = changes.create(new);
    let code = code::from_seed(ctx.seed);
    changes.put(
        dispute,
        Dispute {
            code: code.clone(),
            channel,
            reference: body.reference.filter(|_| staff),
            title: body.title,
            facts: body.facts,
            claim: body.claim,
            registrar: Some(ctx.actor.id),
            ..Dispute::default()
        },
    );
    let first = changes.create(New::of("dispute-party", ctx.now));
    changes.put(
        first,
        Party {
            of: dispute,
            side: "a".into(),
            part: "party".into(),
            account: (!for_other).then_some(ctx.actor.id),
            name: body.first_name,
            contact: body.first_contact,
            invitation: for_other.then(|| invitation(ctx.seed, 1)),
            // Who asks for mediation agrees to it.
            consent: "agreed".into(),
            consented: Some(ctx.now),
            ..Party::default()
        },
    );
    let other = changes.create(New::of("dispute-party", ctx.now));
    changes.put(
        other,
        Party {
            of: dispute,
            side: "b".into(),
            part: "party".into(),
            name: Some(body.other_name),
            contact: body.other_contact,
            invitation: Some(invitation(ctx.seed, 2)),
            consent: "asked".into(),
            ..Party::default()
        },
    );
    changes.answer("dispute", dispute);
    changes.answer("code", code);
    Ok(changes)
}

#[derive(Body)]
pub struct AddParty {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(code, options = ["a", "b", "c", "d", "e", "f", "g", "h"])]
    pub side: String,
    #[field(name = "part", code, options = ["party", "agent", "interpreter", "observer"])]
    pub part: String,
    #[field(name = "other-name", personal, max_len = 100)]
    pub other_name: String,
    #[field(name = "other-contact", personal, max_len = 100)]
    pub other_contact: Option<String>,
}

/// A further party, or somebody who speaks or translates for a side. Before the mediator's work begins a new party can still say no.
#[command(label = "add-party", roles = ["operator", "mediator", "admin"])]
pub fn add_party(ctx: &Context, body: AddParty) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let early = ["registered", "screened", "consent"].contains(&case.state.as_str());
    if body.part == "party" && !early {
        return Err(Refusal::conflict("parties-are-fixed"));
    }
    if body.other_name.trim().is_empty() {
        return Err(Refusal::invalid("other-name", "other-name-needed"));
    }
    if case.people.len() >= super::case::PARTIES as usize {
        return Err(Refusal::conflict("too-many-parties"));
    }
    let mut changes = stay(body.dispute);
    let party = changes.create(New::of("dispute-party", ctx.now));
    changes.put(
        party,
        Party {
            of: body.dispute,
            side: body.side,
            part: body.part,
            name: Some(body.other_name),
            contact: body.other_contact,
            invitation: Some(invitation(ctx.seed, 3)),
            consent: "asked".into(),
            ..Party::default()
        },
    );
    Ok(changes)
}

/// It can be mediated, and nobody needs protection first.
#[command(label = "screen", roles = ["operator", "admin"])]
pub fn screen(_ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Ok(step(body.dispute, "screen", body.reason))
}

#[derive(Body)]
pub struct Guide {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "guided-to", code, options = ["to-court", "to-arbitration", "to-labour", "to-notary", "to-police", "to-petition"])]
    pub guided_to: String,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

/// Mediation is not the way: where else, and why.
#[command(label = "guide", roles = ["operator", "admin"])]
pub fn guide(_ctx: &Context, body: Guide) -> Result<Changes, Refusal> {
    let mut changes = step(body.dispute, "guide", Some(said(body.reason)?));
    changes.set(body.dispute, Dispute::GUIDED_TO, body.guided_to);
    Ok(changes)
}

#[derive(Body)]
pub struct MergeDispute {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub into: EntityId,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

/// The same dispute came in twice: this one rests, and can be taken out again.
#[command(label = "merge-dispute", roles = ["operator", "admin"])]
pub fn merge_dispute(_ctx: &Context, body: MergeDispute) -> Result<Changes, Refusal> {
    Case::of(body.into)?;
    let mut changes = step(body.dispute, "merge", body.reason);
    changes.set(body.dispute, StepGiven::INTO, body.into);
    Ok(changes)
}

#[command(label = "unmerge-dispute", roles = ["operator", "admin"])]
pub fn unmerge_dispute(_ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    Ok(step(body.dispute, "unmerge", None))
}

/// Whoever registered it, or a party, takes it back before mediation began.
#[command(label = "withdraw-dispute")]
pub fn withdraw_dispute(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let first = case.people.iter().any(|p| p.side == "a" && p.account == Some(ctx.actor.id));
    if !first && case.registrar != Some(ctx.actor.id) {
        return Err(Refusal::denied("not-yours-to-withdraw"));
    }
    Ok(step(body.dispute, "withdraw", body.reason))
}

/// What ended without an agreement is taken up again.
#[command(label = "reopen-dispute", roles = ["operator", "admin"])]
pub fn reopen_dispute(_ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Ok(step(body.dispute, "reopen", Some(said(body.reason)?)))
}

#[command(label = "acknowledge-dispute", roles = ["operator", "mediator", "admin"])]
pub fn acknowledge_dispute(_ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Ok(step(body.dispute, "acknowledge", body.reason))
}

#[cfg(test)]
mod tests {
    use super::invitation;

    #[test]
    fn each_side_of_a_dispute_has_an_invitation_of_its_own_that_the_code_does_not_tell() {
        let all = [invitation(7, 1), invitation(7, 2), invitation(7, 3), crate::code::from_seed(7)];
        assert!(all.iter().enumerate().all(|(i, one)| all.iter().skip(i + 1).all(|other| one != other)));
    }
}

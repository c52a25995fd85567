//! The other side is asked; each party says yes or no; and may leave at any time before the agreement is sealed.

use super::case::{Case, Person, said, stay, step};
use super::dispute::{OfDispute, Party, WithReason};
use changzhi_sdk::prelude::*;

#[command(label = "invite", roles = ["operator", "mediator", "admin"])]
pub fn invite(_ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Ok(step(body.dispute, "invite", body.reason))
}

#[command(label = "invite-again", roles = ["operator", "mediator", "admin"])]
pub fn invite_again(_ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Ok(step(body.dispute, "invite-again", body.reason))
}

#[derive(Body)]
pub struct Join {
    /// From the letter.
    #[field(internal, max_len = 32)]
    pub invitation: String,
}

/// Whoever holds the letter binds their account to the party it is for. The letter is used up.
#[command(label = "join-dispute")]
pub fn join_dispute(ctx: &Context, body: Join) -> Result<Changes, Refusal> {
    let given = body.invitation.trim().to_uppercase();
    let wrong = || Refusal::invalid("invitation", "invitation-unknown");
    let party = find(Party::INVITATION, given.as_str())?.ok_or_else(wrong)?;
    let (of, account, left) = get(party, (Party::OF, Party::ACCOUNT, Party::LEFT))?;
    let of = of.ok_or_else(wrong)?;
    if account.is_some() || left.is_some() {
        return Err(wrong());
    }
    let mut case = Case::of(of)?;
    if case.is_mediator(ctx) || case.serving(ctx.actor.id).is_some() {
        return Err(Refusal::denied("mediator-is-no-party"));
    }
    let mut changes = stay(of);
    changes.set(party, Party::ACCOUNT, ctx.actor.id);
    changes.clear(party, Party::INVITATION);
    for person in case.people.iter_mut().filter(|p| p.id == party) {
        person.account = Some(ctx.actor.id);
    }
    case.fill_rooms(&mut changes)?;
    Ok(changes)
}

#[derive(Body)]
pub struct Answered {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "consents", code, options = ["agreed", "refused"])]
    pub consents: String,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

/// A party says yes or no to mediation. When all have said yes it begins; one no ends it, and costs nobody anything.
#[command(label = "answer-invitation")]
pub fn answer_invitation(ctx: &Context, body: Answered) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let own = case.deciding(ctx)?.id;
    Ok(answered(ctx, &case, own, &body.consents, body.reason))
}

#[derive(Body)]
pub struct AnsweredFor {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub party: EntityId,
    #[field(name = "consents", code, options = ["agreed", "refused"])]
    pub consents: String,
    /// How it was said: on the phone, by letter.
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

/// What a party without an account said at the counter or on the phone, written down by the desk.
#[command(label = "answer-for-party", roles = ["operator", "mediator", "admin"])]
pub fn answer_for_party(ctx: &Context, body: AnsweredFor) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let known = case.people.iter().find(|p| p.id == body.party && p.decides());
    let party = known.ok_or_else(|| Refusal::invalid("party", "no-such-party"))?;
    if party.account.is_some() {
        return Err(Refusal::denied("party-answers-itself"));
    }
    let how = said(body.reason)?;
    Ok(answered(ctx, &case, party.id, &body.consents, Some(how)))
}

fn answered(ctx: &Context, case: &Case, party: EntityId, consents: &str, reason: Option<String>) -> Changes {
    let agreed = |p: &Person| if p.id == party { consents == "agreed" } else { p.consent == "agreed" };
    let mut changes = match consents {
        "refused" => step(case.id, "decline-mediation", reason),
        _ if case.deciders().all(agreed) => step(case.id, "agree", reason),
        _ => stay(case.id),
    };
    changes.set(party, Party::CONSENT, consents);
    changes.set(party, Party::CONSENTED, ctx.now);
    changes
}

/// A party leaves, and is out of every room at once. With two sides left mediation goes on between them, without terms that were open.
#[command(label = "leave-mediation")]
pub fn leave_mediation(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    let mut case = Case::of(body.dispute)?;
    let own = case.party(ctx)?.clone();
    let reason = body.reason.filter(|r| !r.trim().is_empty()).unwrap_or_else(|| "–".to_owned());
    for person in case.people.iter_mut().filter(|p| p.id == own.id) {
        person.left = true;
    }
    let mut changes = if own.part != "party" {
        stay(body.dispute)
    } else if case.state == "consent" {
        // Nothing has begun: leaving is saying no.
        step(body.dispute, "decline-mediation", Some(reason))
    } else if case.sides().len() < 2 {
        step(body.dispute, "fail", Some(reason))
    } else if ["reading", "signing"].contains(&case.state.as_str()) {
        step(body.dispute, "redraft", Some(reason))
    } else {
        step(body.dispute, "party-left", Some(reason))
    };
    changes.set(own.id, Party::LEFT, ctx.now);
    case.fill_room(&mut changes);
    case.fill_caucuses(&mut changes)?;
    Ok(changes)
}

/// The mediator ends it: it leads nowhere, or somebody needs protection.
#[command(label = "end-mediation", roles = ["mediator"])]
pub fn end_mediation(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.leading(ctx)?;
    Ok(step(body.dispute, "fail", Some(said(body.reason)?)))
}

#[derive(Body)]
pub struct More {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(min = 1, max = 30)]
    pub days: i64,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

/// The mediator asks for more than thirty days, once.
#[command(label = "ask-more-time", roles = ["mediator"])]
pub fn ask_more_time(ctx: &Context, body: More) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.leading(ctx)?;
    let mut changes = step(body.dispute, "ask-extension", Some(said(body.reason)?));
    changes.set(body.dispute, crate::steps::StepGiven::DAYS, body.days);
    Ok(changes)
}

/// A party agrees to it.
#[command(label = "grant-more-time")]
pub fn grant_more_time(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.deciding(ctx)?;
    Ok(step(body.dispute, "grant-extension", None))
}

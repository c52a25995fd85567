//! Terms: drafted by the mediator, read by everybody, changed as often as needed. Each version is a record of its own and never changes.

use super::case::{Case, has_side, said, step, with_side};
use super::clauses;
use super::dispute::{Dispute, OfDispute, Terms, WithReason};
use changzhi_sdk::prelude::*;
use sha2::{Digest, Sha256};

#[derive(Body)]
pub struct Draft {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(long_text, personal, max_len = 16000)]
    pub text: String,
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// A version of the terms. A blank of the clause bank that is not filled is refused by name.
#[command(label = "draft-terms", roles = ["mediator"])]
pub fn draft_terms(ctx: &Context, body: Draft) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    let text = body.text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(Refusal::invalid("text", "text-needed"));
    }
    if let Some(blank) = clauses::blank(&text) {
        return Err(Refusal::invalid("text", Text::key("blank-not-filled").with("blank", blank)));
    }
    let mut changes = match case.state.as_str() {
        "drafting" => super::case::stay(body.dispute),
        "reading" | "signing" => step(body.dispute, "redraft", None),
        _ => step(body.dispute, "draft", None),
    };
    let number = match case.terms {
        Some(before) => get(before, Terms::NUMBER)?.unwrap_or(0) + 1,
        None => 1,
    };
    let terms = changes.create(New::of("terms", ctx.now));
    changes.put(
        terms,
        Terms {
            members: case.members(),
            of: body.dispute,
            number,
            digest: digest(&text),
            text: Some(text),
            ..Terms::default()
        },
    );
    changes.set(body.dispute, Dispute::TERMS, terms);
    changes.answer("terms", terms);
    Ok(changes)
}

/// To be read: a day, or less when all give the rest up.
#[command(label = "offer-terms", roles = ["mediator"])]
pub fn offer_terms(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    let terms = case.terms.ok_or_else(|| Refusal::conflict("no-terms-yet"))?;
    let mut changes = step(body.dispute, "offer", None);
    changes.clear(terms, Terms::WAIVED);
    // Signatures under this text from before it was offered again do not count.
    changes.set(terms, Terms::SIGNED_FROM, ctx.now);
    // Whoever takes part now may read it, and nobody who has left since it was drafted.
    changes.set(terms, Terms::MEMBERS, case.members());
    Ok(changes)
}

/// A party has read enough. When all have, signing begins.
#[command(label = "waive-reading")]
pub fn waive_reading(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.deciding(ctx)?.side.clone();
    let terms = case.terms.ok_or_else(|| Refusal::conflict("no-terms-yet"))?;
    if case.state != "reading" {
        return Err(Refusal::conflict("not-being-read"));
    }
    let waived = with_side(get(terms, Terms::WAIVED)?, &side);
    // A party without an account reads at the counter: the mediator waits the day out for them.
    let all = case.sides().iter().all(|s| has_side(Some(&waived), s));
    let mut changes = if all { step(body.dispute, "open-signing", None) } else { super::case::stay(body.dispute) };
    changes.set(terms, Terms::WAIVED, waived);
    Ok(changes)
}

/// Back to drafting: somebody asked for another word.
#[command(label = "redraft", roles = ["mediator"])]
pub fn redraft(ctx: &Context, body: WithReason) -> Result<Changes, Refusal> {
    Case::of(body.dispute)?.mediating(ctx)?;
    Ok(step(body.dispute, "redraft", Some(said(body.reason)?)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_digest_is_the_one_of_the_standard() {
        // FIPS 180-2, appendix B.1
        assert_eq!(super::digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

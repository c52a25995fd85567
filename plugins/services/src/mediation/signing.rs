//! Signing: a one-time code, a stroke by hand, the digest of the text, the journal's time. No face is checked (CHARTER 3).
//!
//! ```text
//! ask-signing-code ─► a code only the party can open, and the wish to send it to the party (`Notify`)
//! sign {code, stroke, digest of what was read} ─► a signature; the last one seals the agreement
//! ```
//! The code has 50 bits and lives ten minutes: it cannot be guessed at the rate commands are taken.

use super::case::{Case, Person, opened, stay, step};
use super::dispute::{Dispute, OfDispute, Party, Signature, SigningCode, Terms};
use crate::code;
use changzhi_sdk::prelude::*;

const CODE_LIVES: i64 = 10 * Micros::MINUTE;
/// Bytes of a stroke.
const STROKE: usize = 16_000;

/// The party's own code, ten minutes good.
#[command(label = "ask-signing-code")]
pub fn ask_signing_code(ctx: &Context, body: OfDispute) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let party = case.deciding(ctx)?;
    if case.state != "signing" {
        return Err(Refusal::conflict("not-being-signed"));
    }
    let terms = case.terms.ok_or_else(|| Refusal::conflict("no-terms-yet"))?;
    let mut changes = stay(body.dispute);
    let code = changes.create(New::of("signing-code", ctx.now));
    changes.put(
        code,
        SigningCode {
            members: Members::of([ctx.actor.id]),
            of: terms,
            party: party.id,
            code: Some(code::from_seed(ctx.seed.rotate_left(29) ^ 0x5bd1_e995_9e37_79b9)),
            until: ctx.now.plus(CODE_LIVES),
        },
    );
    // The code itself stays sealed in the party's record; the page shows it as well.
    changes.intent(
        Notify::account(ctx.actor.id, "signing-code-message")
            .or_contact(party.id, Party::CONTACT)
            .sealed("code", code, SigningCode::CODE)
            .with("minutes", CODE_LIVES / Micros::MINUTE)
            .about(body.dispute)
            .until(ctx.now.plus(CODE_LIVES))
            .urgent(),
    );
    Ok(changes)
}

/// The newest code of a party for the terms.
pub(super) fn newest_code(party: EntityId, terms: EntityId) -> Result<Option<(EntityId, Micros)>, Refusal> {
    let rows = Query::kind("signing-code")
        .field(SigningCode::UNTIL)
        .filter(SigningCode::PARTY.is(party))
        .filter(SigningCode::OF.is(terms))
        .newest()
        .limit(1)
        .run()?;
    let until = rows.column(SigningCode::UNTIL)?.get(0).unwrap_or_default();
    Ok(rows.id(0).map(|id| (id, until)))
}

/// Who has signed the terms since they were last offered: side, when, who for, how.
pub(super) fn signatures(terms: EntityId) -> Result<Vec<Signed>, Refusal> {
    let from = get(terms, Terms::SIGNED_FROM)?.unwrap_or_default();
    let rows = Query::kind("signature")
        .fields(&[&Signature::SIDE, &Signature::PARTY, &Signature::WAY, &core_fields::AT])
        .filter(Signature::TERMS.is(terms))
        .after(EntityId::default())
        .limit(100)
        .run()?;
    let (side, party, way) =
        (rows.column(Signature::SIDE)?, rows.column(Signature::PARTY)?, rows.column(Signature::WAY)?);
    let at = rows.column(core_fields::AT)?;
    let all = rows.ids().enumerate().map(|(row, id)| Signed {
        id,
        side: side.get(row).unwrap_or_default().to_owned(),
        party: party.get(row).unwrap_or_default(),
        way: way.get(row).unwrap_or_default().to_owned(),
        at: at.get(row).unwrap_or_default(),
    });
    Ok(all.filter(|s| s.at >= from).collect())
}

pub(super) struct Signed {
    pub(super) id: EntityId,
    pub(super) side: String,
    pub(super) party: EntityId,
    pub(super) way: String,
    pub(super) at: Micros,
}

#[derive(Body)]
pub struct Sign {
    #[field(entity = events)]
    pub dispute: EntityId,
    /// Of the text that was read: another text is not signed by it.
    #[field(internal, max_len = 64)]
    pub digest: String,
    #[field(name = "signing-code", personal, max_len = 16)]
    pub code: String,
    #[field(long_text, personal, max_len = 16000)]
    pub stroke: String,
}

/// A path as the portal's pad draws it (`M x y L x y …`), or a name as it is written by somebody without one.
fn is_stroke(stroke: &str) -> bool {
    let stroke = stroke.trim();
    let path = stroke.starts_with('M')
        && stroke.len() > 20
        && stroke.chars().all(|c| c.is_ascii_digit() || matches!(c, 'M' | 'L' | ' ' | '.' | '-'));
    let name = (2..=100).contains(&stroke.chars().count())
        && stroke.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '·' | '.' | '-'));
    stroke.len() <= STROKE && (path || name)
}

#[command(label = "sign")]
pub fn sign(ctx: &Context, body: Sign) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let own = case.deciding(ctx)?.clone();
    let (terms, digest) = being_signed(&case)?;
    if signatures(terms)?.iter().any(|s| s.party == own.id) {
        return Err(Refusal::conflict("signed-already"));
    }
    if digest != body.digest {
        return Err(Refusal::conflict("text-has-changed"));
    }
    if !is_stroke(&body.stroke) {
        return Err(Refusal::invalid("stroke", "stroke-needed"));
    }
    let wrong = || Refusal::invalid("signing-code", "signing-code-wrong");
    let (code, until) = newest_code(own.id, terms)?.ok_or_else(wrong)?;
    let kept = opened(code, SigningCode::CODE)?.ok_or_else(wrong)?;
    if kept != body.code.trim().to_uppercase() {
        return Err(wrong());
    }
    if until < ctx.now {
        return Err(Refusal::invalid("signing-code", "signing-code-over"));
    }
    let mut changes = signed(ctx, &case, terms, &own, digest, |signature| {
        signature.by = Some(ctx.actor.id);
        signature.way = "code-and-stroke".into();
        signature.stroke = Some(body.stroke);
    })?;
    // Used once.
    changes.set(code, SigningCode::UNTIL, Micros(0));
    Ok(changes)
}

#[derive(Body)]
pub struct SignedOnPaper {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub party: EntityId,
    #[field(personal, max = 6)]
    pub papers: Files,
}

/// A party without an account signed on paper before the mediator: the paper is the signature.
#[command(label = "signed-on-paper", roles = ["mediator"])]
pub fn signed_on_paper(ctx: &Context, body: SignedOnPaper) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    case.mediating(ctx)?;
    let party = case.deciders().find(|p| p.id == body.party).cloned();
    let party = party.ok_or_else(|| Refusal::invalid("party", "no-such-party"))?;
    if party.account.is_some() {
        return Err(Refusal::denied("party-signs-itself"));
    }
    let (terms, digest) = being_signed(&case)?;
    signed(ctx, &case, terms, &party, digest, |signature| {
        signature.way = "on-paper".into();
        signature.papers = Some(body.papers);
    })
}

fn being_signed(case: &Case) -> Result<(EntityId, String), Refusal> {
    let terms = case.terms.ok_or_else(|| Refusal::conflict("no-terms-yet"))?;
    if case.state != "signing" {
        return Err(Refusal::conflict("not-being-signed"));
    }
    let digest = get(terms, Terms::DIGEST)?.ok_or_else(|| Refusal::conflict("no-terms-yet"))?;
    Ok((terms, digest))
}

fn signed(
    ctx: &Context,
    case: &Case,
    terms: EntityId,
    party: &Person,
    digest: String,
    fill: impl FnOnce(&mut Signature),
) -> Result<Changes, Refusal> {
    let before = signatures(terms)?;
    if before.iter().any(|s| s.party == party.id) {
        return Err(Refusal::conflict("signed-already"));
    }
    let last = case.deciders().all(|p| p.id == party.id || before.iter().any(|s| s.party == p.id));
    let mut changes = if last { step(case.id, "seal", None) } else { stay(case.id) };
    let id = changes.create(New::of("signature", ctx.now));
    let mut signature = Signature {
        members: case.members(),
        of: case.id,
        terms,
        party: party.id,
        side: party.side.clone(),
        digest,
        ..Signature::default()
    };
    fill(&mut signature);
    changes.put(id, signature);
    if last {
        changes.set(case.id, Dispute::EFFECTIVE, ctx.now);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::is_stroke;

    #[test]
    fn a_stroke_is_a_path_or_a_name_and_no_markup() {
        assert!(is_stroke("M 10 12 L 14 16 L 20.5 18 M 3 4 L 5 6"));
        assert!(is_stroke("王小明") && is_stroke("Anna Müller"));
        for wrong in ["", "x", "M 1 2", "<svg onload=alert(1)>", "M 1 2 L 3 4 \" onload=", "王<b>"] {
            assert!(!is_stroke(wrong), "{wrong}");
        }
        assert!(!is_stroke(&format!("M {}", "1 ".repeat(20_000))));
    }
}

//! The agreement as a paper: what the parties sign, keep and take to court. Printed by the host (`&_export=pdf`), the same bytes each time.

use super::after::plan;
use super::case::{Case, opened};
use super::dispute::{Dispute, OfDispute, Seat, Signature, Terms};
use super::page_after::plan_table;
use super::page_view::{Reader, document, side};
use super::signing::signatures;
use crate::place;
use changzhi_sdk::prelude::*;

#[view(name = "agreement", label = "agreement")]
pub fn agreement(ctx: &Context, about: OfDispute) -> Result<Page, Refusal> {
    let case = Case::of(about.dispute)?;
    Reader::of(ctx, &case)?;
    let terms = case.terms.ok_or_else(|| Refusal::not_found("no-terms-yet"))?;
    let text = opened(terms, Terms::TEXT)?.ok_or_else(|| Refusal::denied("agreement-is-the-parties"))?;
    // The document comes first: that makes the host print a formal paper of it, and nothing on it says who printed it.
    let page = Page::new("agreement").add(proven(&case, terms, &text)?);
    Ok(page.add(head(&case)?).add(body(&text)).add_some(steps(&case)?).add(foot(terms)?))
}

/// The paper; of a sealed one with the record that sealed it: the last signature has the digest of the text, and the host says where in the
/// journal it stands.
pub(super) fn proven(case: &Case, terms: EntityId, text: &str) -> Result<Document, Refusal> {
    let document = document(case, terms)?;
    let sealed = get(case.id, Dispute::EFFECTIVE)?.is_some();
    let last = signatures(terms)?.into_iter().map(|one| one.id).max();
    Ok(match last.filter(|_| sealed) {
        Some(last) => document.sealed_in(last, text),
        None => document,
    })
}

fn head(case: &Case) -> Result<Section, Refusal> {
    let (code, seat, effective) = get(case.id, (Dispute::CODE, Dispute::SEAT, Dispute::EFFECTIVE))?;
    let (category, within) = get(case.id, (core_fields::CATEGORY, core_fields::WITHIN))?;
    let mut detail = Detail::new().line("code", code).line("category", Cell::code(category.unwrap_or_default()));
    if let Some(within) = within {
        detail = detail.line("place", Cell::text(place::name(within)?));
    }
    for person in case.deciders() {
        detail = detail.line(side(&person.side), Cell::code(person.part.clone()));
    }
    if let Some(seat) = seat {
        let (shown, organisation) = get(seat, (Seat::SHOWN, Seat::ORGANISATION))?;
        detail = detail.line("role-mediator", shown).line("organisation", organisation);
    }
    detail = match effective {
        Some(effective) => detail.line("effective", effective),
        None => detail.line("effective", Cell::text("not-in-force")),
    };
    Ok(Section::new("parties").add(detail))
}

fn body(text: &str) -> Section {
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    lines.fold(Section::new("terms"), |section, line| section.add(Paragraph::new(Text::plain(line))))
}

/// The plan as it was signed: what was planned after the agreement took effect is no part of it.
fn steps(case: &Case) -> Result<Option<Section>, Refusal> {
    let mut all = plan(case.id)?;
    if let Some(effective) = get(case.id, Dispute::EFFECTIVE)? {
        all.retain(|one| one.made <= effective);
    }
    Ok((!all.is_empty()).then(|| Section::new("performance").add(plan_table(None, &all))))
}

/// Who signed, when, how, what text.
fn foot(terms: EntityId) -> Result<Section, Refusal> {
    let (digest, number) = get(terms, (Terms::DIGEST, Terms::NUMBER))?;
    let mut table = Table::new().key("signatures").col("side", "side").col("signed-at", "signed-at").col("way", "way");
    table = table.col("stroke", "stroke");
    for one in signatures(terms)? {
        let stroke = opened(one.id, Signature::STROKE)?.unwrap_or_default();
        // A path is shown as that it is there; a name as it was written.
        let shown = if stroke.starts_with('M') { Text::key("signed-by-hand") } else { Text::plain(stroke) };
        let cells =
            [Cell::text(side(&one.side)), one.at.into(), Cell::code(format!("way-{}", one.way)), Cell::text(shown)];
        table = table.plain_row(one.id, cells);
    }
    let detail = Detail::new().line("terms-number", number).line("digest", digest);
    Ok(Section::new("signatures").empty("nobody-signed").add(table).add(detail))
}

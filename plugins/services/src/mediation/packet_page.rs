//! What goes to a court, an arbitration, a notary: facts everybody admits, claims, evidence with checksums, the agreement, what was and was
//! not performed. What was said in mediation is not in it: there is no way from here to it, and there is no setting.

use super::after::plan;
use super::case::{Case, opened};
use super::dispute::{Dispute, OfDispute, Terms};
use super::facts::{Stated, stated};
use super::page_after::plan_table;
use super::page_statements::side_by_side;
use super::page_view::Reader;
use super::paper::proven;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

/// The name the host keeps a file under: the hash of what is kept.
const BLOB: Field<String> = Field::new("host.file", "blob", "host.file.blob");

#[view(name = "packet", label = "packet")]
pub fn packet(ctx: &Context, about: OfDispute) -> Result<Page, Refusal> {
    let case = Case::of(about.dispute)?;
    let reader = Reader::of(ctx, &case)?;
    if reader.side.is_none() && !reader.mediating {
        return Err(Refusal::denied("packet-is-the-parties"));
    }
    let (code, title, claim, guided) =
        get(case.id, (Dispute::CODE, Dispute::TITLE, Dispute::CLAIM, Dispute::GUIDED_TO))?;
    let mut detail = Detail::new().line("code", code).line("step", Cell::status(format!("state-{}", case.state)));
    if let Some(claim) = claim {
        detail = detail.line("claim", Cell::money(claim));
    }
    if let Some(guided) = guided {
        detail = detail.line("guided-to", Cell::code(guided));
    }
    let all = stated(case.id)?;
    let of = |sort: &str| all.iter().filter(|s| s.sort == sort).collect::<Vec<&Stated>>();
    let admitted: Vec<&Stated> = of("fact").into_iter().filter(|s| s.is_admitted_by_all(&case)).collect();
    let mut page = Page::new(Text::plain(title.unwrap_or_default()))
        .add(Notice::new(Tone::Info, "packet-means"))
        .add(Section::new("registered").add(detail))
        .add(listed("agreed-facts", &case, &admitted))
        .add(listed("claims", &case, &of("claim")))
        .add(evidence(&of("evidence"))?);
    if let Some(text) = case.terms.map(|t| opened(t, Terms::TEXT)).transpose()?.flatten() {
        let sealed = get(case.id, Dispute::EFFECTIVE)?.is_some();
        // Terms that nobody agreed to are talk.
        if sealed {
            let lines = text.lines().filter(|l| !l.trim().is_empty());
            let paper = case.terms.map(|terms| proven(&case, terms, &text)).transpose()?;
            let section = lines.fold(Section::new("terms"), |s, l| s.add(Paragraph::new(Text::plain(l))));
            page = page.add(section.add_some(paper));
            page =
                page.add(Section::new("performance").empty("none-yet").add(plan_table(Some(ctx.now), &plan(case.id)?)));
        }
    }
    Ok(page)
}

fn listed(title: &'static str, case: &Case, rows: &[&Stated]) -> Section {
    Section::new(title).empty("none-yet").add(side_by_side(title, case, rows.iter().copied()))
}

fn evidence(rows: &[&Stated]) -> Result<Section, Refusal> {
    let mut table = Table::new().key("evidence").col("text", "text").col("checksum", "checksum");
    for one in rows {
        let text = one.text.clone().unwrap_or_default();
        let files = one.papers.as_ref().map(|p| p.ids().to_vec()).unwrap_or_default();
        if files.is_empty() {
            table = table.plain_row(one.id, [Cell::text(Text::plain(text.clone())), Cell::none()]);
        }
        for file in files {
            let blob = get(file, BLOB)?.unwrap_or_default();
            table = table.plain_row(file, [Cell::text(Text::plain(text.clone())), Cell::text(Text::plain(blob))]);
        }
    }
    Ok(Section::new("evidence").empty("none-yet").add(table))
}

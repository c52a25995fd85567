//! Where alerts are worked on: what waits for a second person, drafts, what others sent; and the form of a new one.

use super::alert_view::listed;
use super::facet::Alert;
use super::{form, sender};
use changzhi_sdk::prelude::*;

const ROWS: u32 = 50;

#[view(label = "alert-desk", listed, roles = ["operator", "duty-officer", "official", "connector", "unit", "grid-worker", "admin"])]
pub fn alert_desk(ctx: &Context) -> Result<Page, Refusal> {
    let mut page = Page::new("alert-desk");
    if sender::current()?.is_none() {
        page = page.add(Notice::new(Tone::Warning, "alert-no-sender"));
    }
    for (title, origin, states) in [
        ("alerts-submitted", "own", &["submitted"][..]),
        ("alerts-drafts", "own", &["draft"][..]),
        ("alerts-received", "received", &["received"][..]),
        ("alerts-over", "own", &["updated", "cancelled", "expired", "discarded"][..]),
    ] {
        let mut section = Section::new(title).empty("alerts-none").key(title).live();
        for state in states {
            let rows = Query::kind("alert")
                .fields(&[&Alert::COLOUR, &Alert::TITLE, &Alert::HEADLINE_EN, &Alert::STATUS, &Alert::MESSAGE])
                .fields(&[&Alert::SENT, &Alert::EXPIRES, &core_fields::WITHIN, &core_fields::STATE])
                .filter(core_fields::STATE.is(*state))
                .filter(Alert::ORIGIN.is(origin))
                .newest()
                .limit(ROWS)
                .run()?;
            if !rows.is_empty() {
                section = section.add(listed(ctx, &rows, true)?.key(state).total(rows.total()));
            }
        }
        page = page.add(section);
    }
    Ok(page)
}

#[view(label = "new-alert", listed, roles = ["operator", "duty-officer", "admin"])]
pub fn new_alert(_ctx: &Context) -> Result<Page, Refusal> {
    let page = Page::new("new-alert");
    if sender::current()?.is_none() {
        return Ok(page.add(Notice::new(Tone::Warning, "alert-no-sender")));
    }
    Ok(page.add(Notice::new(Tone::Info, "alert-two-persons")).add(form::write(None)?))
}

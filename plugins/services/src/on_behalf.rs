//! Reporting for somebody (代报): a caller, a visitor at the counter, somebody a grid worker met.
//!
//! The words stay as they were said: no command changes them. Who said them is kept apart ([`crate::reach`]); the account that
//! wrote it down is in the journal and is not the reporter: it can neither reopen nor rate. Code and PIN are told to the caller.

use crate::file::{Filing, filed};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct ReportFor {
    #[field(code, options = ["phone", "counter", "grid-worker"])]
    pub channel: String,
    #[field(max_len = 200, label = "title-of-desk")]
    pub title: String,
    #[field(long_text, personal, max_len = 8000, label = "words-as-said")]
    pub words: String,
    #[field(code, max_len = 48)]
    pub category: String,
    #[field(personal, max_len = 100, name = "caller-name")]
    pub caller_name: Option<String>,
    #[field(personal, max_len = 200)]
    pub contact: Option<String>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    pub position: Option<Point>,
    #[field(internal)]
    pub address: Option<String>,
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
    #[field(long_text, personal, max_len = 8000)]
    pub answers: Option<String>,
    /// Filled in by the gate.
    #[field(secret, max_len = 64)]
    pub pin: Option<String>,
}

#[command(label = "report-for", roles = ["operator", "admin", "grid-worker", "counter"])]
pub fn report_for(ctx: &Context, body: ReportFor) -> Result<Changes, Refusal> {
    if body.words.trim().is_empty() {
        return Err(Refusal::invalid("words", "words-needed"));
    }
    filed(
        ctx,
        Filing {
            title: body.title,
            body: Some(body.words),
            category: body.category,
            place: body.place,
            position: body.position,
            address: body.address,
            channel: body.channel,
            name: body.caller_name,
            contact: body.contact,
            photos: body.photos,
            answers: body.answers,
            pin: body.pin,
            own: None,
        },
    )
}

/// The form for it, with the questions of each category.
#[view(label = "report-for", listed, roles = ["operator", "admin", "grid-worker", "counter"])]
pub fn for_somebody(ctx: &Context) -> Result<Page, Refusal> {
    let form = crate::new_report_view::with_categories(ctx, Form::of::<report_for>().without("answers"))?;
    Ok(Page::new("report-for").add(Notice::new(Tone::Info, "report-for-help")).add(form))
}

//! A resident, or somebody at the desk for them, files a report.

use crate::report::Report;
use crate::{category, code, place};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct FileReport {
    #[field(max_len = 200)]
    pub title: String,
    #[field(long_text, personal, max_len = 8000)]
    pub body: Option<String>,
    #[field(code, max_len = 48)]
    pub category: String,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    pub position: Option<Point>,
    #[field(internal)]
    pub address: Option<String>,
    #[field(code, options = ["web", "app", "phone", "counter", "grid-worker"])]
    pub channel: Option<String>,
    #[field(personal, max_len = 100)]
    pub contact: Option<String>,
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
}

#[command(label = "file-report")]
pub fn file_report(ctx: &Context, body: FileReport) -> Result<Changes, Refusal> {
    if body.title.trim().is_empty() {
        return Err(Refusal::invalid("title", "title-needed"));
    }
    let within = place::within(ctx, body.place, body.position)?;
    let category_version = category::version(&body.category)?;
    let mut changes = Changes::new();
    let new = New::of("matter", ctx.now).category(body.category).within(within).position(body.position);
    let matter = changes.create(new);
    let code = code::from_seed(ctx.seed);
    changes.put(
        matter,
        Report {
            code: code.clone(),
            source: "portal".into(),
            title: body.title,
            body: body.body,
            channel: body.channel.unwrap_or_else(|| "web".into()),
            address: body.address,
            contact: body.contact,
            photos: body.photos,
            category_version,
            ..Report::default()
        },
    );
    changes.answer("matter", matter);
    changes.answer("code", code);
    Ok(changes)
}

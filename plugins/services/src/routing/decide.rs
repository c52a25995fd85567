//! Somebody at the desk says which category it is: the proposal's or another. It is learned from.

use crate::category;
use crate::report::Report;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Decide {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(code, max_len = 48)]
    pub category: String,
}

#[command(label = "decide-category", roles = ["operator", "admin"])]
pub fn decide_category(_ctx: &Context, body: Decide) -> Result<Changes, Refusal> {
    let Some(known) = category::of_code(&body.category)? else {
        return Err(Refusal::invalid("category", "no-such-category"));
    };
    let (kind, before) = get(body.matter, (core_fields::KIND, core_fields::CATEGORY))?;
    if kind.as_deref() != Some("matter") {
        return Err(Refusal::not_found("no-such-matter"));
    }
    let mut changes = Changes::new();
    if before.as_deref() != Some(known.code.as_str()) {
        changes.recategorise(body.matter, known.code);
        changes.set(body.matter, Report::CATEGORY_VERSION, known.version);
    }
    changes.set(body.matter, Report::CATEGORY_DECIDED, true);
    changes.answer("matter", body.matter);
    Ok(changes)
}

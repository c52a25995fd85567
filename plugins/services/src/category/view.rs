//! The categories in force, and the form that makes a new version of one.

use super::{all, of_code, set_category};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Which {
    #[field(code, max_len = 48)]
    pub category: Option<String>,
}

#[view(label = "categories", listed, roles = ["admin", "operator"])]
pub fn categories(ctx: &Context, which: Which) -> Result<Page, Refusal> {
    let mut table = Table::new()
        .key("categories")
        .col("code", "category-code")
        .col("name", "name-zh")
        .col("name-en", "name-en")
        .num_col("version", "version")
        .col("lead", "lead")
        .num_col("hours", "hours")
        .col("open", "open")
        .num_col("questions", "questions");
    for known in all()? {
        let cells = [
            known.code.as_str().into(),
            known.zh.as_str().into(),
            known.en.as_str().into(),
            known.version.into(),
            known.lead.clone().into(),
            known.hours.into(),
            known.open.into(),
            known.questions.len().into(),
        ];
        table = table.plain_row(&known.code, cells);
    }
    let mut page = Page::new("categories").add(Section::new("categories").help("categories-help").add(table));
    if ctx.actor.has_role("admin") {
        if let Some(code) = which.category {
            let known = of_code(&code)?.ok_or_else(|| Refusal::not_found("no-such-category"))?;
            let detail = Detail::new().line("words", known.words.clone()).line("notice", known.notice.clone());
            page = page.add(Section::new("category").add(detail));
        }
        page = page.add(Section::new("set-category").help("questions-help").add(Form::of::<set_category>()));
        page = page.add(Section::new("retire-category").add(Form::of::<super::retire_category>()));
    }
    Ok(page)
}

//! The kinds of request that can be made, and their questions.

use crate::category;
use changzhi_sdk::prelude::*;

#[view(label = "open-services")]
pub fn open_services(ctx: &Context) -> Result<Page, Refusal> {
    let mut table = Table::new()
        .key("services")
        .col("code", "category-code")
        .col("name", "category")
        .col("description", "notice")
        .col("metadata", "questions")
        .col("keywords", "words")
        .col("group", "group");
    for known in category::all()? {
        let cells = [
            known.code.as_str().into(),
            known.name(&ctx.locale).into(),
            known.notice.clone().into(),
            (!known.questions.is_empty()).into(),
            known.words().collect::<Vec<_>>().join(", ").into(),
            known.group.as_str().into(),
        ];
        table = table.plain_row(&known.code, cells);
    }
    Ok(Page::new("open-services").add(table))
}

#[derive(Body)]
pub struct Which {
    #[field(max_len = 48)]
    pub service: String,
}

#[view(label = "open-service")]
pub fn open_service(ctx: &Context, which: Which) -> Result<Page, Refusal> {
    let known = category::of_code(&which.service)?.ok_or_else(|| Refusal::not_found("no-such-category"))?;
    let mut table = Table::new()
        .key("questions")
        .col("code", "category-code")
        .col("datatype", "datatype")
        .col("required", "required")
        .col("name", "questions")
        .col("values", "values");
    for question in &known.questions {
        let values = question.values.iter().map(|v| {
            let name = if ctx.locale.starts_with("en") { &v.en } else { &v.zh };
            format!("{}={name}", v.key)
        });
        let cells = [
            question.code.as_str().into(),
            question.datatype.name().into(),
            question.required.into(),
            question.name(&ctx.locale).into(),
            Cell::tags(values),
        ];
        table = table.plain_row(&question.code, cells);
    }
    Ok(Page::new("open-service").add(table))
}

//! Changing a category: a new version; nothing that was is overwritten.

use super::questions::{self, is_code};
use super::{Category, of_code};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct SetCategory {
    #[field(code, max_len = 48, label = "category-code")]
    pub code: String,
    #[field(max_len = 100, label = "name-zh")]
    pub zh: String,
    #[field(max_len = 100, label = "name-en")]
    pub en: String,
    #[field(max_len = 100)]
    pub group: Option<String>,
    #[field(code, max_len = 48)]
    pub parent: Option<String>,
    #[field(code, max_len = 128)]
    pub lead: Option<String>,
    #[field(min = 1, max = 8760)]
    pub hours: Option<i64>,
    pub open: Option<bool>,
    #[field(max_len = 250)]
    pub notice: Option<String>,
    #[field(long_text, internal, max_len = 4000)]
    pub words: Option<String>,
    #[field(long_text, internal, max_len = 16000)]
    pub questions: Option<String>,
}

#[derive(Body)]
pub struct RetireCategory {
    #[field(code, max_len = 48, label = "category-code")]
    pub code: String,
}

/// The number of the next version.
fn next(head: Option<EntityId>) -> Result<i64, Refusal> {
    let before = head.map(|h| get(h, Category::VERSION)).transpose()?.flatten();
    Ok(before.unwrap_or(0).saturating_add(1))
}

/// Keeps a version for ever, and puts it in force.
fn keep(ctx: &Context, changes: &mut Changes, head: Option<EntityId>, category: Category) {
    let of =
        |changes: &mut Changes| changes.create(New::of("service-category", ctx.now).category(category.code.clone()));
    let version = of(changes);
    let head = match head {
        None => of(changes),
        Some(head) => {
            // What the new version does not say is not said any more.
            changes.clear(head, Category::GROUP).clear(head, Category::PARENT).clear(head, Category::LEAD);
            changes.clear(head, Category::HOURS).clear(head, Category::NOTICE).clear(head, Category::WORDS);
            changes.clear(head, Category::QUESTIONS);
            head
        }
    };
    changes.answer("version", category.version);
    changes.put(head, Category { reference: category.code.clone(), ..category.clone() });
    changes.put(version, category);
}

#[command(label = "set-category", roles = ["admin"])]
pub fn set_category(ctx: &Context, body: SetCategory) -> Result<Changes, Refusal> {
    let mut problems = Vec::new();
    if !is_code(&body.code) {
        problems.push(Problem::of("code", "category-code-wrong"));
    }
    for (field, name) in [("zh", &body.zh), ("en", &body.en)] {
        if name.trim().is_empty() {
            problems.push(Problem::of(field, "name-needed"));
        }
    }
    if let Err(why) = questions::parse(body.questions.as_deref().unwrap_or("")) {
        problems.push(Problem::of("questions", why));
    }
    if let Some(parent) = &body.parent
        && (*parent == body.code || of_code(parent)?.is_none())
    {
        problems.push(Problem::of("parent", "no-such-category"));
    }
    Refusal::problems(problems)?;
    let head = find(Category::REFERENCE, body.code.as_str())?;
    let version = next(head)?;
    let mut changes = Changes::new();
    keep(
        ctx,
        &mut changes,
        head,
        Category {
            reference: format!("{}@{version}", body.code),
            code: body.code,
            version,
            zh: body.zh,
            en: body.en,
            group: body.group,
            parent: body.parent,
            lead: body.lead,
            hours: body.hours,
            open: body.open.unwrap_or(false),
            notice: body.notice,
            words: body.words,
            questions: body.questions,
            retired: false,
        },
    );
    Ok(changes)
}

#[command(label = "retire-category", roles = ["admin"])]
pub fn retire_category(ctx: &Context, body: RetireCategory) -> Result<Changes, Refusal> {
    let Some(known) = of_code(&body.code)? else { return Err(Refusal::not_found("no-such-category")) };
    let head = find(Category::REFERENCE, body.code.as_str())?;
    let version = next(head)?;
    let mut changes = Changes::new();
    keep(
        ctx,
        &mut changes,
        head,
        Category {
            reference: format!("{}@{version}", body.code),
            code: body.code,
            version,
            zh: known.zh,
            en: known.en,
            lead: known.lead,
            retired: true,
            ..Category::default()
        },
    );
    Ok(changes)
}

//! Reply templates: texts a deployment keeps for answers, by category, in both languages.
//!
//! As categories are: each change makes a version that never changes, and one record holds what is in force. A template is where an
//! answer begins; what was sent is the matter's own and does not change with it.

use changzhi_sdk::prelude::*;

/// One version of a template.
#[derive(Facet, Clone, Default)]
#[facet(name = "services.template", on = events, label = "reply-template")]
pub struct Template {
    #[field(code, max_len = 48, label = "template-code")]
    pub code: String,
    #[field(min = 1)]
    pub version: i64,
    /// `CODE@VERSION` of a version; `CODE` of what is in force.
    #[field(unique, max_len = 64)]
    pub reference: String,
    #[field(max_len = 100, label = "name-zh")]
    pub zh: String,
    #[field(max_len = 100, label = "name-en")]
    pub en: String,
    /// The category it is for; without one it is for all.
    #[field(code, max_len = 48, label = "category")]
    pub of: Option<String>,
    #[field(long_text, max_len = 4000, label = "text-zh")]
    pub text_zh: Option<String>,
    #[field(long_text, max_len = 4000, label = "text-en")]
    pub text_en: Option<String>,
    pub retired: bool,
}

#[derive(Body)]
pub struct SetTemplate {
    #[field(code, max_len = 48, name = "template-code")]
    pub template_code: String,
    #[field(max_len = 100, label = "name-zh")]
    pub zh: String,
    #[field(max_len = 100, label = "name-en")]
    pub en: String,
    #[field(code, max_len = 48)]
    pub category: Option<String>,
    #[field(long_text, max_len = 4000, name = "text-zh")]
    pub text_zh: String,
    #[field(long_text, max_len = 4000, name = "text-en")]
    pub text_en: String,
}

#[derive(Body)]
pub struct RetireTemplate {
    #[field(code, max_len = 48, name = "template-code")]
    pub template_code: String,
}

fn keep(ctx: &Context, template: Template) -> Result<Changes, Refusal> {
    let head = find(Template::REFERENCE, template.code.as_str())?;
    let before = head.map(|h| get(h, Template::VERSION)).transpose()?.flatten();
    let number = before.unwrap_or(0).saturating_add(1);
    let mut changes = Changes::new();
    let of = |changes: &mut Changes| changes.create(New::of("reply-template", ctx.now));
    let version = of(&mut changes);
    let head = match head {
        None => of(&mut changes),
        Some(head) => {
            changes.clear(head, Template::OF);
            head
        }
    };
    let code = template.code.clone();
    changes.put(head, Template { version: number, reference: code.clone(), ..template.clone() });
    changes.put(version, Template { version: number, reference: format!("{code}@{number}"), ..template });
    changes.answer("version", number);
    Ok(changes)
}

#[command(label = "set-template", roles = ["admin"])]
pub fn set_template(ctx: &Context, body: SetTemplate) -> Result<Changes, Refusal> {
    let mut problems = Vec::new();
    if !crate::category::is_code(&body.template_code) {
        problems.push(Problem::of("template-code", "category-code-wrong"));
    }
    let texts = [("zh", &body.zh), ("en", &body.en), ("text-zh", &body.text_zh), ("text-en", &body.text_en)];
    for (field, text) in texts {
        if text.trim().is_empty() {
            problems.push(Problem::of(field, "words-needed"));
        }
    }
    for (field, text) in [("text-zh", &body.text_zh), ("text-en", &body.text_en)] {
        if crate::note::only_forwarded(text) {
            problems.push(Problem::of(field, "reply-only-forwarded"));
        }
    }
    if let Some(category) = &body.category
        && crate::category::of_code(category)?.is_none()
    {
        problems.push(Problem::of("category", "no-such-category"));
    }
    Refusal::problems(problems)?;
    keep(
        ctx,
        Template {
            code: body.template_code,
            zh: body.zh,
            en: body.en,
            of: body.category,
            text_zh: Some(body.text_zh),
            text_en: Some(body.text_en),
            ..Template::default()
        },
    )
}

#[command(label = "retire-template", roles = ["admin"])]
pub fn retire_template(ctx: &Context, body: RetireTemplate) -> Result<Changes, Refusal> {
    let head = find(Template::REFERENCE, body.template_code.as_str())?;
    let Some(head) = head else { return Err(Refusal::not_found("no-such-template")) };
    let (zh, en) = get(head, (Template::ZH, Template::EN))?;
    keep(
        ctx,
        Template {
            code: body.template_code,
            zh: zh.unwrap_or_default(),
            en: en.unwrap_or_default(),
            retired: true,
            ..Template::default()
        },
    )
}

/// A template in force.
struct InForce {
    head: EntityId,
    code: String,
    version: i64,
    zh: String,
    en: String,
    of: Option<String>,
}

/// Those in force for a category, and those for all; every one of them without a category.
fn in_force(category: Option<&str>) -> Result<Vec<InForce>, Refusal> {
    let rows = Query::kind("reply-template")
        .fields(&[&Template::CODE, &Template::REFERENCE, &Template::RETIRED, &Template::OF])
        .limit(10_000)
        .run()?;
    let (code, reference) = (rows.column(Template::CODE)?, rows.column(Template::REFERENCE)?);
    let (retired, of) = (rows.column(Template::RETIRED)?, rows.column(Template::OF)?);
    let mut found = Vec::new();
    for (row, head) in rows.ids().enumerate() {
        let Some(code) = code.get(row).filter(|code| reference.get(row) == Some(*code)) else { continue };
        let of = of.get(row).map(str::to_owned);
        let fits = category.is_none() || of.is_none() || of.as_deref() == category;
        if retired.get(row) == Some(true) || !fits {
            continue;
        }
        let (zh, en, version) = get(head, (Template::ZH, Template::EN, Template::VERSION))?;
        let (zh, en, version) = (zh.unwrap_or_default(), en.unwrap_or_default(), version.unwrap_or_default());
        found.push(InForce { head, code: code.to_owned(), version, zh, en, of });
    }
    // Those of the category itself first.
    found.sort_by(|a, b| (a.of.is_none(), &a.code).cmp(&(b.of.is_none(), &b.code)));
    Ok(found)
}

/// The text of `CODE@zh` or `CODE@en`.
pub(crate) fn text(which: &str) -> Result<String, Refusal> {
    let missing = || Refusal::invalid("template", "no-such-template");
    let (code, language) = which.split_once('@').ok_or_else(missing)?;
    let head = find(Template::REFERENCE, code)?.ok_or_else(missing)?;
    let field = if language == "en" { Template::TEXT_EN } else { Template::TEXT_ZH };
    let (retired, text) = (get(head, Template::RETIRED)?, get(head, field)?);
    text.filter(|_| retired != Some(true)).ok_or_else(missing)
}

/// The form of an answer, with the templates for the matter's category to begin from, and their texts to read.
pub(crate) fn answering(form: Form, category: &str) -> Result<(Form, Option<Section>), Refusal> {
    let all = in_force(Some(category))?;
    let form = form.without("template");
    if all.is_empty() {
        return Ok((form, None));
    }
    let mut choice = Input::new("template", "code", "template").hint("template-hint");
    let mut texts = Section::new("templates");
    for one in &all {
        for (language, name, field) in [("zh", &one.zh, Template::TEXT_ZH), ("en", &one.en, Template::TEXT_EN)] {
            choice = choice.option(format!("{}@{language}", one.code), Text::plain(format!("{name} ({language})")));
            if let Some(text) = get(one.head, field)? {
                texts = texts.add(Detail::new().line(Text::plain(name.as_str()), text));
            }
        }
    }
    Ok((form.input(choice), Some(texts)))
}

/// The templates in force, and the forms that change them.
#[view(label = "templates", listed, roles = ["admin", "operator", "unit"])]
pub fn templates(ctx: &Context) -> Result<Page, Refusal> {
    let mut table = Table::new()
        .key("templates")
        .col("code", "template-code")
        .col("name", "name-zh")
        .col("name-en", "name-en")
        .col("category", "category")
        .num_col("version", "version");
    for one in in_force(None)? {
        let of = one.of.map_or_else(|| Cell::text("every-category"), |of| Cell::code(format!("category-{of}")));
        table = table
            .plain_row(&one.code, [one.code.as_str().into(), one.zh.into(), one.en.into(), of, one.version.into()]);
    }
    let section = Section::new("templates").help("templates-help").empty("no-templates").add(table);
    let page = Page::new("templates").add(section);
    Ok(if ctx.actor.has_role("admin") {
        page.add(Section::new("set-template").add(Form::of::<set_template>()))
            .add(Section::new("retire-template").add(Form::of::<retire_template>()))
    } else {
        page
    })
}

//! What a reporter's own system adds to a matter later on. It is heard and kept; it moves nothing: people decide.

use crate::report::{Report, pictures};
use changzhi_sdk::prelude::*;

/// One addition. Its words are sealed like the report's own.
#[derive(Facet)]
#[facet(name = "services.update", on = events, label = "matter-update")]
pub struct Update {
    #[field(entity = events)]
    pub matter: EntityId,
    /// Sender and its own number: the same addition twice is one.
    #[field(unique, internal)]
    pub reference: String,
    /// How the sender says it stands.
    #[field(code, internal, max_len = 48)]
    pub status: Option<String>,
    #[field(long_text, personal)]
    pub words: Option<String>,
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
}

#[derive(Body)]
pub struct OpenUpdate {
    #[field(max_len = 16)]
    pub code: String,
    #[field(max_len = 100, internal, name = "update-id")]
    pub update_id: String,
    #[field(code, max_len = 48, internal)]
    pub status: Option<String>,
    pub at: Option<Micros>,
    #[field(long_text, personal, max_len = 16000)]
    pub words: Option<String>,
}

#[command(label = "open-update")]
pub fn open_update(ctx: &Context, body: OpenUpdate) -> Result<Changes, Refusal> {
    let Some(matter) = find(Report::CODE, body.code.to_ascii_uppercase())? else {
        return Err(Refusal::not_found("no-such-matter"));
    };
    let reference = format!("{}:{}:{}", ctx.actor.id, matter, body.update_id);
    let mut changes = Changes::new();
    changes.answer("update", body.update_id);
    if find(Update::REFERENCE, reference.as_str())?.is_some() {
        return Ok(changes);
    }
    let within = get(matter, core_fields::WITHIN)?;
    // What is said to have happened later than now happened now.
    let at = body.at.unwrap_or(ctx.now).min(ctx.now);
    let update = changes.create(New::of("matter-update", at).within(within));
    changes.put(update, Update { matter, reference, status: body.status, words: body.words, photos: None });
    Ok(changes)
}

#[derive(Body)]
pub struct AddWords {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(long_text, personal, max_len = 4000, name = "more-words")]
    pub more_words: Option<String>,
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
}

/// The reporter adds to a matter. Where they were asked to, it goes on with that; otherwise it moves nothing.
#[command(label = "add-words", roles = ["reporter"])]
pub fn add_words(ctx: &Context, body: AddWords) -> Result<Changes, Refusal> {
    let words = body.more_words.filter(|w| !w.trim().is_empty());
    if words.is_none() && body.photos.is_none() {
        return Err(Refusal::invalid("more-words", "words-needed"));
    }
    let (state, within) = get(body.matter, (core_fields::STATE, core_fields::WITHIN))?;
    if state.as_deref() == Some("withdrawn") {
        return Err(Refusal::conflict("withdrawn-already"));
    }
    let mut changes = Changes::new();
    let update = changes.create(New::of("matter-update", ctx.now).within(within));
    changes.put(
        update,
        Update {
            matter: body.matter,
            reference: format!("reporter:{}:{:016x}", body.matter, ctx.seed),
            status: None,
            words,
            photos: body.photos,
        },
    );
    if state.as_deref() == Some("awaiting") {
        changes.advance(body.matter, "supplement", "");
    }
    changes.answer("matter", body.matter);
    Ok(changes)
}

/// What the reporter added, for themselves.
pub(crate) fn own_updates(matter: EntityId) -> Result<Option<Section>, Refusal> {
    let rows = Query::kind("matter-update")
        .field(core_fields::AT)
        .filter(Update::MATTER.is(matter))
        .oldest()
        .limit(100)
        .run()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let at = rows.column(core_fields::AT)?;
    let mut line = Timeline::new();
    for (row, id) in rows.ids().enumerate() {
        let at = at.get(row).unwrap_or_default();
        let photos = reveal(id, Update::PHOTOS)?.map(|p| i64::try_from(p.ids().len()).unwrap_or(i64::MAX));
        match (reveal(id, Update::WORDS)?, photos) {
            (Some(words), _) => line = line.moment(at, Text::key("reporter"), Text::Plain(words)),
            (None, None) => line = line.moment(at, Text::key("reporter"), Text::key("words-erased")),
            (None, Some(_)) => {}
        }
        if let Some(many) = photos {
            line = line.moment(at, Text::key("reporter"), Text::key("photos-added").with("many", many));
        }
    }
    Ok(Some(Section::new("matter-updates").add(line)))
}

/// What was added to a matter, the oldest first; words only for a purpose.
pub(crate) fn section(ctx: &Context, matter: EntityId) -> Result<Option<Section>, Refusal> {
    let rows = Query::kind("matter-update")
        .field(core_fields::AT)
        .field(Update::STATUS)
        .filter(Update::MATTER.is(matter))
        .oldest()
        .limit(100)
        .run()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let (at, status) = (rows.column(core_fields::AT)?, rows.column(Update::STATUS)?);
    let mut table = Table::new()
        .key("updates")
        .opens("addition", "matter-update")
        .col("created", "created")
        .col("status", "state")
        .col("words", "body");
    for (row, id) in rows.ids().enumerate() {
        let words = if ctx.purpose.is_empty() { None } else { reveal(id, Update::WORDS)? };
        table = table.row(id, [at.get(row).into(), status.get(row).into(), words.into()]);
    }
    Ok(Some(Section::new("matter-updates").add(table)))
}

#[derive(Body)]
pub struct Addition {
    #[field(entity = events, name = "matter-update")]
    pub update: EntityId,
}

/// One addition with its photos. It is the page of its kind, so whoever may open it may open the photos, for a purpose.
#[view(name = "addition", label = "matter-update", roles = ["operator", "admin", "unit", "grid-worker", "mediator", "verifier", "official"])]
pub fn addition(ctx: &Context, about: Addition) -> Result<Page, Refusal> {
    let (matter, at) = get(about.update, (Update::MATTER, core_fields::AT))?;
    let matter = matter.ok_or_else(|| Refusal::not_found("no-such-matter"))?;
    let code = get(matter, Report::CODE)?;
    let mut section = Section::new("matter-update").add(Detail::new().line("code", code).line("created", at));
    if ctx.purpose.is_empty() {
        section = section.add(Notice::new(Tone::Info, "words-need-purpose"));
    } else {
        let words = reveal(about.update, Update::WORDS)?;
        let photos = reveal(about.update, Update::PHOTOS)?;
        section = section
            .empty("words-erased")
            .add_some(words.map(|w| Paragraph::new(Text::plain(w))))
            .add_some(photos.map(pictures).transpose()?);
    }
    Ok(Page::new("matter-update").add(section).add(Action::open("back-to-report", "report").with("matter", matter)))
}

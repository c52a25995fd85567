//! What a reporter's own system adds to a matter later on. It is heard and kept; it moves nothing: people decide.

use crate::report::Report;
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
    changes.put(update, Update { matter, reference, status: body.status, words: body.words });
    Ok(changes)
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
    let mut table = Table::new().key("updates").col("created", "created").col("status", "state").col("words", "body");
    for (row, id) in rows.ids().enumerate() {
        let words = if ctx.purpose.is_empty() { None } else { reveal(id, Update::WORDS)? };
        table = table.row(id, [at.get(row).into(), status.get(row).into(), words.into()]);
    }
    Ok(Some(Section::new("matter-updates").add(table)))
}

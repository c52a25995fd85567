//! Internal notes: for whoever works on a matter, shown on its page for staff and nowhere else.

use changzhi_sdk::prelude::*;

const SHOWN: u32 = 100;

/// A word among those who work on a matter.
#[derive(Facet)]
#[facet(name = "services.internal-note", on = events, label = "internal-note")]
pub struct InternalNote {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(long_text, internal, max_len = 4000, label = "internal-words")]
    pub words: String,
}

#[derive(Body)]
pub struct Note {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(long_text, internal, max_len = 4000, name = "internal-words")]
    pub internal_words: String,
}

#[command(label = "note-internally", roles = ["unit", "grid-worker", "operator", "verifier", "official", "mediator", "admin"])]
pub fn note_internally(ctx: &Context, body: Note) -> Result<Changes, Refusal> {
    if body.internal_words.trim().is_empty() {
        return Err(Refusal::invalid("internal-words", "words-needed"));
    }
    let (kind, within) = get(body.matter, (core_fields::KIND, core_fields::WITHIN))?;
    if kind.as_deref() != Some("matter") {
        return Err(Refusal::not_found("no-such-matter"));
    }
    let mut changes = Changes::new();
    let note = changes.create(New::of("internal-note", ctx.now).within(within));
    changes.put(note, InternalNote { matter: body.matter, words: body.internal_words });
    changes.answer("note", note);
    Ok(changes)
}

/// The internal notes of a matter, the oldest first; nothing when there are none.
pub(crate) fn internal(matter: EntityId) -> Result<Option<Section>, Refusal> {
    let rows = Query::kind("internal-note")
        .field(core_fields::AT)
        .filter(InternalNote::MATTER.is(matter))
        .oldest()
        .limit(SHOWN)
        .run()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let at = rows.column(core_fields::AT)?;
    let mut line = Timeline::new();
    for (row, note) in rows.ids().enumerate() {
        let words = get(note, InternalNote::WORDS)?.unwrap_or_default();
        line = line.moment(at.get(row).unwrap_or_default(), Text::key("staff"), Text::plain(words));
    }
    Ok(Some(Section::new("internal-notes").help("internal-notes-help").add(line)))
}

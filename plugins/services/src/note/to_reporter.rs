//! Public notes.

use super::formula::only_forwarded;
use changzhi_sdk::prelude::*;

/// Notes shown of one matter.
const SHOWN: u32 = 100;

/// A word to whoever reported a matter; whoever holds its code and PIN reads it.
#[derive(Facet)]
#[facet(name = "services.public-note", on = events, label = "public-note")]
pub struct PublicNote {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(long_text, max_len = 4000, label = "public-words")]
    pub words: String,
    /// It says no more than that the matter was passed on.
    pub formula: bool,
}

#[derive(Body)]
pub struct Inform {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(long_text, max_len = 4000, name = "public-words")]
    pub public_words: String,
}

#[command(label = "inform", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn inform(ctx: &Context, body: Inform) -> Result<Changes, Refusal> {
    if body.public_words.trim().is_empty() {
        return Err(Refusal::invalid("public-words", "words-needed"));
    }
    let (kind, within) = get(body.matter, (core_fields::KIND, core_fields::WITHIN))?;
    if kind.as_deref() != Some("matter") {
        return Err(Refusal::not_found("no-such-matter"));
    }
    let formula = only_forwarded(&body.public_words);
    let mut changes = Changes::new();
    let note = changes.create(New::of("public-note", ctx.now).within(within));
    changes.put(note, PublicNote { matter: body.matter, words: body.public_words, formula });
    // Under an older version of the flow, and at its ends, there is no such event, and no clock it could set back.
    if !formula && allowed(body.matter)?.iter().any(|step| step.event == "inform") {
        changes.advance(body.matter, "inform", "");
    }
    changes.answer("note", note);
    changes.answer("sets-back", !formula);
    Ok(changes)
}

/// The public notes of a matter, the oldest first; nothing when there are none.
pub(crate) fn public(matter: EntityId) -> Result<Option<Section>, Refusal> {
    let rows = Query::kind("public-note")
        .field(core_fields::AT)
        .field(PublicNote::FORMULA)
        .filter(PublicNote::MATTER.is(matter))
        .oldest()
        .limit(SHOWN)
        .run()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let at = rows.column(core_fields::AT)?;
    let mut line = Timeline::new();
    for (row, note) in rows.ids().enumerate() {
        let words = get(note, PublicNote::WORDS)?.unwrap_or_default();
        line = line.moment(at.get(row).unwrap_or_default(), Text::key("unit"), Text::plain(words));
    }
    Ok(Some(Section::new("public-notes").add(line)))
}

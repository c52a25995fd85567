//! What is said, in joint talk or in a caucus, to be read by those who are in the room.

use super::case::{Case, RECORDER, opened};
use super::dispute::{RoomKept, Word};
use changzhi_sdk::prelude::*;

/// Words shown of a room: the newest.
pub(super) const SHOWN: u32 = 60;
/// While there is something to talk about; the record stays readable after.
const OVER: [&str; 8] = ["closed", "failed", "not-agreed", "withdrawn", "merged", "guided", "registered", "screened"];

#[derive(Body)]
pub struct Say {
    /// The dispute, for joint talk; or a caucus.
    #[field(entity = events)]
    pub room: EntityId,
    #[field(long_text, personal, max_len = 4000)]
    pub text: Option<String>,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
    /// Minutes and the agenda are the mediator's and the recorder's to write.
    #[field(name = "sort", code, options = ["talk", "minutes", "agenda"])]
    pub sort: Option<String>,
}

/// A room with who is in it, for somebody who is.
pub(super) struct Entered {
    pub(super) case: Case,
    pub(super) members: Members,
    /// The side of a caucus.
    pub(super) side: Option<String>,
}

/// # Errors
/// No room, or none of the actor's: the two are told apart by nothing.
pub(super) fn enter(ctx: &Context, room: EntityId) -> Result<Entered, Refusal> {
    let (of, members, side) = get(room, (RoomKept::OF, RoomKept::MEMBERS, RoomKept::SIDE))?;
    let members = members.unwrap_or_default();
    match of {
        Some(of) if members.has(ctx.actor.id) => Ok(Entered { case: Case::of(of)?, members, side }),
        _ => Err(Refusal::not_found("no-such-room")),
    }
}

#[command(label = "say")]
pub fn say(ctx: &Context, body: Say) -> Result<Changes, Refusal> {
    let entered = enter(ctx, body.room)?;
    let side = entered.case.speaks_as(ctx)?;
    if OVER.contains(&entered.case.state.as_str()) {
        return Err(Refusal::conflict("talk-is-over"));
    }
    let text = body.text.filter(|t| !t.trim().is_empty());
    if text.is_none() && body.papers.is_none() {
        return Err(Refusal::invalid("text", "text-needed"));
    }
    let sort = body.sort.unwrap_or_else(|| "talk".into());
    if sort != "talk" && !entered.case.writes_minutes(ctx) {
        return Err(Refusal::denied("mediator-writes-minutes"));
    }
    if sort == "talk" && side == RECORDER {
        return Err(Refusal::denied("recorder-says-nothing"));
    }
    let mut changes = Changes::new();
    let word = changes.create(New::of("mediation-word", ctx.now));
    changes.put(
        word,
        Word {
            members: entered.members,
            of: entered.case.id,
            room: body.room,
            sort,
            side,
            by: Some(ctx.actor.id),
            text,
            papers: body.papers,
            agreed: None,
        },
    );
    changes.answer("room", body.room);
    Ok(changes)
}

/// One thing that was said, as its reader sees it.
pub(super) struct Heard {
    pub(super) id: EntityId,
    pub(super) at: Micros,
    pub(super) side: String,
    pub(super) sort: String,
    pub(super) own: bool,
    pub(super) text: Option<String>,
    pub(super) papers: Option<Files>,
    pub(super) agreed: Option<String>,
}

/// The newest of a room, oldest first; what was said before somebody came is not theirs to read and is left out.
pub(super) fn heard(ctx: &Context, room: EntityId) -> Result<Vec<Heard>, Refusal> {
    let rows = Query::kind("mediation-word")
        .fields(&[&Word::SORT, &Word::SIDE, &Word::BY, &Word::AGREED, &core_fields::AT])
        .filter(Word::ROOM.is(room))
        .newest()
        .limit(SHOWN)
        .run()?;
    let (sort, side, by) = (rows.column(Word::SORT)?, rows.column(Word::SIDE)?, rows.column(Word::BY)?);
    let (agreed, at) = (rows.column(Word::AGREED)?, rows.column(core_fields::AT)?);
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate() {
        if !get(id, Word::MEMBERS)?.unwrap_or_default().has(ctx.actor.id) {
            continue;
        }
        all.push(Heard {
            id,
            at: at.get(row).unwrap_or_default(),
            side: side.get(row).unwrap_or_default().to_owned(),
            sort: sort.get(row).unwrap_or_default().to_owned(),
            own: by.get(row) == Some(ctx.actor.id),
            text: opened(id, Word::TEXT)?,
            papers: opened(id, Word::PAPERS)?,
            agreed: agreed.get(row).map(str::to_owned),
        });
    }
    all.reverse();
    Ok(all)
}

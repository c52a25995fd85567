//! Something happens at the event: an alarm, on the same way as every other one, with a line that ties it to the event and the post.

use super::facet::{Incident, Post};
use super::hands::{desk, in_force, is_assigned, named};
use super::plan::{Head, ROWS};
use crate::alarm::{Alarm, Press, Ring, alarm_of, pressing};
use changzhi_sdk::prelude::*;

/// An alarm in these is over.
const OVER: [&str; 4] = ["stood-down", "reviewed", "closed", "kept"];

#[derive(Body)]
pub struct Happened {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    /// None: somewhere at the event.
    #[field(entity = events, label = "major-post")]
    pub post: Option<EntityId>,
    #[field(code, label = "category", options = ["help", "fire", "medical", "security"])]
    pub category: String,
    #[field(max_len = 240, label = "major-what")]
    pub what: Option<String>,
}

/// By whoever is assigned, commands or sits at a desk: it rings as a press does.
#[command(label = "open-incident")]
pub fn open_incident(ctx: &Context, body: Happened) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, works_on(ctx, body.major)?);
    let (mut within, mut spot) = (head.within, head.title.clone());
    if let Some(post) = body.post {
        let (plan, name, at) = get(post, (Post::PLAN, Post::NAME, Post::SPOT))?;
        let place = get(post, core_fields::WITHIN)?;
        if plan != Some(head.id) {
            return Err(Refusal::not_found("no-such-major-row"));
        }
        within = place.or(within);
        spot = [name, at].into_iter().flatten().collect::<Vec<_>>().join(" ");
    }
    let place = within.ok_or_else(|| Refusal::conflict("major-no-place-here"))?;
    // A hundred bytes are read out with an alarm; what was said more is on the incident.
    let spot = Some(cut(&spot, 100));
    let ring = Ring { place, category: body.category.clone(), spot, ..Ring::default() };
    let mut changes = pressing(ctx.now, Press { ring, by: Some(actor), ..Press::default() })?;
    let alarm = alarm_of(&changes).ok_or_else(|| Refusal::other("no-such-alarm"))?;
    // It rings there already, and belongs to the event: one more press is no second incident.
    if let Some(known) = incidents(head.first)?.iter().find(|i| i.alarm == alarm) {
        changes.answer("incident", known.id);
        return Ok(changes);
    }
    let incident = changes.create(New::of("major-incident", ctx.now).category(body.category).within(place));
    let what = body.what.map(|w| w.trim().to_owned()).filter(|w| !w.is_empty());
    changes.put(incident, Incident { event: head.first, post: body.post, alarm, what, by: actor });
    changes.answer("incident", incident);
    Ok(changes)
}

/// As much of a text as fits, without a letter cut in two.
fn cut(text: &str, bytes: usize) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if out.len() + letter.len_utf8() > bytes {
            break;
        }
        out.push(letter);
    }
    out
}

/// Whoever works on an event that goes on.
fn works_on(ctx: &Context, plan: EntityId) -> Result<Head, Refusal> {
    let head = Head::read(plan)?;
    if !(desk(ctx) || head.is_commanded_by(ctx.actor.id) || is_assigned(plan, ctx.actor.id)?) {
        return Err(Refusal::not_found("no-such-major"));
    }
    if head.state != "live" {
        return Err(Refusal::conflict("major-not-live"));
    }
    Ok(head)
}

#[derive(Body)]
pub struct Linked {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    #[field(entity = events, label = "alarm")]
    pub alarm: EntityId,
}

/// An alarm a seat has taken already belongs to the event.
#[command(label = "link-incident", roles = ["operator", "duty-officer", "official", "admin"])]
pub fn link_incident(ctx: &Context, body: Linked) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, works_on(ctx, body.major)?);
    let (kind, category, within) = get(body.alarm, (core_fields::KIND, core_fields::CATEGORY, core_fields::WITHIN))?;
    if kind.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    if incidents(head.first)?.iter().any(|i| i.alarm == body.alarm) {
        return Err(Refusal::conflict("major-linked-already"));
    }
    let mut changes = Changes::new();
    let new = New::of("major-incident", ctx.now).category(category.unwrap_or_default()).within(within);
    let incident = changes.create(new);
    changes.put(incident, Incident { event: head.first, post: None, alarm: body.alarm, what: None, by: actor });
    changes.answer("incident", incident);
    Ok(changes)
}

/// One incident with how its alarm stands.
pub(super) struct Row {
    pub(super) id: EntityId,
    pub(super) alarm: EntityId,
    pub(super) category: String,
    pub(super) post: Option<String>,
    pub(super) what: Option<String>,
    pub(super) at: Micros,
    pub(super) state: String,
    pub(super) taken_by: Option<String>,
}

impl Row {
    pub(super) fn is_open(&self) -> bool {
        !OVER.contains(&self.state.as_str())
    }
}

/// What happened at an event, over all its versions, oldest first.
pub(super) fn incidents(first: EntityId) -> Result<Vec<Row>, Refusal> {
    let rows = Query::kind("major-incident")
        .fields(&[&Incident::POST, &Incident::ALARM, &Incident::WHAT, &core_fields::CATEGORY, &core_fields::AT])
        .filter(Incident::EVENT.is(first))
        .oldest()
        .limit(ROWS)
        .run()?;
    let (post, alarm, what) =
        (rows.column(Incident::POST)?, rows.column(Incident::ALARM)?, rows.column(Incident::WHAT)?);
    let (category, at) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::AT)?);
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate() {
        let (Some(alarm), Some(at)) = (alarm.get(row), at.get(row)) else { continue };
        let (state, taken_by) = get(alarm, (core_fields::STATE, Alarm::TAKEN_NAME))?;
        let post = match post.get(row) {
            Some(post) => get(post, Post::NAME)?,
            None => None,
        };
        all.push(Row {
            id,
            alarm,
            category: category.get(row).unwrap_or_default().to_owned(),
            post,
            what: what.get(row).map(str::to_owned),
            at,
            state: state.unwrap_or_default(),
            taken_by,
        });
    }
    Ok(all)
}

/// The version that goes on, for a page that was opened with an older one.
pub(super) fn current(head: &Head) -> Result<EntityId, Refusal> {
    Ok(in_force(head.first)?.unwrap_or(head.id))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(cut("三号门", 7), "三号");
        assert_eq!(cut("gate", 100), "gate");
    }
}

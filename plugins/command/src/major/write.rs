//! Writing a plan: its head, and its rows one by one. Only a draft is written at.

use super::facet::{Hazard, Major, Post, Shift};
use super::hands::{edit, named};
use super::plan;
use crate::alarm::LOGIN;
use crate::alert::PLACE_CODE;
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Field, FieldValue};

/// Longest event, and how many rows of each kind a plan may have.
const LONGEST: i64 = 31 * Micros::DAY;
const POSTS: usize = 100;
const SHIFTS: usize = 20;
const HAZARDS: usize = 50;

/// Told where the form says nothing else.
pub(super) const INTERVAL: i64 = 30;
pub(super) const GRACE: i64 = 10;
pub(super) const REST: i64 = 8;

#[derive(Body)]
pub struct Written {
    /// The draft that is changed; without one a new plan is begun.
    #[field(entity = events, label = "major")]
    pub major: Option<EntityId>,
    #[field(max_len = 160, label = "major-title")]
    pub title: String,
    #[field(code, label = "major-sort", options = ["parade", "match", "concert", "exhibition", "examination", "visit", "festival", "other-event"])]
    pub sort: String,
    #[field(entity = places, label = "place")]
    pub place: EntityId,
    #[field(max_len = 240, label = "major-places")]
    pub places: Option<String>,
    #[field(label = "major-from")]
    pub from: Micros,
    #[field(label = "major-to")]
    pub to: Micros,
    #[field(min = 0, max = 10000000, label = "major-crowd")]
    pub crowd: Option<i64>,
    /// What the commander signs in with.
    #[field(max_len = 64, label = "major-commander")]
    pub commander: String,
    #[field(max_len = 64, label = "major-deputy")]
    pub deputy: Option<String>,
    #[field(long_text, max_len = 1000, label = "major-phones")]
    pub phones: Option<String>,
    #[field(min = 5, max = 240, label = "major-interval")]
    pub interval: Option<i64>,
    #[field(min = 1, max = 60, label = "major-grace")]
    pub grace: Option<i64>,
    #[field(min = 0, max = 48, label = "major-rest-hours")]
    pub rest: Option<i64>,
    #[field(long_text, max_len = 8000, label = "major-briefing")]
    pub briefing: Option<String>,
}

pub(super) fn said(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().replace("\r\n", "\n")).filter(|t| !t.is_empty())
}

/// The account behind a sign-in; a closed one has none.
pub(super) fn account(field: &str, login: &str, problems: &mut Vec<Problem>) -> Result<Option<EntityId>, Refusal> {
    let found = find(LOGIN, login.trim())?;
    if found.is_none() {
        problems.push(Problem::of(field, Text::key("major-no-login").with("login", login.trim())));
    }
    Ok(found)
}

/// Further places by their codes; one that is none is named.
pub(super) fn places(codes: &str) -> Result<Result<Vec<EntityId>, String>, Refusal> {
    let mut all = Vec::new();
    for code in codes.split_whitespace() {
        match find(PLACE_CODE, code)? {
            Some(place) => all.push(place),
            None => return Ok(Err(code.to_owned())),
        }
    }
    Ok(Ok(all))
}

#[command(label = "write-major", roles = ["operator", "duty-officer", "admin"])]
pub fn write_major(ctx: &Context, body: Written) -> Result<Changes, Refusal> {
    let actor = named(ctx)?;
    let mut problems = Vec::new();
    let title = body.title.trim().to_owned();
    if title.is_empty() {
        problems.push(Problem::of("title", "major-say-title"));
    }
    if body.to <= body.from || body.to.since(body.from) > LONGEST {
        problems.push(Problem::of("to", "major-times"));
    }
    let commander = account("commander", &body.commander, &mut problems)?;
    let deputy = match said(body.deputy) {
        Some(login) => account("deputy", &login, &mut problems)?,
        None => None,
    };
    if deputy.is_some() && deputy == commander {
        problems.push(Problem::of("deputy", "major-deputy-other"));
    }
    let more = said(body.places);
    if let Err(code) = places(more.as_deref().unwrap_or_default())? {
        problems.push(Problem::of("places", Text::key("major-no-place").with("code", code.as_str())));
    }
    Refusal::problems(problems)?;
    let mut changes = Changes::new();
    let id = match body.major {
        None => {
            let id = changes.create(New::of("major", body.from).category(body.sort).within(body.place));
            let hands = Some(actor.to_string());
            let author = Some(actor);
            changes.put(id, Major { version: 1, hands, author, ..head(&title, body.from, body.to, commander) });
            id
        }
        Some(id) => {
            edit(ctx, &mut changes, id)?;
            changes.recategorise(id, body.sort).move_to(id, Some(body.place), None);
            changes.set(id, Major::TITLE, title).set(id, Major::FROM, body.from).set(id, Major::TO, body.to);
            changes.set(id, Major::COMMANDER, commander.unwrap_or_default());
            id
        }
    };
    set(&mut changes, id, Major::PLACES, more);
    set(&mut changes, id, Major::PHONES, said(body.phones));
    set(&mut changes, id, Major::BRIEFING, said(body.briefing));
    set(&mut changes, id, Major::CROWD, body.crowd);
    set(&mut changes, id, Major::DEPUTY, deputy);
    changes.set(id, Major::INTERVAL, body.interval.unwrap_or(INTERVAL));
    changes.set(id, Major::GRACE, body.grace.unwrap_or(GRACE));
    changes.set(id, Major::REST, body.rest.unwrap_or(REST));
    changes.answer("major", id);
    Ok(changes)
}

/// What the form left empty is empty from now on.
fn set<T: FieldValue, W>(changes: &mut Changes, id: EntityId, field: Field<T, W>, value: Option<T>) {
    match value {
        Some(value) => changes.set(id, field, value),
        None => changes.clear(id, field),
    };
}

fn head(title: &str, from: Micros, to: Micros, commander: Option<EntityId>) -> Major {
    let commander = commander.unwrap_or_default();
    let title = title.to_owned();
    Major { title, from, to, commander, interval: INTERVAL, grace: GRACE, rest: REST, ..Major::default() }
}

#[derive(Body)]
pub struct NewPost {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    #[field(max_len = 80, label = "major-post")]
    pub name: String,
    /// None: the place of the event.
    #[field(max_len = 40, label = "major-place-code")]
    pub place: Option<String>,
    #[field(max_len = 120, label = "spot")]
    pub spot: Option<String>,
    #[field(long_text, max_len = 1000, label = "major-task")]
    pub task: String,
    #[field(min = 1, max = 200, label = "major-need")]
    pub need: i64,
    #[field(code, max_len = 32, label = "responder-kind", options = ["police", "guard", "volunteer", "medical", "fire", "repair"])]
    pub sort: Option<String>,
    #[field(max_len = 200, label = "skills")]
    pub skills: Option<String>,
    #[field(max_len = 240, label = "major-equipment")]
    pub equipment: Option<String>,
}

#[command(label = "add-major-post", roles = ["operator", "duty-officer", "admin"])]
pub fn add_major_post(ctx: &Context, body: NewPost) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    let head = edit(ctx, &mut changes, body.major)?;
    let (name, task) = (body.name.trim().to_owned(), body.task.trim().to_owned());
    let posts = plan::posts(body.major)?;
    let mut problems = Vec::new();
    if name.is_empty() || posts.iter().any(|p| p.post.name == name) {
        problems.push(Problem::of("name", "major-name-once"));
    }
    if task.is_empty() {
        problems.push(Problem::of("task", "major-say-task"));
    }
    let within = match said(body.place) {
        None => head.within,
        Some(code) => match find(PLACE_CODE, code.as_str())? {
            Some(place) => Some(place),
            None => {
                problems.push(Problem::of("place", Text::key("major-no-place").with("code", code.as_str())));
                None
            }
        },
    };
    let skills = body.skills.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if !skills.split(' ').all(|s| s.is_empty() || crate::dispatch::is_code(s)) {
        problems.push(Problem::of("skills", "code-letters"));
    }
    Refusal::problems(problems)?;
    if posts.len() >= POSTS {
        return Err(Refusal::conflict("major-too-many"));
    }
    let (sort, skills) = (said(body.sort), Some(skills).filter(|s| !s.is_empty()));
    let post = changes.create(New::of("major-post", ctx.now).within(within));
    let (plan, spot, equipment) = (body.major, said(body.spot), said(body.equipment));
    changes.put(post, Post { plan, name, spot, task, need: body.need, sort, skills, equipment, ended: Some(false) });
    changes.answer("post", post);
    Ok(changes)
}

#[derive(Body)]
pub struct NewShift {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    #[field(max_len = 60, label = "major-shift")]
    pub name: String,
    #[field(label = "major-from")]
    pub from: Micros,
    #[field(label = "major-to")]
    pub to: Micros,
}

#[command(label = "add-major-shift", roles = ["operator", "duty-officer", "admin"])]
pub fn add_major_shift(ctx: &Context, body: NewShift) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    let head = edit(ctx, &mut changes, body.major)?;
    let name = body.name.trim().to_owned();
    let shifts = plan::shifts(body.major)?;
    let mut problems = Vec::new();
    if name.is_empty() || shifts.iter().any(|s| s.shift.name == name) {
        problems.push(Problem::of("name", "major-name-once"));
    }
    if body.to <= body.from || body.to.since(body.from) > Micros::DAY {
        problems.push(Problem::of("to", "major-shift-times"));
    }
    // Setting up and clearing away is part of it; another day is not.
    let (early, late) = (head.from.plus(-Micros::DAY), head.to.plus(Micros::DAY));
    if body.from < early || body.to > late {
        problems.push(Problem::of("from", "major-shift-outside"));
    }
    Refusal::problems(problems)?;
    if shifts.len() >= SHIFTS {
        return Err(Refusal::conflict("major-too-many"));
    }
    let shift = changes.create(New::of("major-shift", body.from).within(head.within));
    changes.put(shift, Shift { plan: body.major, name, from: body.from, to: body.to, ended: Some(false) });
    changes.answer("shift", shift);
    Ok(changes)
}

#[derive(Body)]
pub struct NewHazard {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    #[field(max_len = 240, label = "major-hazard")]
    pub what: String,
    #[field(long_text, max_len = 1000, label = "major-measure")]
    pub measure: String,
}

#[command(label = "add-major-hazard", roles = ["operator", "duty-officer", "admin"])]
pub fn add_major_hazard(ctx: &Context, body: NewHazard) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    let head = edit(ctx, &mut changes, body.major)?;
    let (what, measure) = (body.what.trim().to_owned(), body.measure.trim().to_owned());
    let mut problems = Vec::new();
    for (field, text) in [("what", &what), ("measure", &measure)] {
        if text.is_empty() {
            problems.push(Problem::of(field, "major-say-measure"));
        }
    }
    Refusal::problems(problems)?;
    if plan::hazards(body.major)?.len() >= HAZARDS {
        return Err(Refusal::conflict("major-too-many"));
    }
    let hazard = changes.create(New::of("major-hazard", ctx.now).within(head.within));
    changes.put(hazard, Hazard { plan: body.major, what, measure, ended: Some(false) });
    changes.answer("hazard", hazard);
    Ok(changes)
}

#[derive(Body)]
pub struct Row {
    /// A post, a shift or a hazard of a draft.
    #[field(entity = events, label = "major-row")]
    pub row: EntityId,
}

/// Takes a row out of a draft, and with a post or a shift whoever is assigned there.
#[command(label = "drop-major-row", roles = ["operator", "duty-officer", "admin"])]
pub fn drop_major_row(ctx: &Context, body: Row) -> Result<Changes, Refusal> {
    let row = body.row;
    let kind = get(row, core_fields::KIND)?.unwrap_or_default();
    let plan = match kind.as_str() {
        "major-post" => get(row, Post::PLAN)?,
        "major-shift" => get(row, Shift::PLAN)?,
        "major-hazard" => get(row, Hazard::PLAN)?,
        _ => None,
    };
    let plan = plan.ok_or_else(|| Refusal::not_found("no-such-major-row"))?;
    let mut changes = Changes::new();
    edit(ctx, &mut changes, plan)?;
    for duty in plan::duties(plan)?.into_iter().filter(|d| d.post == row || d.shift == row) {
        changes.set(duty.id, super::facet::Duty::ENDED, true);
    }
    match kind.as_str() {
        "major-post" => changes.set(row, Post::ENDED, true),
        "major-shift" => changes.set(row, Shift::ENDED, true),
        _ => changes.set(row, Hazard::ENDED, true),
    };
    Ok(changes)
}

//! Putting in the plan of a floor, and ending one without another.

use super::facet::FloorPlan;
use super::{floor, kept, marks};
use changzhi_sdk::prelude::*;

/// Floors of one place that have a plan at once.
const FLOORS: usize = 60;
/// What has floors that strangers have to find their way on.
const PLACES: [&str; 2] = ["facility", "building"];
/// What somebody lives in has no plan here, whatever alarm is in it.
const DWELLINGS: [&str; 5] = ["dwelling", "residential", "residence", "apartment", "home"];

#[derive(Body)]
pub struct NewPlan {
    #[field(entity = places)]
    pub place: EntityId,
    #[field(max_len = 40)]
    pub floor: String,
    #[field(internal, max = 1, label = "plan-picture")]
    pub plan: Files,
    #[field(long_text, internal, max_len = 2000, label = "plan-words")]
    pub words: String,
    #[field(long_text, internal, max_len = 1000, label = "plan-entrances")]
    pub entrances: String,
    #[field(internal, max_len = 240, label = "plan-assembly")]
    pub assembly: String,
    #[field(long_text, internal, max_len = 1500, label = "plan-marks")]
    pub marks: Option<String>,
    #[field(max_len = 120, label = "plan-source")]
    pub source: String,
    #[field(label = "plan-as-of")]
    pub as_of: Micros,
}

#[derive(Body)]
pub struct OnePlan {
    #[field(name = "floor-plan", entity = events, label = "floor-plan")]
    pub plan: EntityId,
}

/// The one of the same floor before it ends now, and is kept with its dates.
#[command(label = "set-plan", roles = ["duty-officer", "operator", "admin"])]
pub fn set_plan(ctx: &Context, body: NewPlan) -> Result<Changes, Refusal> {
    let (kind, category) = get(body.place, (core_fields::KIND, core_fields::CATEGORY))?;
    let mut problems = Vec::new();
    let has_floors = kind.is_some_and(|k| PLACES.contains(&k.as_str()));
    if !has_floors || category.is_some_and(|c| DWELLINGS.contains(&c.as_str())) {
        problems.push(Problem::of("place", "plan-of-no-dwelling"));
    }
    let same = floor::same(&body.floor);
    for (name, text) in [
        ("floor", same.as_str()),
        ("words", &body.words),
        ("entrances", &body.entrances),
        ("assembly", &body.assembly),
        ("source", &body.source),
    ] {
        if text.trim().is_empty() {
            problems.push(Problem::of(name, "plan-say-it"));
        }
    }
    if body.as_of > ctx.now {
        problems.push(Problem::of("as_of", "plan-of-tomorrow"));
    }
    let points = body.marks.as_deref().map(|m| m.trim().replace("\r\n", "\n")).filter(|m| !m.is_empty());
    if let Err(line) = marks::read(points.as_deref().unwrap_or_default()) {
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        problems.push(Problem::of("marks", Text::key("plan-no-mark").with("line", line)));
    }
    match body.plan.ids().first() {
        Some(picture) if stored(*picture)?.is_picture() => {}
        _ => problems.push(Problem::of("plan", "plan-no-picture")),
    }
    let (versions, total) = kept::versions(Some(body.place), false)?;
    let now = kept::now(versions);
    if now.len() >= FLOORS && !now.iter().any(|p| p.same == same) {
        problems.push(Problem::of("floor", "plan-too-many-floors"));
    }
    Refusal::problems(problems)?;
    let mut changes = Changes::new();
    for before in now.iter().filter(|p| p.same == same) {
        changes.set(before.id, FloorPlan::UNTIL, ctx.now);
    }
    let plan = changes.create(New::of("floor-plan", ctx.now).within(body.place));
    let said = |text: String| text.trim().replace("\r\n", "\n");
    let record = FloorPlan {
        key: format!("{}:{}", body.place, total + 1),
        floor: said(body.floor),
        plan: body.plan,
        words: said(body.words),
        entrances: said(body.entrances),
        assembly: said(body.assembly),
        marks: points,
        source: said(body.source),
        as_of: body.as_of,
        until: None,
    };
    changes.put(plan, record);
    changes.answer("plan", plan);
    Ok(changes)
}

/// The floor has no plan any more: it was rebuilt, or it was wrong.
#[command(label = "end-plan", roles = ["duty-officer", "operator", "admin"])]
pub fn end_plan(ctx: &Context, body: OnePlan) -> Result<Changes, Refusal> {
    let (floor, until) = get(body.plan, (FloorPlan::FLOOR, FloorPlan::UNTIL))?;
    if floor.is_none() {
        return Err(Refusal::not_found("no-such-plan"));
    }
    if until.is_some() {
        return Err(Refusal::conflict("plan-is-over"));
    }
    let mut changes = Changes::new();
    changes.set(body.plan, FloorPlan::UNTIL, ctx.now);
    Ok(changes)
}

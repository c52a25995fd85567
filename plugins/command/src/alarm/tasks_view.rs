//! What waits for whoever looks (待办), and one alarm with the steps that may be taken now.

use super::card;
use super::facet::{Alarm, place_name, spot_cell, spot_label};
use super::press::is_aside;
use super::ringing_view::ringing_at;
use super::steps::{
    acknowledge, attend, clear, close_alarm, control, dispatch, escalate, judge, review, stand_down, transfer,
};
use crate::plan::{Asked, on_alarm};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Field, story};

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
const ROWS: u32 = 50;
const DIVISIONS: usize = 20;

/// State and whose step is next. What rings waits for those it rings at, which is asked of the roster.
const DUTIES: [(&str, &[&str]); 6] = [
    ("taken-back", &["operator", "duty-officer"]),
    ("acknowledged", &["operator", "duty-officer", "unit", "grid-worker", "guard"]),
    ("dispatched", &["unit", "grid-worker", "guard", "police"]),
    ("attended", &["operator", "duty-officer"]),
    ("controlled", &["operator", "duty-officer"]),
    ("stood-down", &["official", "duty-officer"]),
];

#[derive(Body)]
pub struct Where {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[derive(Body)]
pub struct About {
    #[field(entity = events)]
    pub alarm: EntityId,
}

#[view(label = "tasks", listed, roles = ["operator", "duty-officer", "unit", "grid-worker", "official", "police", "guard"])]
pub fn tasks(ctx: &Context, which: Where) -> Result<Page, Refusal> {
    let mut ids: Vec<EntityId> = ringing_at(ctx)?.into_iter().map(|r| r.id).collect();
    let places: Vec<Option<EntityId>> = match which.place {
        Some(place) => vec![Some(place)],
        None if ctx.actor.divisions.is_empty() => vec![None],
        None => ctx.actor.divisions.iter().take(DIVISIONS).map(|d| Some(*d)).collect(),
    };
    let mut total = u64::try_from(ids.len()).unwrap_or(0);
    for (state, _) in DUTIES.iter().filter(|(_, who)| who.iter().any(|r| ctx.actor.has_role(r))) {
        for place in &places {
            let mut query = Query::kind("alarm").filter(core_fields::STATE.is(*state)).oldest().limit(ROWS);
            if let Some(place) = place {
                query = query.filter(core_fields::WITHIN.at_most(*place));
            }
            let rows = query.run()?;
            total += rows.total();
            ids.extend(rows.ids());
        }
    }
    let mut table = Table::new()
        .key("tasks")
        .total(total)
        .opens("alarm", "alarm")
        .col("category", "category")
        .col("place", "place")
        .col("spot", "spot")
        .col("state", "state")
        .col("due", "due");
    for id in ids.into_iter().take(ROWS as usize) {
        let (category, state, within) = get(id, (core_fields::CATEGORY, core_fields::STATE, core_fields::WITHIN))?;
        let (spot, due) = get(id, (Alarm::SPOT, DUE))?;
        let category = category.unwrap_or_default();
        let spot = spot_cell(&category, spot.as_deref());
        let cells = [
            Cell::code(category),
            within.map(place_name).transpose()?.into(),
            spot,
            Cell::status(format!("state-{}", state.unwrap_or_default())),
            due.map_or(Cell::none(), |limit| Cell::due(Due { at: ctx.now, limit })),
        ];
        table = table.row(id, cells);
    }
    Ok(Page::new("tasks").add(Section::new("tasks").empty("no-tasks").live().add(table)))
}

/// One alarm for whoever works on it: what is known, whom to ring there, the card, and the steps that may be taken now.
#[view(name = "alarm", label = "alarm", roles = ["operator", "duty-officer", "unit", "grid-worker", "official", "police", "guard", "admin"])]
pub fn alarm_view(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let id = about.alarm;
    let core = (core_fields::KIND, core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN);
    let (kind, category, state, at, within) = get(id, core)?;
    if kind.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let (category, state) = (category.unwrap_or_default(), state.unwrap_or_default());
    let (spot, more, role, taken) = get(id, (Alarm::SPOT, Alarm::MORE, Alarm::PRESSER_ROLE, Alarm::TAKEN))?;
    let (name, outcome, mark, verdict) = get(id, (Alarm::TAKEN_NAME, Alarm::OUTCOME, Alarm::MARK, Alarm::VERDICT))?;
    let (pressed, late, level, presses) = get(id, (Alarm::PRESSED, Alarm::LATE, Alarm::LEVEL, Alarm::PRESSES))?;
    let (passed_to, receipt, safe) = get(id, (Alarm::PASSED_TO, Alarm::RECEIPT, Alarm::SAFE_BY))?;
    let mut page = Page::new("alarm");
    if mark.as_deref() == Some("duress") {
        page = page.add(Notice::new(Tone::Danger, "duress-notice"));
    }
    let mut detail = Detail::new()
        .line("category", Cell::code(category.clone()))
        .line("state", Cell::status(format!("state-{state}")))
        .line("place", Cell::from(within.map(place_name).transpose()?))
        .line(spot_label(&category), spot_cell(&category, spot.as_deref()))
        .line("rung", at);
    // What is not known is not a line: this page is read in a hurry.
    let lines: [(&str, Option<Cell>); 11] = [
        ("more", more.map(Cell::from)),
        ("presser_role", role.map(Cell::from)),
        ("presses", presses.filter(|n| *n > 1).map(Cell::from)),
        ("pressed-late", pressed.filter(|_| late == Some(true)).map(Cell::from)),
        ("taken_by", name.map(Cell::from)),
        ("taken", taken.map(Cell::from)),
        ("mark", mark.map(|m| Cell::status(format!("mark-{m}")))),
        ("verdict", verdict.map(Cell::code)),
        ("response-level", level.map(Cell::from)),
        ("passed_to", passed_to.map(|to| Cell::from(format!("{to} {}", receipt.unwrap_or_default())))),
        ("outcome", outcome.map(Cell::code)),
    ];
    for (label, cell) in lines.into_iter().filter_map(|(label, cell)| Some((label, cell?))) {
        detail = detail.line(label, cell);
    }
    if let Some(safe) = safe {
        detail = detail.line("safe_by", super::seat::name(safe)?);
    }
    let phones = card::phones(within)?;
    for (label, phone) in &phones {
        detail = detail.line(*label, Cell::from(phone.clone()));
    }
    let detail = card::lines(within, &category, detail)?;
    page = page.add(Section::new("alarm").key("alarm").live().add(detail));
    page = page.add(Action::open("proposal", "proposal").with("alarm", id));
    if crate::dispatch::WORKED_ON.contains(&state.as_str()) {
        page = page.add(Action::open("cameras", "cameras").with("alarm", id));
    }
    let (mut forward, mut aside) = (Section::new("next-step").empty("nothing-to-do"), Vec::new());
    for next in allowed(id)? {
        // The way on is open; what leads aside is opened by whoever wants it, so that the page stays short in a hurry.
        let (form, leads_aside) = match next.event.as_str() {
            "acknowledge" => (Form::of::<acknowledge>(), None),
            "judge" => (Form::of::<judge>(), None),
            "clear" => (Form::of::<clear>(), Some("clear")),
            "dispatch" => (Form::of::<dispatch>(), None),
            "attend" => (Form::of::<attend>(), None),
            "control" => (Form::of::<control>(), None),
            "escalate" => (Form::of::<escalate>(), Some("escalate")),
            "transfer" => (Form::of::<transfer>(), Some("transfer")),
            "stand-down" => (Form::of::<stand_down>(), None),
            "review" => (Form::of::<review>(), None),
            "close" => (Form::of::<close_alarm>(), None),
            _ => continue,
        };
        let form = form.with("alarm", id);
        match leads_aside {
            Some(title) => aside.push(Section::new(title).key(title).add(form).into()),
            None => forward = forward.add(form),
        }
    }
    // What is to be done first, then the way there: the plan, and the map.
    page = page.add(forward);
    if !is_aside(&category) {
        let floor = get(id, Alarm::FLOOR)?;
        let asked = Asked { within, floor: floor.as_deref(), rung: at.unwrap_or(ctx.now) };
        page = page.add(on_alarm(&ctx.actor, &asked, &phones)?);
    }
    if let Some((lon, lat)) = super::position(id, within)? {
        let at = Point { lon, lat };
        let layer =
            Layer::new("alarm", "pin", "level-1").spot(id, at, within.map(place_name).transpose()?.unwrap_or_default());
        page = page.add(Section::new("where").key("where").add(WorldMap::new().around(at).layer(layer)));
    }
    if !aside.is_empty() {
        page = page.add(fold(aside));
    }
    page = page.add(Action::open("after-action", "after-action").with("alarm", id));
    Ok(page.add(Section::new("story").key("story").add(told(id)?)))
}

/// Every step with its time, those of the clocks too.
fn told(alarm: EntityId) -> Result<Table, Refusal> {
    let mut table = Table::new().key("story").col("at", "at").col("step", "step").col("reason", "reason");
    for (number, step) in story(alarm)?.into_iter().enumerate() {
        table = table.plain_row(number, [step.at.into(), Cell::status(step.event), Cell::from(step.reason)]);
    }
    Ok(table)
}

//! The cameras near an alarm for whoever has them open, and the openings for whoever reviews them.

use super::opening::{BreakGlass, own};
use super::{open_cameras, review_opening, shut_cameras};
use crate::alarm::{place_name, position};
use changzhi_sdk::prelude::*;
use changzhi_sdk::story;

/// How far a camera may stand from the alarm, in metres, and how many are shown.
const METRES: f64 = 300.0;
const MOST: u32 = 12;
const ROWS: u32 = 200;

#[derive(Body)]
pub struct Near {
    #[field(entity = events)]
    pub alarm: EntityId,
}

#[derive(Body)]
pub struct AboutOpening {
    #[field(entity = events)]
    pub opening: EntityId,
}

/// Without an opening of the reader's own: the form that makes one, and no camera.
#[view(label = "cameras", roles = ["operator", "duty-officer", "admin"])]
pub fn cameras(ctx: &Context, near_to: Near) -> Result<Page, Refusal> {
    let id = near_to.alarm;
    let (kind, within) = get(id, (core_fields::KIND, core_fields::WITHIN))?;
    if kind.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let page = Page::new("cameras").add(Action::open("alarm", "alarm").with("alarm", id));
    let Some(opening) = own(ctx.actor.id, id)? else {
        return Ok(page
            .add(Notice::new(Tone::Warning, "cameras-are-shut"))
            .add(Form::of::<open_cameras>().with("alarm", id)));
    };
    let page = page
        .add(Notice::new(Tone::Warning, "cameras-are-open-notice"))
        .add(Form::of::<shut_cameras>().with("opening", opening));
    let Some((lon, lat)) = position(id, within)? else {
        return Ok(page.add(Notice::new(Tone::Warning, "no-position-no-cameras")));
    };
    let center = Point { lon, lat };
    let mut layer = Layer::new("cameras", "camera", "level-3");
    let mut table = Table::new().key("cameras").col("camera", "camera").num_col("metres", "metres");
    for hit in near(center, METRES, "camera", MOST)? {
        let name = place_name(hit.id)?;
        let (at_lon, at_lat) = get(hit.id, (core_fields::LON, core_fields::LAT))?;
        if let Some((lon, lat)) = at_lon.zip(at_lat) {
            layer = layer.spot(hit.id, Point { lon, lat }, Text::plain(name.clone()));
        }
        table = table.row(hit.id, [Cell::from(name), Cell::from(hit.metres.round() as i64)]);
    }
    let alarm = Layer::new("alarm", "pin", "level-1").spot(id, center, Text::key("alarm"));
    let map = WorldMap::new().around(center).layer(alarm).layer(layer);
    Ok(page.add(Section::new("cameras").help("cameras-help").empty("no-cameras-near").add(map).add(table)))
}

fn line(id: EntityId) -> Result<Option<[Cell; 7]>, Refusal> {
    let (alarm, shown, reason) = get(id, (BreakGlass::ALARM, BreakGlass::SHOWN, BreakGlass::REASON))?;
    let (shut, found) = get(id, (BreakGlass::SHUT_AT, BreakGlass::FOUND))?;
    let (state, at, within) = get(id, (core_fields::STATE, core_fields::AT, core_fields::WITHIN))?;
    let (Some(_), Some(shown)) = (alarm, shown) else { return Ok(None) };
    // After four hours it was the clock that shut them, and the clock writes no field.
    let shut = match shut {
        None => story(id)?.into_iter().find(|step| step.event == "run-out").map(|step| step.at),
        shut => shut,
    };
    Ok(Some([
        at.into(),
        within.map(place_name).transpose()?.into(),
        shown.into(),
        reason.into(),
        Cell::status(format!("state-cameras-{}", state.unwrap_or_default())),
        shut.into(),
        found.into(),
    ]))
}

const COLUMNS: [(&str, &str); 7] = [
    ("at", "opened-at"),
    ("place", "place"),
    ("shown", "opened-by"),
    ("reason", "reason"),
    ("state", "state"),
    ("shut", "shut-at"),
    ("found", "found"),
];

/// Every opening, or those of one alarm, the newest first.
pub(crate) fn table_of(alarm: Option<EntityId>) -> Result<Table, Refusal> {
    let mut query = Query::kind("break-glass").newest().limit(ROWS);
    if let Some(alarm) = alarm {
        query = query.filter(BreakGlass::ALARM.is(alarm));
    }
    let rows = query.run()?;
    let mut table = Table::new().key("openings").total(rows.total()).opens("opening", "opening");
    for (key, label) in COLUMNS {
        table = table.col(key, label);
    }
    for id in rows.ids() {
        if let Some(cells) = line(id)? {
            table = table.row(id, cells);
        }
    }
    Ok(table)
}

/// What officials review, and what anybody who answers alarms can see.
#[view(label = "openings", listed, roles = ["official", "operator", "duty-officer", "admin"])]
pub fn openings(_ctx: &Context) -> Result<Page, Refusal> {
    let section = Section::new("openings").help("openings-help").empty("no-openings").add(table_of(None)?);
    Ok(Page::new("openings").add(section))
}

#[view(name = "opening", label = "break-glass", roles = ["official", "operator", "duty-officer", "admin"])]
pub fn opening_page(_ctx: &Context, about: AboutOpening) -> Result<Page, Refusal> {
    let id = about.opening;
    let Some(cells) = line(id)? else { return Err(Refusal::not_found("no-such-opening")) };
    let detail = COLUMNS.iter().zip(cells).fold(Detail::new(), |detail, ((_, label), cell)| detail.line(*label, cell));
    let mut steps = Section::new("next-step").empty("nothing-to-do");
    for next in allowed(id)? {
        steps = match next.event.as_str() {
            "shut" => steps.add(Form::of::<shut_cameras>().with("opening", id)),
            "review" => steps.add(Form::of::<review_opening>().with("opening", id)),
            _ => steps,
        };
    }
    let alarm = get(id, BreakGlass::ALARM)?.unwrap_or_default();
    let report = Action::open("after-action", "after-action").with("alarm", alarm);
    Ok(Page::new("opening").add(Section::new("opening").add(detail).add(report)).add(steps))
}

//! The plans of a place or of all the city, what has none, and the form that puts one in: for whoever enrols staff and buttons.

use super::facet::FloorPlan;
use super::kept::{now, versions};
use super::{gap, set_plan};
use crate::alarm::place_name;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct PlansOf {
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[view(label = "plans", listed, roles = ["duty-officer", "operator", "admin"])]
pub fn plans(_ctx: &Context, of: PlansOf) -> Result<Page, Refusal> {
    let (versions, _) = versions(of.place, true)?;
    let mut table = Table::new()
        .key("plans")
        .opens("floor-plan", "floor-plan")
        .col("place", "place")
        .col("floor", "floor")
        .col("since", "plan-since")
        .col("source", "plan-source")
        .col("as_of", "plan-as-of");
    for plan in now(versions) {
        let (source, as_of) = get(plan.id, (FloorPlan::SOURCE, FloorPlan::AS_OF))?;
        let as_of = as_of.map_or(Cell::none(), Cell::date);
        table = table
            .row(plan.id, [place_name(plan.place)?.into(), plan.floor.into(), plan.from.into(), source.into(), as_of]);
    }
    let mut form = Form::of::<set_plan>();
    if let Some(place) = of.place {
        form = form.with("place", place);
    }
    let marks = Input::of::<set_plan>("marks").hint("plan-marks-hint");
    Ok(Page::new("plans")
        .add(gap::section(of.place)?)
        .add(Section::new("plans").help("plans-help").empty("no-plans").add(table))
        .add(form.without("marks").input(marks)))
}

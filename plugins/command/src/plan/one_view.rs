//! The page of one version: by the rule of this page its picture is opened too.

use super::facet::FloorPlan;
use super::keep::OnePlan;
use super::kept::{Kept, versions};
use super::{floor, looks_after, show};
use crate::alarm::place_name;
use changzhi_sdk::prelude::*;

#[view(name = "floor-plan", label = "floor-plan", roles = ["operator", "duty-officer", "unit", "grid-worker", "official", "police", "guard", "admin"])]
pub fn floor_plan(ctx: &Context, about: OnePlan) -> Result<Page, Refusal> {
    let id = about.plan;
    let (floor, until) = get(id, (FloorPlan::FLOOR, FloorPlan::UNTIL))?;
    let (from, within) = get(id, (core_fields::AT, core_fields::WITHIN))?;
    let (Some(floor), Some(from), Some(place)) = (floor, from, within) else {
        return Err(Refusal::not_found("no-such-plan"));
    };
    let plan = Kept { id, place, same: floor::same(&floor), floor, from, until };
    let mut page = Page::new("floor-plan");
    if until.is_some() {
        page = page.add(Notice::new(Tone::Warning, "plan-is-over"));
    }
    let mut head = Detail::new().line("place", Cell::from(place_name(place)?)).line("floor", plan.floor.clone());
    if let Some(until) = until {
        head = head.line("plan-until", until);
    }
    let drawn = show::drawn(&plan)?;
    page = page.add(drawn.into_iter().fold(Section::new("floor-plan").key("plan").add(head), Section::add));
    let keeper = looks_after(&ctx.actor);
    if keeper && until.is_none() {
        let end = Action::command("end-plan", "end-plan").with("floor-plan", id).style(Style::Danger);
        page = page.add(end.confirm("end-plan-sure"));
    }
    let list = keeper.then(|| Action::open("plans", "plans").with("place", place));
    Ok(page.add(Section::new("plan-versions").add(of_floor(&plan)?)).add_some(list))
}

/// Every version of this floor, the newest first: each is kept with its dates.
fn of_floor(plan: &Kept) -> Result<Table, Refusal> {
    let mut table = Table::new()
        .key("versions")
        .opens("floor-plan", "floor-plan")
        .col("floor", "floor")
        .col("since", "plan-since")
        .col("until", "plan-until")
        .col("source", "plan-source")
        .col("as_of", "plan-as-of");
    for version in versions(Some(plan.place), false)?.0.into_iter().filter(|v| v.same == plan.same) {
        let (source, as_of) = get(version.id, (FloorPlan::SOURCE, FloorPlan::AS_OF))?;
        let as_of = as_of.map_or(Cell::none(), Cell::date);
        let cells = [version.floor.into(), version.from.into(), version.until.into(), source.into(), as_of];
        table = table.row(version.id, cells);
    }
    Ok(table)
}

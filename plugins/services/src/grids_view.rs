//! Counts by grid, most first: where the work is. Of matters, never of people.

use crate::place;
use changzhi_sdk::prelude::*;

const PAGE: usize = 50;

#[derive(Body)]
pub struct Of {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
    #[field(code)]
    pub category: Option<String>,
    #[field(code)]
    pub state: Option<String>,
    #[field(min = 0, max = 100_000)]
    pub page: Option<i64>,
}

#[view(label = "grids", listed, roles = ["operator", "admin", "unit", "grid-worker", "mediator", "verifier", "official"])]
pub fn grids(_ctx: &Context, of: Of) -> Result<Page, Refusal> {
    let mut tally = Tally::kind("matter").by_place(core_fields::WITHIN, "grid");
    if let Some(place) = of.place {
        tally = tally.filter(core_fields::WITHIN.at_most(place));
    }
    if let Some(category) = &of.category {
        tally = tally.filter(core_fields::CATEGORY.is(category.clone()));
    }
    if let Some(state) = &of.state {
        tally = tally.filter(core_fields::STATE.is(state.clone()));
    }
    let counts = tally.run()?;
    let mut ranked: Vec<(EntityId, u64)> =
        counts.rows().filter_map(|cell| Some((cell.place(0)?, cell.count))).collect();
    ranked.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
    let placed: u64 = ranked.iter().map(|(_, count)| count).sum();
    let page = usize::try_from(of.page.unwrap_or(0)).unwrap_or(0);
    let mut table = Table::new()
        .key("by-grid")
        .total(ranked.len() as u64)
        .opens("reports", "place")
        .col("grid", "grid")
        .num_col("count", "count");
    for (grid, count) in ranked.iter().skip(page.saturating_mul(PAGE)).take(PAGE) {
        table = table.row(*grid, [Cell::text(place::name(*grid)?), (*count).into()]);
    }
    if ranked.len() > (page + 1).saturating_mul(PAGE) {
        table = table.next("grids", onward(&of, page + 1));
    }
    Ok(Page::new("grids")
        .add(Stat::new("in-grids", placed))
        .add(Stat::new("in-no-grid", counts.total() - placed))
        .add(Section::new("by-grid").empty("no-reports").live().add(table))
        .add(Action::open("overview", "overview")))
}

/// The same filters, a page further.
fn onward(of: &Of, page: usize) -> Vec<(&'static str, Value)> {
    let mut args = vec![("page", Value::from(i64::try_from(page).unwrap_or(i64::MAX)))];
    args.extend(of.place.map(|p| ("place", Value::from(p))));
    for (name, code) in [("category", &of.category), ("state", &of.state)] {
        args.extend(code.clone().map(|c| (name, Value::from(c))));
    }
    args
}

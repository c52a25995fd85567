//! Counts: by district and category, by state, by month. Of matters, never of people.

use crate::place;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

#[view(label = "overview", listed, roles = ["operator", "admin", "unit", "grid-worker", "mediator", "verifier", "official"])]
pub fn overview(_ctx: &Context) -> Result<Page, Refusal> {
    let states = Tally::kind("matter").by(core_fields::STATE).run()?;
    let mut by_state = Table::new().key("by-state").col("state", "state").num_col("count", "count");
    for cell in states.rows() {
        by_state = by_state.plain_row(cell.key(0), [Cell::status(format!("state-{}", cell.key(0))), cell.count.into()]);
    }
    let cells = Tally::kind("matter").by_place(core_fields::WITHIN, "division").by(core_fields::CATEGORY).run()?;
    let levels = Levels::read()?;
    let mut districts: BTreeMap<Option<EntityId>, BTreeMap<&str, u64>> = BTreeMap::new();
    for cell in cells.rows() {
        *districts.entry(levels.raise(cell.place(0), "district")).or_default().entry(cell.key(1)).or_default() +=
            cell.count;
    }
    let mut by_district = Table::new()
        .key("by-district")
        .col("district", "district")
        .col("category", "category")
        .num_col("count", "count");
    for (district, categories) in &districts {
        let name = match district {
            Some(id) => place::name(*id)?,
            None => Text::key("elsewhere"),
        };
        for (category, count) in categories {
            let key = format!("{}-{category}", district.unwrap_or_default());
            let cells = [Cell::text(name.clone()), Cell::code(format!("category-{category}")), (*count).into()];
            by_district = by_district.plain_row(key, cells);
        }
    }
    let months = Tally::kind("matter").by_month(core_fields::AT).run()?;
    let sorted: BTreeMap<&str, u64> = months.rows().map(|r| (r.key(0), r.count)).collect();
    let line = sorted.iter().fold(Series::new("reports"), |s, (month, count)| s.point(*month, *count as f64));
    Ok(Page::new("overview")
        .add(Action::open("grids", "grids"))
        .add(Stat::new("reports", states.total()))
        .add(Section::new("by-state").live().add(by_state))
        .add(Section::new("by-district").add(by_district))
        .add(Section::new("by-month").add(Chart::new("line", "month", "count").series(line))))
}

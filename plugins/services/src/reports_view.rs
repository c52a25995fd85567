//! The list of reports, newest first.

use crate::place;
use crate::report::Report;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

const PAGE: i64 = 50;
/// Further back, a filter finds more than leafing does.
const PAGES: i64 = 40;

#[derive(Body)]
pub struct Which {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
    #[field(code)]
    pub category: Option<String>,
    #[field(code)]
    pub state: Option<String>,
    #[field(code)]
    pub source: Option<String>,
    #[field(min = 0, max = 39)]
    pub page: Option<i64>,
}

#[view(label = "reports", listed, roles = ["operator", "admin", "unit", "grid-worker", "mediator", "verifier", "official"])]
pub fn reports(_ctx: &Context, which: Which) -> Result<Page, Refusal> {
    let page = which.page.unwrap_or(0).clamp(0, PAGES - 1);
    let (skip, limit) = (page * PAGE, (page + 1) * PAGE);
    let mut query = Query::kind("matter")
        .fields(&[&Report::CODE, &Report::TITLE, &Report::AGENCY, &Report::CHANNEL])
        .fields(&[&core_fields::CATEGORY, &core_fields::STATE, &core_fields::AT, &core_fields::WITHIN])
        .newest()
        .limit(u32::try_from(limit).unwrap_or(0));
    if let Some(place) = which.place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    if let Some(category) = &which.category {
        query = query.filter(core_fields::CATEGORY.is(category.clone()));
    }
    if let Some(state) = &which.state {
        query = query.filter(core_fields::STATE.is(state.clone()));
    }
    if let Some(source) = &which.source {
        query = query.filter(Report::SOURCE.is(source.clone()));
    }
    let rows = query.run()?;
    let (code, title, agency, channel) = (
        rows.column(Report::CODE)?,
        rows.column(Report::TITLE)?,
        rows.column(Report::AGENCY)?,
        rows.column(Report::CHANNEL)?,
    );
    let (category, state) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::STATE)?);
    let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let mut names: BTreeMap<EntityId, Text> = BTreeMap::new();
    let mut table = Table::new()
        .total(rows.total())
        .opens("report", "matter")
        .col("code", "code")
        .col("title", "title")
        .col("state", "state")
        .col("category", "category")
        .col("place", "place")
        .col("created", "created")
        .col("agency", "agency")
        .col("channel", "channel");
    for (row, id) in rows.ids().enumerate().skip(usize::try_from(skip).unwrap_or(0)) {
        let place = match within.get(row) {
            None => Cell::none(),
            Some(place) => {
                if let std::collections::btree_map::Entry::Vacant(empty) = names.entry(place) {
                    empty.insert(place::name(place)?);
                }
                names.get(&place).cloned().map_or(Cell::none(), Cell::text)
            }
        };
        let cells = [
            code.get(row).into(),
            title.get(row).into(),
            Cell::status(format!("state-{}", state.get(row).unwrap_or_default())),
            Cell::code(format!("category-{}", category.get(row).unwrap_or_default())),
            place,
            at.get(row).into(),
            agency.get(row).into(),
            channel.get(row).map_or(Cell::none(), Cell::code),
        ];
        table = table.row(id, cells);
    }
    if rows.total() > limit.unsigned_abs() && page + 1 < PAGES {
        table = table.next("reports", onward(&which, page + 1));
    }
    let section = Section::new("reports").empty("no-reports").live().add(table);
    Ok(Page::new("reports").add(section).add(Action::open("overview", "overview")))
}

/// The same filters, a page further.
fn onward(which: &Which, page: i64) -> Vec<(&'static str, Value)> {
    let mut args = vec![("page", Value::from(page))];
    args.extend(which.place.map(|p| ("place", Value::from(p))));
    for (name, code) in [("category", &which.category), ("state", &which.state), ("source", &which.source)] {
        args.extend(code.clone().map(|c| (name, Value::from(c))));
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_filters() {
        let which =
            Which { place: Some(EntityId(4)), category: None, state: Some("closed".into()), source: None, page: None };
        let args = onward(&which, 1);
        let names: Vec<_> = args.iter().map(|a| a.0).collect();
        assert_eq!(names, ["page", "place", "state"]);
    }
}

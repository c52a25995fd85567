//! What is known near by already, shown to somebody who is about to report: category, state, street, since when. No words, no code.
//!
//! Of a category that is shown to everybody each open matter is a line; of any other only how many there are, and only from five on:
//! that somebody near by complained of a quarrel is nobody else's business.

use crate::category;
use crate::place;
use changzhi_sdk::prelude::*;

const METRES: f64 = 300.0;
const LOOKED_AT: u32 = 100;
const SHOWN: usize = 8;
const LEAST: usize = 5;
/// With these nothing more will happen.
const DONE: [&str; 5] = ["closed", "not-accepted", "withdrawn", "merged", "diverted"];

/// Where somebody is about to report what.
pub(crate) struct Asked<'a> {
    /// `None`: nothing is chosen yet.
    pub(crate) category: Option<&'a str>,
    pub(crate) at: Option<Point>,
    pub(crate) within: Option<EntityId>,
}

/// Open matters of the category near a point, or in a place; `inputs` choose both.
pub(crate) fn section(asked: &Asked<'_>, inputs: impl IntoIterator<Item = Input>) -> Result<Section, Refusal> {
    let mut table = Table::new()
        .key("nearby")
        .filters("nearby-look", inputs)
        .col("category", "category")
        .col("state", "state")
        .col("place", "place")
        .col("created", "created");
    let section = Section::new("nearby").help("nearby-help");
    let Some(code) = asked.category else { return Ok(section.empty("nearby-choose").add(table)) };
    let found = open(code, asked.at, asked.within)?;
    if !category::of_code(code)?.is_some_and(|known| known.open) {
        let many = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let count = (found.len() >= LEAST).then(|| Paragraph::new(Text::key("nearby-count").with("count", many)));
        return Ok(section.empty("nearby-not-shown").add_some(count).add(table));
    }
    for (row, (id, state)) in found.into_iter().take(SHOWN).enumerate() {
        let (filed, within) = get(id, (core_fields::AT, core_fields::WITHIN))?;
        let place = within.map(place::name).transpose()?.map_or(Cell::none(), Cell::text);
        let cells = [
            Cell::code(format!("category-{code}")),
            Cell::status(format!("state-{state}")),
            place,
            filed.map_or(Cell::none(), Cell::date),
        ];
        // By its row and not by its number: nothing leads from here to a matter.
        table = table.plain_row(row, cells);
    }
    Ok(section.empty("none-nearby").add(table))
}

fn open(code: &str, at: Option<Point>, within: Option<EntityId>) -> Result<Vec<(EntityId, String)>, Refusal> {
    let candidates: Vec<EntityId> = match (at, within) {
        (Some(at), _) => near(at, METRES, "matter", LOOKED_AT)?.into_iter().map(|hit| hit.id).collect(),
        (None, Some(within)) => {
            let of = Query::kind("matter").filter(core_fields::WITHIN.is(within));
            of.filter(core_fields::CATEGORY.is(code)).newest().limit(LOOKED_AT).run()?.ids().collect()
        }
        (None, None) => Vec::new(),
    };
    let mut found = Vec::new();
    for id in candidates {
        let (category, state) = get(id, (core_fields::CATEGORY, core_fields::STATE))?;
        let state = state.unwrap_or_default();
        if category.as_deref() == Some(code) && !DONE.contains(&state.as_str()) {
            found.push((id, state));
        }
    }
    Ok(found)
}

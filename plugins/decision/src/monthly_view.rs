//! One month by place and kind, against the same month a year before.

use crate::month::Month;
use crate::suppress::{Shown, change, shown};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Counts, Field};
use std::collections::BTreeMap;

pub(crate) const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
/// Rows of one page: 29 kinds in 12 districts are 348; by grid only the largest are shown.
const ROWS: usize = 600;

#[derive(Body)]
pub struct What {
    /// `2026-11`; the last whole month when not given.
    #[field(max_len = 7)]
    pub month: Option<String>,
    #[field(code, options = ["district", "street", "community", "grid"])]
    pub level: Option<String>,
}

/// This month's and last year's count of each place and kind.
pub(crate) type Cells = BTreeMap<(Option<EntityId>, String), (u64, u64)>;

pub(crate) fn chosen(text: Option<&str>, now: Micros) -> Result<Month, Refusal> {
    match text {
        None => Ok(Month::last_whole(now)),
        Some(text) => Month::parse(text).ok_or_else(|| Refusal::invalid("month", "month-form")),
    }
}

/// Counts by the nearest grid or division; divisions are raised to their level afterwards.
fn count(kind: &str, month: Month) -> Result<Counts, Refusal> {
    Ok(Tally::kind("matter")
        .by_place(core_fields::WITHIN, kind)
        .by(core_fields::CATEGORY)
        .filter(core_fields::AT.at_least(month.begins()))
        .filter(core_fields::AT.below(month.plus(1).begins()))
        .run()?)
}

pub(crate) fn cells(level: &str, month: Month) -> Result<Cells, Refusal> {
    let grid = level == "grid";
    let kind = if grid { "grid" } else { "division" };
    let levels = if grid { Levels::default() } else { Levels::read()? };
    let place = |at: Option<EntityId>| if grid { at } else { levels.raise(at, level) };
    let mut cells = Cells::new();
    for row in count(kind, month)?.rows() {
        cells.entry((place(row.place(0)), row.key(1).to_owned())).or_default().0 += row.count;
    }
    for row in count(kind, month.plus(-12))?.rows() {
        cells.entry((place(row.place(0)), row.key(1).to_owned())).or_default().1 += row.count;
    }
    Ok(cells)
}

fn cell(count: u64) -> Cell {
    match shown(count) {
        Shown::None => Cell::from(0_u64),
        Shown::Few => Cell::from("<5"),
        Shown::Count(count) => Cell::from(count),
    }
}

#[view(label = "monthly", listed, roles = ["official", "operator", "admin"])]
pub fn monthly(ctx: &Context, what: What) -> Result<Page, Refusal> {
    let month = chosen(what.month.as_deref(), ctx.now)?;
    let level = what.level.as_deref().unwrap_or("district");
    let mut rows: Vec<_> = cells(level, month)?.into_iter().collect();
    let all = rows.len();
    rows.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(ROWS);
    rows.sort_by(|a, b| a.0.0.cmp(&b.0.0).then(b.1.0.cmp(&a.1.0)).then_with(|| a.0.1.cmp(&b.0.1)));
    let mut table = Table::new()
        .total(u64::try_from(all).unwrap_or(0))
        .col("place", "place")
        .col("category", "category")
        .num_col("count", "count")
        .num_col("before", "year-before")
        .num_col("change", "change");
    let mut names: BTreeMap<EntityId, String> = BTreeMap::new();
    for ((place, category), (now, before)) in rows {
        let name = match place {
            None => Cell::text("elsewhere"),
            Some(id) => match names.get(&id) {
                Some(name) => Cell::from(name.clone()),
                None => {
                    let name = get(id, PLACE_NAME)?.unwrap_or_else(|| format!("#{id}"));
                    names.insert(id, name.clone());
                    Cell::from(name)
                }
            },
        };
        let key = format!("{}-{category}", place.unwrap_or_default());
        let cells = [
            name,
            Cell::code(format!("category-{category}")),
            cell(now),
            cell(before),
            change(now, before).map(Cell::percent).into(),
        ];
        table = table.plain_row(key, cells);
    }
    Ok(Page::new(Text::key("monthly-of").with("month", month.to_string()))
        .add(Notice::new(Tone::Info, "small-counts"))
        .add(Section::new("monthly").empty("no-matters").add(table)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_the_last_whole_one_unless_said_and_a_wrong_one_is_refused() {
        let now = Month::parse("2026-11").unwrap().begins().plus(5 * Micros::DAY);
        assert_eq!(chosen(None, now).unwrap().to_string(), "2026-10");
        assert_eq!(chosen(Some("2025-02"), now).unwrap().to_string(), "2025-02");
        assert!(chosen(Some("februar"), now).is_err());
    }

    #[test]
    fn a_small_count_is_shown_as_fewer_than_five() {
        assert_eq!(cell(4), Cell::from("<5"));
        assert_eq!(cell(5), Cell::from(5_u64));
    }
}

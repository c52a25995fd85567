//! The cards in force, and the form that sets one.

use super::cards::set_dispatch_card;
use super::facet::DispatchCard;
use crate::alarm::place_name;
use changzhi_sdk::prelude::*;

const ROWS: u32 = 1_000;

#[view(label = "dispatch-cards", listed, roles = ["duty-officer", "operator", "official", "admin"])]
pub fn dispatch_cards(_ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("dispatch-card")
        .fields(&[&DispatchCard::REFERENCE, &DispatchCard::VERSION, &DispatchCard::CATEGORY, &DispatchCard::LEVEL])
        .fields(&[&DispatchCard::NEEDS, &core_fields::WITHIN])
        .newest()
        .limit(ROWS)
        .run()?;
    let (reference, version) = (rows.column(DispatchCard::REFERENCE)?, rows.column(DispatchCard::VERSION)?);
    let (category, level) = (rows.column(DispatchCard::CATEGORY)?, rows.column(DispatchCard::LEVEL)?);
    let (needs, within) = (rows.column(DispatchCard::NEEDS)?, rows.column(core_fields::WITHIN)?);
    let mut table = Table::new()
        .key("dispatch-cards")
        .col("place", "place")
        .col("category", "category")
        .num_col("level", "card-from")
        .col("needs", "needs")
        .num_col("version", "card-version");
    for (row, id) in rows.ids().enumerate() {
        let head = reference.get(row).is_some_and(|r| !r.contains('@'));
        let needs = needs.get(row).unwrap_or_default().trim();
        if !head || needs.is_empty() {
            continue;
        }
        let place = match within.get(row) {
            Some(place) => Cell::from(place_name(place)?),
            None => Cell::text("whole-city"),
        };
        let kind = category.get(row).filter(|c| !c.is_empty()).map_or(Cell::text("every-kind"), Cell::code);
        let cells = [place, kind, level.get(row).into(), needs.replace('\n', " · ").into(), version.get(row).into()];
        table = table.row(id, cells);
    }
    let list = Section::new("dispatch-cards").help("dispatch-cards-help").empty("no-dispatch-cards").add(table);
    Ok(Page::new("dispatch-cards").add(list).add(Form::of::<set_dispatch_card>()))
}

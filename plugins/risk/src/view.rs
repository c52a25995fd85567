//! Hazards by place, with the counts of each place's checklist.

use crate::commands::Hazard;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
const ROWS: u32 = 500;

#[derive(Body)]
pub struct Where {
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

/// What a place has to do: each number opens to hazards, none is a score.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Checklist {
    unowned: u32,
    mending: u32,
    overdue: u32,
    unchecked: u32,
}

impl Checklist {
    pub(crate) fn add(&mut self, state: &str, due: Option<Micros>, now: Micros) {
        match state {
            "found" => self.unowned += 1,
            "owned" if due.is_some_and(|d| d < now) => self.overdue += 1,
            "owned" => self.mending += 1,
            "fixed" => self.unchecked += 1,
            _ => {}
        }
    }
}

#[view(label = "hazards", listed, roles = ["grid-worker", "unit", "operator", "verifier", "official", "duty-officer", "admin"])]
pub fn hazards(ctx: &Context, place: Where) -> Result<Page, Refusal> {
    let mut query = Query::kind("hazard")
        .fields(&[&Hazard::TITLE, &Hazard::OWNER, &Hazard::DUE])
        .fields(&[&core_fields::CATEGORY, &core_fields::STATE, &core_fields::AT, &core_fields::WITHIN])
        .filter(core_fields::STATE.is_not("rechecked"))
        .newest()
        .limit(ROWS);
    if let Some(place) = place.place {
        query = query.filter(core_fields::WITHIN.is(place));
    }
    let rows = query.run()?;
    let (title, owner, due) = (rows.column(Hazard::TITLE)?, rows.column(Hazard::OWNER)?, rows.column(Hazard::DUE)?);
    let (category, state) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::STATE)?);
    let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let mut places: BTreeMap<EntityId, Checklist> = BTreeMap::new();
    let mut table = Table::new()
        .key("hazards")
        .total(rows.total())
        .col("title", "title")
        .col("category", "category")
        .col("state", "state")
        .col("owner", "owner")
        .col("due", "due")
        .col("found", "found-at");
    for (row, id) in rows.ids().enumerate() {
        let state = state.get(row).unwrap_or_default();
        if let Some(place) = within.get(row) {
            places.entry(place).or_default().add(state, due.get(row), ctx.now);
        }
        let cells = [
            title.get(row).into(),
            Cell::code(category.get(row).unwrap_or_default()),
            Cell::status(format!("state-{state}")),
            owner.get(row).into(),
            due.get(row).into(),
            at.get(row).into(),
        ];
        table = table.row(id, cells);
    }
    let mut lists = Table::new()
        .key("checklists")
        .opens("hazards", "place")
        .col("place", "place")
        .num_col("overdue", "overdue")
        .num_col("unowned", "state-found")
        .num_col("mending", "state-owned")
        .num_col("unchecked", "state-fixed");
    for (place, list) in places {
        let name = get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}"));
        let cells =
            [Cell::from(name), list.overdue.into(), list.unowned.into(), list.mending.into(), list.unchecked.into()];
        lists = lists.row(place, cells);
    }
    Ok(Page::new("hazards")
        .add(Section::new("checklists").help("checklists-help").empty("no-hazards").add(lists))
        .add(Section::new("hazards").empty("no-hazards").live().add(table))
        .add(Form::of::<crate::commands::report_hazard>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_open_hazard_stands_in_exactly_one_column_of_its_places_list() {
        let mut list = Checklist::default();
        let now = Micros(100);
        list.add("found", None, now);
        list.add("owned", Some(Micros(99)), now);
        list.add("owned", Some(Micros(100)), now);
        list.add("owned", None, now);
        list.add("fixed", Some(Micros(1)), now);
        list.add("rechecked", Some(Micros(1)), now);
        assert_eq!(list, Checklist { unowned: 1, mending: 2, overdue: 1, unchecked: 1 });
    }
}

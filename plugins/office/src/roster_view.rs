//! The roster of the next fourteen days, holes first: a hole found today is filled, a hole found at night is not.

use crate::duty::Duty;
use crate::holes::{Span, holes};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
const DAYS: i64 = 14;
const ROWS: u32 = 2_000;
/// Holes of one page.
const HOLES: usize = 200;

#[derive(Body)]
pub struct Where {
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[view(label = "roster", listed, roles = ["duty-officer", "operator", "official", "admin"])]
pub fn roster(ctx: &Context, at: Where) -> Result<Page, Refusal> {
    let window = Span { from: ctx.now, to: ctx.now.plus(DAYS * Micros::DAY) };
    let mut query = Query::kind("duty")
        .fields(&[&Duty::POST, &Duty::FROM, &Duty::TO, &Duty::PERSON, &Duty::TAKEN, &core_fields::WITHIN])
        .filter(Duty::TO.above(window.from))
        .filter(Duty::FROM.below(window.to))
        .oldest()
        .limit(ROWS);
    if let Some(place) = at.place {
        query = query.filter(core_fields::WITHIN.is(place));
    }
    let rows = query.run()?;
    let (post, from, to) = (rows.column(Duty::POST)?, rows.column(Duty::FROM)?, rows.column(Duty::TO)?);
    let (person, taken, within) =
        (rows.column(Duty::PERSON)?, rows.column(Duty::TAKEN)?, rows.column(core_fields::WITHIN)?);
    let mut names: BTreeMap<EntityId, String> = BTreeMap::new();
    let mut covered: BTreeMap<(EntityId, String), Vec<Span>> = BTreeMap::new();
    let mut table = Table::new()
        .key("duties")
        .total(rows.total())
        .col("from", "from")
        .col("to", "to")
        .col("place", "place")
        .col("post", "post")
        .col("person", "person")
        .col("taken", "taken");
    for (row, id) in rows.ids().enumerate() {
        let (Some(post), Some(from), Some(to)) = (post.get(row), from.get(row), to.get(row)) else { continue };
        let place = within.get(row).unwrap_or_default();
        if let std::collections::btree_map::Entry::Vacant(empty) = names.entry(place) {
            empty.insert(get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}")));
        }
        covered.entry((place, post.to_owned())).or_default().push(Span { from, to });
        let name = names.get(&place).cloned().unwrap_or_default();
        let cells = [
            from.into(),
            to.into(),
            Cell::from(name),
            Cell::code(post),
            Cell::from(person.get(row).map(Cell::person)),
            taken.get(row).into(),
        ];
        table = table.row(id, cells);
    }
    let mut open = Vec::new();
    for ((place, post), spans) in covered {
        open.extend(holes(spans, window).into_iter().map(|hole| (hole, place, post.clone())));
    }
    open.sort();
    let mut gaps = Table::new()
        .key("holes")
        .total(u64::try_from(open.len()).unwrap_or(0))
        .col("from", "from")
        .col("to", "to")
        .col("place", "place")
        .col("post", "post");
    for (hole, place, post) in open.iter().take(HOLES) {
        let name = names.get(place).cloned().unwrap_or_default();
        let cells = [hole.from.into(), hole.to.into(), Cell::from(name), Cell::code(post.clone())];
        gaps = gaps.plain_row(format!("{place}-{post}-{}", hole.from.0), cells);
    }
    Ok(Page::new("roster")
        .add(Stat::new("holes", open.len()).level(if open.is_empty() { 4 } else { 2 }))
        .add(Section::new("holes").help("holes-help").empty("no-holes").add(gaps))
        .add(Section::new("duties").empty("no-duties").add(table))
        .add(Form::of::<crate::duty::plan_duty>()))
}

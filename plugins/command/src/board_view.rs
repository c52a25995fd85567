//! The open alarms: what nobody took first, and each with its age.

use crate::commands::Alarm;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
const ROWS: u32 = 200;

/// Urgency from 1 to 4: what nobody took is most urgent, a test least.
fn level(category: &str, state: &str) -> u8 {
    match (category, state) {
        ("test", _) => 4,
        (_, "rung") => 1,
        (_, "acknowledged") => 2,
        _ => 3,
    }
}

#[view(label = "board", listed, roles = ["operator", "duty-officer", "official", "admin"])]
pub fn board(ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("alarm")
        .fields(&[&Alarm::SPOT, &Alarm::TAKEN_BY, &Alarm::TAKEN, &Alarm::PRESSES])
        .fields(&[&core_fields::CATEGORY, &core_fields::STATE, &core_fields::AT, &core_fields::WITHIN])
        .filter(core_fields::STATE.is_not("stood-down"))
        .oldest()
        .limit(ROWS)
        .run()?;
    let (spot, taker) = (rows.column(Alarm::SPOT)?, rows.column(Alarm::TAKEN_BY)?);
    let (taken, presses) = (rows.column(Alarm::TAKEN)?, rows.column(Alarm::PRESSES)?);
    let (category, state) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::STATE)?);
    let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let mut lines = Vec::with_capacity(rows.len());
    for (row, id) in rows.ids().enumerate() {
        let (category, state) = (category.get(row).unwrap_or_default(), state.get(row).unwrap_or_default());
        let place = match within.get(row) {
            Some(place) => Cell::from(get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}"))),
            None => Cell::none(),
        };
        let rung = at.get(row).unwrap_or(ctx.now);
        let level = level(category, state);
        let cells = [
            Cell::level(level),
            Cell::code(category),
            place,
            spot.get(row).into(),
            Cell::status(format!("state-{state}")),
            Cell::seconds(ctx.now.since(rung) / Micros::SECOND),
            Cell::from(taken.get(row).map(|t| Cell::seconds(t.since(rung) / Micros::SECOND))),
            Cell::from(taker.get(row).map(Cell::person)),
            presses.get(row).into(),
        ];
        lines.push((level, rung, id, cells));
    }
    lines.sort_by_key(|(level, rung, id, _)| (*level, *rung, *id));
    let waiting = lines.iter().filter(|l| l.0 == 1).count();
    let mut table = Table::new()
        .total(rows.total())
        .col("level", "level")
        .col("category", "category")
        .col("place", "place")
        .col("spot", "spot")
        .col("state", "state")
        .num_col("age", "age")
        .num_col("taken", "taken")
        .col("taken_by", "taken_by")
        .num_col("presses", "presses");
    for (_, _, id, cells) in lines {
        table = table.row(id, cells);
    }
    Ok(Page::new("board")
        .add(Stat::new("waiting", waiting).level(if waiting > 0 { 1 } else { 4 }))
        .add(Section::new("open-alarms").empty("no-alarms").live().add(table))
        .add(Form::of::<crate::commands::acknowledge>()))
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn what_nobody_took_comes_first_and_tests_last() {
        assert!(level("fire", "rung") < level("help", "acknowledged"));
        assert!(level("help", "acknowledged") < level("help", "attended"));
        assert!(level("test", "rung") > level("help", "attended"));
    }
}

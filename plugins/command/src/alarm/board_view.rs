//! The common picture: every alarm that is not over, what nobody took first, each with its age and how its clock stands.
//!
//! The number at its head is that of the last change of any alarm: two screens with the same number show the same, whenever they were
//! opened.

use super::facet::{Alarm, place_name};
use super::flow::Tier;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const ROWS: u32 = 200;
/// When what is waited for should have happened: written by the host with each step.
const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
/// Over: not on the board.
const OVER: [&str; 3] = ["reviewed", "closed", "kept"];

/// Urgency from 1 to 4: what nobody took is most urgent, a test least.
fn level(category: &str, state: &str, exercise: bool) -> u8 {
    let rings = Tier::of(state).is_some();
    match (category, rings, state) {
        ("test", _, _) | (_, _, "stood-down") => 4,
        (_, true, _) if exercise => 2,
        (_, true, _) => 1,
        (_, _, "acknowledged" | "taken-back") => 2,
        _ => 3,
    }
}

/// The last change of any alarm.
fn number() -> Result<i64, Refusal> {
    let newest = Query::kind("alarm").field(core_fields::CHANGED).descending(core_fields::CHANGED).limit(1).run()?;
    Ok(newest.column(core_fields::CHANGED)?.get(0).unwrap_or(0))
}

struct Line {
    level: u8,
    rung: Micros,
    id: EntityId,
    cells: Vec<Cell>,
}

/// What is read of each alarm in one question.
fn lines(now: Micros) -> Result<(Vec<Line>, u64), Refusal> {
    let mut query = Query::kind("alarm")
        .fields(&[&Alarm::SPOT, &Alarm::TAKEN_NAME, &Alarm::TAKEN, &Alarm::PRESSES, &Alarm::MARK, &Alarm::EXERCISE])
        .fields(&[&core_fields::CATEGORY, &core_fields::STATE, &core_fields::AT, &core_fields::WITHIN, &DUE]);
    for over in OVER {
        query = query.filter(core_fields::STATE.is_not(over));
    }
    let rows = query.oldest().limit(ROWS).run()?;
    let (spot, taker) = (rows.column(Alarm::SPOT)?, rows.column(Alarm::TAKEN_NAME)?);
    let (taken, presses) = (rows.column(Alarm::TAKEN)?, rows.column(Alarm::PRESSES)?);
    let (mark, exercise) = (rows.column(Alarm::MARK)?, rows.column(Alarm::EXERCISE)?);
    let (category, state) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::STATE)?);
    let (at, within, due) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?, rows.column(DUE)?);
    let mut lines = Vec::with_capacity(rows.len());
    for (row, id) in rows.ids().enumerate() {
        let (category, state) = (category.get(row).unwrap_or_default(), state.get(row).unwrap_or_default());
        let exercise = exercise.get(row).unwrap_or(false);
        let place = within.get(row).map(place_name).transpose()?;
        let rung = at.get(row).unwrap_or(now);
        let level = level(category, state, exercise);
        let mark = match (mark.get(row), exercise) {
            (Some(mark), _) => Cell::status(format!("mark-{mark}")),
            (None, true) => Cell::status("exercise"),
            (None, false) => Cell::none(),
        };
        let cells = vec![
            Cell::level(level),
            Cell::code(category),
            place.into(),
            spot.get(row).into(),
            Cell::status(format!("state-{state}")),
            Cell::seconds(now.since(rung) / Micros::SECOND),
            Cell::from(taken.get(row).map(|t| Cell::seconds(t.since(rung) / Micros::SECOND))),
            taker.get(row).into(),
            presses.get(row).into(),
            mark,
            due.get(row).map_or(Cell::none(), |limit| Cell::due(Due { at: now, limit })),
        ];
        lines.push(Line { level, rung, id, cells });
    }
    lines.sort_by_key(|l| (l.level, l.rung, l.id));
    Ok((lines, rows.total()))
}

#[view(label = "board", listed, roles = ["operator", "duty-officer", "official", "admin"])]
pub fn board(ctx: &Context) -> Result<Page, Refusal> {
    let (lines, total) = lines(ctx.now)?;
    let waiting = lines.iter().filter(|l| l.level == 1).count();
    let mut table = Table::new()
        .total(total)
        .opens("alarm", "alarm")
        .col("level", "level")
        .col("category", "category")
        .col("place", "place")
        .col("spot", "spot")
        .col("state", "state")
        .num_col("age", "age")
        .num_col("taken", "taken")
        .col("taken_by", "taken_by")
        .num_col("presses", "presses")
        .col("mark", "mark")
        .col("due", "due");
    for line in lines {
        table = table.row(line.id, line.cells);
    }
    let head = Section::new("picture")
        .key("picture")
        .live()
        .add(Stat::new("waiting", waiting).level(if waiting > 0 { 1 } else { 4 }))
        .add(Stat::new("number", number()?));
    Ok(Page::new("board").add(head).add(Section::new("open-alarms").empty("no-alarms").live().add(table)))
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn what_nobody_took_comes_first_and_tests_last() {
        assert!(level("fire", "rung", false) < level("help", "acknowledged", false));
        assert!(level("fire", "rung-district", false) < level("help", "rung", true), "an exercise waits behind");
        assert!(level("help", "acknowledged", false) < level("help", "attended", false));
        assert!(level("test", "rung", false) > level("help", "attended", false));
    }
}

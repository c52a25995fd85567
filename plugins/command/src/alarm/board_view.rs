//! The common picture: every alarm that is not over, what nobody took first, each with its age and how its clock stands.
//!
//! The number at its head is that of the last change of any alarm: two screens with the same number show the same, whenever they were
//! opened.

use super::facet::{Alarm, place_name, spot_cell};
use super::flow::Tier;
use super::flow::table::RINGING;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const ROWS: u32 = 200;
/// When what is waited for should have happened: written by the host with each step.
const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
/// What is worked on, in the order in which it is lost from a board that is full: what rings is read first.
const WORKED_ON: [&str; 6] = ["taken-back", "acknowledged", "judged", "dispatched", "attended", "controlled"];
/// What waits for its review (72 h) stands below, and does not push what rings off the board.
const STOOD_DOWN: &str = "stood-down";

/// Urgency from 1 to 4: what nobody took is most urgent, a test least.
fn level(category: &str, state: &str, exercise: bool) -> u8 {
    let rings = Tier::of(state).is_some();
    match (category, rings, state) {
        ("test", _, _) | (_, _, STOOD_DOWN) => 4,
        (_, true, _) if exercise || super::press::is_aside(category) => 2,
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
    /// Under which word it stands on the map.
    layer: &'static str,
    /// What its spot on the map is called.
    name: String,
    within: Option<EntityId>,
    rung: Micros,
    id: EntityId,
    cells: Vec<Cell>,
}

/// Every alarm in one of these states, as far as there is room; and how many there are.
fn lines(now: Micros, states: &[&str]) -> Result<(Vec<Line>, u64), Refusal> {
    let (mut lines, mut total) = (Vec::new(), 0);
    for state in states {
        total += read(now, state, &mut lines)?;
    }
    lines.sort_by_key(|l| (l.level, l.rung, l.id));
    Ok((lines, total))
}

/// The oldest in a state behind those already read; how many there are in it.
fn read(now: Micros, state: &str, lines: &mut Vec<Line>) -> Result<u64, Refusal> {
    let rows = Query::kind("alarm")
        .fields(&[&Alarm::SPOT, &Alarm::TAKEN_NAME, &Alarm::TAKEN, &Alarm::PRESSES, &Alarm::MARK, &Alarm::EXERCISE])
        .fields(&[&core_fields::CATEGORY, &core_fields::AT, &core_fields::WITHIN, &DUE])
        .filter(core_fields::STATE.is(state))
        .oldest()
        .limit(ROWS.saturating_sub(lines.len() as u32))
        .run()?;
    let (spot, taker) = (rows.column(Alarm::SPOT)?, rows.column(Alarm::TAKEN_NAME)?);
    let (taken, presses) = (rows.column(Alarm::TAKEN)?, rows.column(Alarm::PRESSES)?);
    let (mark, exercise) = (rows.column(Alarm::MARK)?, rows.column(Alarm::EXERCISE)?);
    let category = rows.column(core_fields::CATEGORY)?;
    let (at, within, due) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?, rows.column(DUE)?);
    for (row, id) in rows.ids().enumerate() {
        let category = category.get(row).unwrap_or_default();
        let exercise = exercise.get(row).unwrap_or(false);
        let within = within.get(row);
        let place = within.map(place_name).transpose()?;
        let name = place.clone().unwrap_or_default();
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
            spot_cell(category, spot.get(row)),
            Cell::status(format!("state-{state}")),
            Cell::seconds(now.since(rung) / Micros::SECOND),
            Cell::from(taken.get(row).map(|t| Cell::seconds(t.since(rung) / Micros::SECOND))),
            taker.get(row).into(),
            presses.get(row).into(),
            mark,
            due.get(row).map_or(Cell::none(), |limit| Cell::due(Due { at: now, limit })),
        ];
        lines.push(Line { level, layer: layer_of(category, state), name, within, rung, id, cells });
    }
    Ok(rows.total())
}

fn table(key: &str, (lines, total): (Vec<Line>, u64)) -> Table {
    let mut table = Table::new()
        .key(key)
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
    table
}

/// Layers of the map, the most urgent first.
const LAYERS: [(&str, &str); 3] = [("waiting", "level-1"), ("worked-on", "level-3"), ("test", "level-4")];

fn layer_of(category: &str, state: &str) -> &'static str {
    match (category, Tier::of(state)) {
        ("test", _) => "test",
        (_, Some(_)) => "waiting",
        (_, None) => "worked-on",
    }
}

/// The same alarms where they are: what nobody took in one colour, what is worked on in another. One whose place has no position is in
/// the list alone; without any there is no map, which is a quarter of a megabyte the first time.
fn map(lines: &[Line]) -> Result<Option<WorldMap>, Refusal> {
    let (mut map, mut spots) = (WorldMap::new(), 0);
    for (label, token) in LAYERS {
        let mut layer = Layer::new(label, "pin", token).opens("alarm", "alarm");
        for line in lines.iter().filter(|l| l.layer == label) {
            if let Some((lon, lat)) = super::position(line.id, line.within)? {
                layer = layer.spot(line.id, Point { lon, lat }, Text::plain(line.name.clone()));
                spots += 1;
            }
        }
        map = map.layer(layer);
    }
    Ok((spots > 0).then_some(map))
}

#[view(label = "board", listed, roles = ["operator", "duty-officer", "official", "admin"])]
pub fn board(ctx: &Context) -> Result<Page, Refusal> {
    let states: Vec<&str> = RINGING.into_iter().chain(WORKED_ON).collect();
    let open = lines(ctx.now, &states)?;
    let waiting = open.0.iter().filter(|l| l.level == 1).count();
    let head = Section::new("picture")
        .key("picture")
        .live()
        .add(Stat::new("waiting", waiting).level(if waiting > 0 { 1 } else { 4 }))
        .add(Stat::new("number", number()?));
    let map = map(&open.0)?;
    let over = table("to-review", lines(ctx.now, &[STOOD_DOWN])?);
    Ok(Page::new("board")
        .add(head)
        .add(Section::new("open-alarms").empty("no-alarms").live().add(table("open-alarms", open)))
        .add(Section::new("on-the-map").key("on-the-map").empty("nothing-on-the-map").live().add_some(map))
        .add(Section::new("to-review").empty("none-to-review").add(over)))
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, layer_of, level};

    #[test]
    fn on_the_map_a_test_is_no_call_and_what_somebody_took_does_not_wait() {
        assert_eq!(layer_of("help", "rung-leaders"), "waiting");
        assert_eq!(layer_of("help", "acknowledged"), "worked-on");
        assert_eq!(layer_of("test", "rung"), "test");
        assert!(LAYERS.iter().any(|(label, _)| *label == layer_of("fire", "controlled")));
    }

    #[test]
    fn what_nobody_took_comes_first_and_tests_last() {
        assert!(level("fire", "rung", false) < level("help", "acknowledged", false));
        assert!(level("fire", "rung-district", false) < level("help", "rung", true), "an exercise waits behind");
        assert!(level("help", "acknowledged", false) < level("help", "attended", false));
        assert!(level("test", "rung", false) > level("help", "attended", false));
    }
}

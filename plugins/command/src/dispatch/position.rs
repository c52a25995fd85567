//! Where somebody is: told by themselves, while an accepted task of theirs is open, and gone with it.
//!
//! It is sealed like every personal field. Seats see it on a page of its own, for a purpose they state; each look is in the access log.
//! There is one position, the last one: no line of them is kept in the world, and nobody without an open task has any.

use super::facet::Task;
use super::steps::own;
use crate::alarm::Alarm;
use changzhi_sdk::prelude::*;

/// States in which a task is theirs and open.
const TOLD_IN: [&str; 3] = ["accepted", "on-the-way", "arrived"];
/// Older than this it is said to be old: nobody is sent looking where somebody was.
const OLD: i64 = 5 * Micros::MINUTE;

#[derive(Body)]
pub struct Told {
    #[field(entity = events)]
    pub task: EntityId,
    #[field(personal)]
    pub position: Point,
}

#[derive(Body)]
pub struct Of {
    #[field(entity = events)]
    pub alarm: EntityId,
}

#[command(label = "tell-position")]
pub fn tell_position(ctx: &Context, body: Told) -> Result<Changes, Refusal> {
    own(ctx, body.task)?;
    let state = get(body.task, core_fields::STATE)?.unwrap_or_default();
    if !TOLD_IN.contains(&state.as_str()) {
        return Err(Refusal::conflict("position-only-on-a-task"));
    }
    let mut changes = Changes::new();
    changes.set(body.task, Task::POSITION, body.position).set(body.task, Task::POSITION_AT, ctx.now);
    Ok(changes)
}

/// Where those are who are on their way to an alarm or there. A position is opened here and nowhere else.
#[view(label = "where-now", roles = ["operator", "duty-officer", "official"], purpose)]
pub fn where_now(ctx: &Context, of: Of) -> Result<Page, Refusal> {
    if get(of.alarm, core_fields::KIND)?.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let rows = Query::kind("task")
        .fields(&[&Task::SHOWN, &Task::POSITION_AT, &core_fields::STATE])
        .filter(Task::ALARM.is(of.alarm))
        .limit(200)
        .run()?;
    let (shown, at) = (rows.column(Task::SHOWN)?, rows.column(Task::POSITION_AT)?);
    let state = rows.column(core_fields::STATE)?;
    let mut layer = Layer::new("responders", "dot", "good").opens("task", "task");
    let mut table = Table::new()
        .key("where-now")
        .opens("task", "task")
        .col("shown", "shown")
        .col("state", "state")
        .col("age", "age");
    for (row, id) in rows.ids().enumerate() {
        let state = state.get(row).unwrap_or_default();
        let Some(at) = at.get(row).filter(|_| TOLD_IN.contains(&state)) else { continue };
        let Some(point) = reveal(id, Task::POSITION)? else { continue };
        let (shown, age) = (shown.get(row).unwrap_or_default(), ctx.now.since(at));
        let name = if age > OLD { Text::key("old-position").with("name", shown) } else { Text::plain(shown) };
        layer = layer.spot(id, point, name.clone());
        let cells = [Cell::text(name), Cell::status(format!("state-{state}")), Cell::seconds(age / Micros::SECOND)];
        table = table.row(id, cells);
    }
    let exercise = get(of.alarm, Alarm::EXERCISE)? == Some(true);
    let page = Page::new("where-now").add_some(exercise.then(|| Notice::new(Tone::Warning, "exercise")));
    Ok(page.add(Section::new("where-now").empty("no-positions").add(WorldMap::new().layer(layer)).add(table)))
}

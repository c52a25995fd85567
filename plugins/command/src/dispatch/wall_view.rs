//! The wall: every task that is open with its age, alarms nobody is on, and what another agency has not confirmed. For leaders and seats.

use super::case::Case;
use super::facet::{Handover, Task};
use super::flow::table::OPEN;
use super::merge;
use super::over::of_alarm;
use crate::alarm::place_name;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
const ROWS: u32 = 200;

struct Row {
    late: bool,
    since: Micros,
    id: EntityId,
    cells: Vec<Cell>,
}

/// Open tasks, those whose clock has run out first, then the oldest.
fn open(now: Micros) -> Result<(Table, usize, usize), Refusal> {
    let mut all = Vec::new();
    for state in OPEN {
        let rows = Query::kind("task")
            .fields(&[&Task::SHOWN, &Task::NEED, &Task::EXERCISE, &core_fields::CATEGORY, &core_fields::WITHIN])
            .fields(&[&core_fields::AT, &DUE])
            .filter(core_fields::STATE.is(state))
            .oldest()
            .limit(ROWS)
            .run()?;
        let (shown, need, exercise) =
            (rows.column(Task::SHOWN)?, rows.column(Task::NEED)?, rows.column(Task::EXERCISE)?);
        let (category, within) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::WITHIN)?);
        let (at, due) = (rows.column(core_fields::AT)?, rows.column(DUE)?);
        for (row, id) in rows.ids().enumerate() {
            let since = at.get(row).unwrap_or(now);
            let mark = if exercise.get(row).unwrap_or(false) { Cell::status("exercise") } else { Cell::none() };
            let cells = vec![
                shown.get(row).into(),
                Cell::status(format!("state-{state}")),
                Cell::seconds(now.since(since) / Micros::SECOND),
                due.get(row).map_or(Cell::none(), |limit| Cell::due(Due { at: now, limit })),
                Cell::code(category.get(row).unwrap_or_default()),
                within.get(row).map(place_name).transpose()?.into(),
                Cell::code(need.get(row).unwrap_or_default()),
                mark,
            ];
            all.push(Row { late: due.get(row).is_some_and(|d| d <= now), since, id, cells });
        }
    }
    all.sort_by_key(|r| (!r.late, r.since, r.id));
    let (count, late) = (all.len(), all.iter().filter(|r| r.late).count());
    let table = Table::new()
        .key("open-tasks")
        .opens("task", "task")
        .col("shown", "shown")
        .col("state", "state")
        .num_col("age", "age")
        .col("due", "due")
        .col("category", "category")
        .col("place", "place")
        .col("need", "need")
        .col("mark", "mark");
    Ok((all.into_iter().fold(table, |table, row| table.row(row.id, row.cells)), count, late))
}

/// Alarms that were taken and to which nobody goes: not theirs, not as a part of another one.
fn alone(now: Micros) -> Result<(Table, usize), Refusal> {
    let mut table = Table::new()
        .key("nobody-on-it")
        .opens("proposal", "alarm")
        .col("category", "category")
        .col("place", "place")
        .col("state", "state")
        .num_col("age", "age");
    let mut count = 0;
    for state in ["judged", "dispatched"] {
        let rows = Query::kind("alarm")
            .field(core_fields::AT)
            .filter(core_fields::STATE.is(state))
            .oldest()
            .limit(ROWS)
            .run()?;
        let at = rows.column(core_fields::AT)?;
        for (row, id) in rows.ids().enumerate() {
            let goes = ["done"].iter().chain(&OPEN);
            let goes: Vec<&str> = goes.copied().collect();
            if merge::into(id)?.is_some() || of_alarm(id)?.iter().any(|t| goes.contains(&t.state.as_str())) {
                continue;
            }
            let case = Case::read(id)?;
            count += 1;
            let cells = [
                Cell::code(case.category),
                Cell::from(case.within.map(place_name).transpose()?),
                Cell::status(format!("state-{state}")),
                Cell::seconds(now.since(at.get(row).unwrap_or(now)) / Micros::SECOND),
            ];
            table = table.row(id, cells);
        }
    }
    Ok((table, count))
}

/// What was offered to another agency and has no receipt: it is still ours.
fn unconfirmed(now: Micros) -> Result<(Table, usize), Refusal> {
    let rows = Query::kind("handover")
        .fields(&[&Handover::ALARM, &Handover::AGENCY, &core_fields::AT, &core_fields::WITHIN])
        .filter(core_fields::STATE.is("asked"))
        .oldest()
        .limit(ROWS)
        .run()?;
    let (alarm, agency) = (rows.column(Handover::ALARM)?, rows.column(Handover::AGENCY)?);
    let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let mut table = Table::new()
        .key("no-receipt")
        .opens("proposal", "alarm")
        .col("level", "level")
        .col("agency", "agency")
        .col("place", "place")
        .num_col("age", "age");
    for row in 0..rows.len() {
        let cells = [
            Cell::level(1),
            Cell::code(agency.get(row).unwrap_or_default()),
            within.get(row).map(place_name).transpose()?.into(),
            Cell::seconds(now.since(at.get(row).unwrap_or(now)) / Micros::SECOND),
        ];
        table = table.row(alarm.get(row).unwrap_or_default(), cells);
    }
    Ok((table, rows.len()))
}

#[view(name = "dispatch-wall", label = "dispatch-wall", listed, roles = ["operator", "duty-officer", "official", "admin"])]
pub fn dispatch_wall(ctx: &Context) -> Result<Page, Refusal> {
    let ((tasks, count, late), (alone, lonely), (open, waiting)) =
        (open(ctx.now)?, alone(ctx.now)?, unconfirmed(ctx.now)?);
    let red = |n: usize| if n > 0 { 1 } else { 4 };
    let head = Section::new("dispatch-wall")
        .key("head")
        .live()
        .add(Stat::new("open-tasks", count))
        .add(Stat::new("overdue-tasks", late).level(red(late)))
        .add(Stat::new("nobody-on-it", lonely).level(red(lonely)))
        .add(Stat::new("no-receipt", waiting).level(red(waiting)));
    Ok(Page::new("dispatch-wall")
        .add(head)
        .add(Section::new("nobody-on-it").empty("somebody-everywhere").live().add(alone))
        .add(Section::new("no-receipt").empty("all-receipts").live().add(open))
        .add(Section::new("open-tasks").empty("no-open-tasks").live().add(tasks)))
}

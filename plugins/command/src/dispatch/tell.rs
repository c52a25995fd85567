//! Messages about a task that does not go on: to the seats on duty, as its ring on their screens ([`super::ring`]); to whoever leads when a
//! missed check-in is still missing. By the roster, as the messages of alarms, and about the task: never a word of the person.

use super::facet::Task;
use crate::alarm::{About, Roster, Tier, chain, messages};
use changzhi_sdk::prelude::*;

/// What one step of a task's clocks tells. Other events tell nobody.
pub(crate) fn tell_of_task(
    changes: &mut Changes,
    now: Micros,
    task: EntityId,
    event: &str,
    roster: &Roster,
) -> Result<(), Refusal> {
    let message = match event {
        "no-answer" => "task-no-answer",
        "late" => "task-late",
        "overdue" | "overdue-still" => "task-overdue",
        _ => return Ok(()),
    };
    let (within, exercise) = get(task, (core_fields::WITHIN, Task::EXERCISE))?;
    let chain = chain(within)?;
    let about = About { id: task, exercise: exercise == Some(true), chain: &chain };
    let seats = roster.calls(Tier::All, &chain);
    let mut called = match event {
        "overdue-still" => roster.calls(Tier::Leaders, &chain).without(&seats),
        _ => seats,
    };
    called.guards = false;
    messages(changes, now, &about, &called, message)
}

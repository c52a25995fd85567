//! The end of an alarm is the end of what was asked for it.

use super::facet::Task;
use super::flow::table::OPEN;
use super::steps::ended;
use changzhi_sdk::prelude::*;

const TASKS: u32 = 500;

/// A task with its person and its state.
pub(super) struct Sent {
    pub(super) task: EntityId,
    pub(super) who: EntityId,
    pub(super) state: String,
}

/// Every task of an alarm, oldest first.
pub(super) fn of_alarm(alarm: EntityId) -> Result<Vec<Sent>, Refusal> {
    let rows = Query::kind("task")
        .fields(&[&Task::WHO, &core_fields::STATE])
        .filter(Task::ALARM.is(alarm))
        .oldest()
        .limit(TASKS)
        .run()?;
    let (who, state) = (rows.column(Task::WHO)?, rows.column(core_fields::STATE)?);
    let one = |(row, task)| {
        let (who, state) = (who.get(row)?, state.get(row)?.to_owned());
        Some(Sent { task, who, state })
    };
    Ok(rows.ids().enumerate().filter_map(one).collect())
}

/// Called where an alarm is stood down: whoever is still under way is told, and nobody's position stays.
pub(crate) fn over(changes: &mut Changes, alarm: EntityId, now: Micros) -> Result<(), Refusal> {
    for sent in of_alarm(alarm)? {
        if OPEN.contains(&sent.state.as_str()) {
            changes.advance(sent.task, "release", "");
            ended(changes, sent.task, now);
            changes.intent(Notify::account(sent.who, "task-released").about(sent.task).urgent());
        }
    }
    Ok(())
}

//! What becomes of a task. The person who was asked answers for it, and nobody else: not a seat, not another responder.

use super::facet::Task;
use super::flow::table::OPEN;
use changzhi_sdk::prelude::*;

/// Roles by which the first to arrive also says that somebody is at the alarm; for others a seat does.
const SCENE: [&str; 7] = ["unit", "grid-worker", "guard", "police", "operator", "duty-officer", "admin"];

#[derive(Body)]
pub struct Which {
    #[field(entity = events)]
    pub task: EntityId,
}

#[derive(Body)]
pub struct WhyNot {
    #[field(entity = events)]
    pub task: EntityId,
    /// Nobody needs to say why.
    #[field(personal, max_len = 240)]
    pub why_not: Option<String>,
}

#[derive(Body)]
pub struct Recalled {
    #[field(entity = events)]
    pub task: EntityId,
    #[field(max_len = 240)]
    pub reason: String,
}

/// The task of whoever acts; others are told that there is none.
pub(super) fn own(ctx: &Context, task: EntityId) -> Result<(), Refusal> {
    let (kind, who) = (get(task, core_fields::KIND)?, get(task, Task::WHO)?);
    let own = who.is_some_and(|w| w == ctx.actor.id && w != EntityId::default());
    if kind.as_deref() == Some("task") && own { Ok(()) } else { Err(Refusal::not_found("no-such-task")) }
}

fn step(ctx: &Context, task: EntityId, event: &str) -> Result<Changes, Refusal> {
    own(ctx, task)?;
    let mut changes = Changes::new();
    changes.advance(task, event, "");
    changes.answer("task", task);
    Ok(changes)
}

/// Whatever ends a task also forgets where somebody was.
pub(super) fn ended(changes: &mut Changes, task: EntityId, now: Micros) {
    changes.set(task, Task::ENDED, now);
    changes.clear(task, Task::POSITION).clear(task, Task::POSITION_AT);
}

#[command(label = "accept-task")]
pub fn accept_task(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let mut changes = step(ctx, body.task, "accept")?;
    changes.set(body.task, Task::HEARD, ctx.now);
    Ok(changes)
}

fn not(ctx: &Context, body: WhyNot, event: &str) -> Result<Changes, Refusal> {
    let mut changes = step(ctx, body.task, event)?;
    ended(&mut changes, body.task, ctx.now);
    if let Some(why) = body.why_not.filter(|w| !w.trim().is_empty()) {
        changes.set(body.task, Task::WHY_NOT, why);
    }
    Ok(changes)
}

/// The next is proposed. It is remembered for this alarm only, so that they are not asked twice, and counted nowhere.
#[command(label = "decline-task")]
pub fn decline_task(ctx: &Context, body: WhyNot) -> Result<Changes, Refusal> {
    not(ctx, body, "decline")
}

#[command(label = "hand-back")]
pub fn hand_back(ctx: &Context, body: WhyNot) -> Result<Changes, Refusal> {
    not(ctx, body, "hand-back")
}

#[command(label = "set-out")]
pub fn set_out(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let mut changes = step(ctx, body.task, "set-out")?;
    changes.set(body.task, Task::HEARD, ctx.now);
    Ok(changes)
}

#[command(label = "arrive")]
pub fn arrive(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let mut changes = step(ctx, body.task, "arrive")?;
    changes.set(body.task, Task::HEARD, ctx.now);
    let alarm = get(body.task, Task::ALARM)?.unwrap_or_default();
    let state = get(alarm, core_fields::STATE)?.unwrap_or_default();
    let waits = ["acknowledged", "judged", "dispatched"].contains(&state.as_str());
    if waits && SCENE.iter().any(|role| ctx.actor.has_role(role)) {
        changes.advance(alarm, "attend", "");
    }
    Ok(changes)
}

/// All is well. The clock begins anew.
#[command(label = "check-in")]
pub fn check_in(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let mut changes = step(ctx, body.task, "check-in")?;
    changes.set(body.task, Task::HEARD, ctx.now);
    Ok(changes)
}

#[command(label = "finish-task")]
pub fn finish_task(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let mut changes = step(ctx, body.task, "finish")?;
    ended(&mut changes, body.task, ctx.now);
    Ok(changes)
}

/// By a seat: they are not needed there any more, or elsewhere more.
#[command(label = "recall-task", roles = ["operator", "duty-officer", "admin"])]
pub fn recall_task(ctx: &Context, body: Recalled) -> Result<Changes, Refusal> {
    let who = get(body.task, Task::WHO)?.ok_or_else(|| Refusal::not_found("no-such-task"))?;
    let mut changes = Changes::new();
    changes.advance(body.task, "recall", &body.reason);
    ended(&mut changes, body.task, ctx.now);
    changes.intent(Notify::account(who, "task-taken-back").about(body.task).urgent());
    Ok(changes)
}

/// A seat has taken notice: of an offer nobody answered, or of a check-in that did not come. It stops ringing; the clock goes on.
#[command(label = "see-task", roles = ["operator", "duty-officer", "official", "admin"])]
pub fn see_task(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let state = match get(body.task, Task::ALARM)? {
        Some(_) => get(body.task, core_fields::STATE)?.unwrap_or_default(),
        None => return Err(Refusal::not_found("no-such-task")),
    };
    let mut changes = Changes::new();
    if OPEN.contains(&state.as_str()) {
        changes.advance(body.task, "see", "");
    }
    changes.set(body.task, Task::SEEN, ctx.now);
    changes.set(body.task, Task::SEEN_BY, ctx.actor.id);
    Ok(changes)
}

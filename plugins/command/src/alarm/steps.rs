//! What people do with an alarm after it rang. Each step is somebody's, by name; nothing here is done by a clock.

use super::facet::Alarm;
use super::{place, seat};
use changzhi_sdk::prelude::*;

/// The highest level of response.
const HIGHEST: i64 = 4;

#[derive(Body)]
pub struct Which {
    #[field(entity = events)]
    pub alarm: EntityId,
}

#[derive(Body)]
pub struct Judged {
    #[field(entity = events)]
    pub alarm: EntityId,
    /// What is unclear is treated as real.
    #[field(code, options = ["real", "unclear"])]
    pub verdict: String,
}

#[derive(Body)]
pub struct Cleared {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(code, options = ["mistaken", "test"])]
    pub verdict: String,
    /// The place was called back, and the agreed word was said.
    pub called_back: Option<bool>,
    #[field(max_len = 500)]
    pub reason: String,
}

#[derive(Body)]
pub struct Dispatched {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(min = 1, max = 4)]
    pub level: Option<i64>,
}

#[derive(Body)]
pub struct Escalated {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(max_len = 500)]
    pub reason: String,
}

#[derive(Body)]
pub struct Transferred {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(code, options = ["police-110", "fire-119", "medical-120"])]
    pub passed_to: String,
    /// Their number for it, or who took the call.
    #[field(max_len = 60)]
    pub receipt: String,
}

#[derive(Body)]
pub struct StoodDown {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(code, options = ["real", "mistaken", "exercise"])]
    pub outcome: String,
    /// Who at the place said by telephone that it is over, where nobody said so there.
    #[field(personal, max_len = 60)]
    pub safe_word_of: Option<String>,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

#[derive(Body)]
pub struct Reviewed {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(long_text, max_len = 8000)]
    pub lessons: String,
}

/// The one who acts; nobody in particular cannot.
fn somebody(ctx: &Context) -> Result<EntityId, Refusal> {
    match ctx.actor.id {
        id if id == EntityId::default() => Err(Refusal::denied("named-only")),
        id => Ok(id),
    }
}

fn step(alarm: EntityId, event: &str, reason: &str) -> Changes {
    let mut changes = Changes::new();
    changes.advance(alarm, event, reason);
    changes
}

#[command(label = "acknowledge", roles = ["operator", "duty-officer", "official", "police", "guard", "admin"])]
pub fn acknowledge(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let taker = somebody(ctx)?;
    let name = seat::name(taker)?;
    let mut changes = step(body.alarm, "acknowledge", "");
    changes.set(body.alarm, Alarm::TAKEN_BY, taker);
    changes.set(body.alarm, Alarm::TAKEN, ctx.now);
    changes.set(body.alarm, Alarm::TAKEN_NAME, name);
    Ok(changes)
}

#[command(label = "judge", roles = ["operator", "duty-officer", "admin"])]
pub fn judge(_ctx: &Context, body: Judged) -> Result<Changes, Refusal> {
    let mut changes = step(body.alarm, "judge", "");
    changes.set(body.alarm, Alarm::VERDICT, body.verdict);
    Ok(changes)
}

/// It was nothing: only after a call back with the agreed word, and never against a duress word.
#[command(label = "clear", roles = ["operator", "duty-officer", "admin"])]
pub fn clear(ctx: &Context, body: Cleared) -> Result<Changes, Refusal> {
    if get(body.alarm, Alarm::MARK)?.as_deref() == Some("duress") {
        return Err(Refusal::conflict("duress-is-real"));
    }
    if body.verdict == "mistaken" && body.called_back != Some(true) {
        return Err(Refusal::invalid("called_back", "call-back-first"));
    }
    let mut changes = step(body.alarm, "clear", &body.reason);
    crate::dispatch::over(&mut changes, body.alarm, ctx.now)?;
    crate::camera::over(&mut changes, body.alarm, ctx.now)?;
    changes.set(body.alarm, Alarm::VERDICT, body.verdict);
    Ok(changes)
}

#[command(label = "dispatch", roles = ["operator", "duty-officer", "admin"])]
pub fn dispatch(_ctx: &Context, body: Dispatched) -> Result<Changes, Refusal> {
    let mut changes = step(body.alarm, "dispatch", "");
    changes.set(body.alarm, Alarm::LEVEL, body.level.unwrap_or(1));
    Ok(changes)
}

#[command(label = "attend", roles = ["unit", "grid-worker", "guard", "police", "operator", "duty-officer", "admin"])]
pub fn attend(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    Ok(step(body.alarm, "attend", ""))
}

#[command(label = "control", roles = ["unit", "grid-worker", "guard", "police", "operator", "duty-officer", "admin"])]
pub fn control(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    Ok(step(body.alarm, "control", ""))
}

#[command(label = "escalate", roles = ["operator", "duty-officer", "admin"])]
pub fn escalate(_ctx: &Context, body: Escalated) -> Result<Changes, Refusal> {
    let level = get(body.alarm, Alarm::LEVEL)?.unwrap_or(1);
    if level >= HIGHEST {
        return Err(Refusal::conflict("highest-level"));
    }
    let mut changes = step(body.alarm, "escalate", &body.reason);
    changes.set(body.alarm, Alarm::LEVEL, level + 1);
    Ok(changes)
}

#[command(label = "transfer", roles = ["operator", "duty-officer", "admin"])]
pub fn transfer(_ctx: &Context, body: Transferred) -> Result<Changes, Refusal> {
    let mut changes = step(body.alarm, "transfer", "");
    changes.set(body.alarm, Alarm::PASSED_TO, body.passed_to);
    changes.set(body.alarm, Alarm::RECEIPT, body.receipt);
    Ok(changes)
}

/// Somebody of the place says that it is over there. It ends nothing by itself, and moves nothing: the commander still decides.
#[command(label = "confirm-safe")]
pub fn confirm_safe(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let who = somebody(ctx)?;
    let (kind, within) = get(body.alarm, (core_fields::KIND, core_fields::WITHIN))?;
    let (mark, presser, taker) = get(body.alarm, (Alarm::MARK, Alarm::PRESSED_BY, Alarm::TAKEN_BY))?;
    if kind.as_deref() != Some("alarm") || !place::belongs(who, within)? {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let mut changes = Changes::new();
    // Under duress the word of whoever pressed is not their own; they are not told that it does not count.
    let counts = taker != Some(who) && !(mark.is_some() && presser == Some(who));
    if counts {
        changes.set(body.alarm, Alarm::SAFE_BY, who);
    }
    changes.answer("outcome", "said");
    Ok(changes)
}

/// The commander and the place: one of them alone does not end it.
#[command(label = "stand-down", roles = ["operator", "duty-officer", "admin"])]
pub fn stand_down(ctx: &Context, body: StoodDown) -> Result<Changes, Refusal> {
    let safe = get(body.alarm, Alarm::SAFE_BY)?.filter(|by| *by != ctx.actor.id);
    let told = body.safe_word_of.as_deref().is_some_and(|name| !name.trim().is_empty());
    if safe.is_none() && !told {
        return Err(Refusal::invalid("safe_word_of", "place-must-say-so"));
    }
    let mut changes = step(body.alarm, "stand-down", &body.reason.unwrap_or_default());
    changes.set(body.alarm, Alarm::OUTCOME, body.outcome);
    crate::dispatch::over(&mut changes, body.alarm, ctx.now)?;
    crate::camera::over(&mut changes, body.alarm, ctx.now)?;
    if let Some(name) = body.safe_word_of.filter(|_| told) {
        changes.set(body.alarm, Alarm::SAFE_WORD_OF, name);
    }
    Ok(changes)
}

#[command(label = "review", roles = ["official", "duty-officer", "admin"])]
pub fn review(_ctx: &Context, body: Reviewed) -> Result<Changes, Refusal> {
    let short: String = body.lessons.chars().take(100).collect();
    let mut changes = step(body.alarm, "review", &short);
    changes.set(body.alarm, Alarm::LESSONS, body.lessons);
    Ok(changes)
}

#[command(label = "close-alarm", roles = ["official", "duty-officer", "admin"])]
pub fn close_alarm(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    Ok(step(body.alarm, "close", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_acknowledges_without_a_name() {
        let refused = acknowledge(&Context::default(), Which { alarm: EntityId(7) });
        assert!(matches!(refused, Err(Refusal::Denied(_))));
    }
}

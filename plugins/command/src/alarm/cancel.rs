//! Taking an alarm back, with the word that was agreed: what the phone shows is the same whatever word was given.
//!
//! The gate compares the word with the account's own two, which it keeps as hashes, and hands on only which of them it was. The agreed
//! word ends the ringing, and a seat calls back; the duress word, a wrong word and none at all end nothing: it rings on, silently where
//! the duress word was given, with a mark that seats see and whoever pressed does not.

use super::facet::Alarm;
use super::flow::table::RINGING;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct TakenBack {
    #[field(entity = events)]
    pub alarm: EntityId,
    /// In its place the gate puts `safe`, `duress` or `unknown`.
    #[field(secret, max_len = 64)]
    pub alarm_word: Option<String>,
}

/// What the alarm is marked with.
fn mark(word: Option<&str>, before: Option<&str>) -> &'static str {
    match (before, word) {
        // Nothing that comes later makes duress less.
        (Some("duress"), _) | (_, Some("duress")) => "duress",
        (_, Some("safe")) => "taken-back",
        _ => "unproven",
    }
}

#[command(label = "take-back")]
pub fn take_back(ctx: &Context, body: TakenBack) -> Result<Changes, Refusal> {
    let (state, presser, before) =
        (get(body.alarm, core_fields::STATE)?, get(body.alarm, Alarm::PRESSED_BY)?, get(body.alarm, Alarm::MARK)?);
    if presser.is_none_or(|p| p != ctx.actor.id || p == EntityId::default()) {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let mark = mark(body.alarm_word.as_deref(), before.as_deref());
    let mut changes = Changes::new();
    let rings = state.as_deref().is_some_and(|s| RINGING.contains(&s));
    if rings && mark == "taken-back" {
        changes.advance(body.alarm, "take-back", "");
    }
    changes.set(body.alarm, Alarm::MARK, mark);
    changes.answer("alarm", body.alarm).answer("outcome", "taken-back");
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn only_the_agreed_word_takes_it_back_and_duress_stays_duress() {
        assert_eq!(mark(Some("safe"), None), "taken-back");
        assert_eq!(mark(Some("safe"), Some("unproven")), "taken-back");
        for word in [Some("unknown"), Some(""), None] {
            assert_eq!(mark(word, None), "unproven");
        }
        for word in [Some("safe"), Some("duress"), Some("unknown"), None] {
            assert_eq!(mark(word, Some("duress")), "duress");
        }
        assert_eq!(mark(Some("duress"), Some("taken-back")), "duress");
    }
}

//! Why an event is not taken though the table of transitions allows it. Each says what, and how to mend it.

use crate::rules::{Count, EventRule, Other};
use crate::story::Event;
use crate::{Engine, Track};
use changzhi_model::{Name, Value};

/// A guard that does not let an event through.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Guard {
    #[error("{event} needs {missing}: give it with the event")]
    Missing { event: Name, missing: Name },
    #[error("{code:?} is no reason for {event}: one of {}", .known.join(", "))]
    UnknownCode { event: Name, code: String, known: Vec<Name> },
    #[error("{event} needs its reason in words")]
    NoReason { event: Name },
    #[error("whoever claimed the result does not also {event} it: somebody else must")]
    VerifierIsHandler { event: Name },
    #[error("whoever asked does not also {event}: somebody else must")]
    AskerAnswers { event: Name },
    #[error("{event} was done {done} times, and may be {most} times: the next step is arbitration, or the answer")]
    TooOften { event: Name, done: u32, most: u32 },
    #[error("the arbitration binds the unit: it cannot {event}")]
    Bound { event: Name },
    #[error("{event} was possible until {limit} after the step before")]
    TooLate { event: Name, limit: String },
    #[error("clock {clock} has run out: {event} had to come before")]
    AlreadyDue { event: Name, clock: Name },
    #[error("nobody has asked for more time")]
    NothingAsked,
    #[error("more time was asked for already and waits for its answer")]
    AskedAlready,
    #[error("{days} days are not between 1 and {most}")]
    Days { days: i64, most: u32 },
    #[error("{0:?} is no outcome: solved, partly, explained, not-ours, duplicate-of, withdrawn or referred")]
    UnknownOutcome(String),
    #[error("an acknowledgement has a name: nobody did this one")]
    Nameless,
    #[error("nothing is to be acknowledged: no clock has taken a step")]
    NothingToAcknowledge,
    #[error("this matter is nobody's voice")]
    NoVoice,
}

impl Guard {
    /// Key of the message for people, in the host's own message files.
    pub const fn key(&self) -> &'static str {
        match self {
            Guard::Missing { .. } => "core-flow-missing",
            Guard::UnknownCode { .. } => "core-flow-unknown-code",
            Guard::NoReason { .. } => "core-flow-no-reason",
            Guard::VerifierIsHandler { .. } => "core-flow-verifier-is-handler",
            Guard::AskerAnswers { .. } => "core-flow-asker-answers",
            Guard::TooOften { .. } => "core-flow-too-often",
            Guard::Bound { .. } => "core-flow-bound",
            Guard::TooLate { .. } => "core-flow-too-late",
            Guard::AlreadyDue { .. } => "core-flow-already-due",
            Guard::NothingAsked => "core-flow-nothing-asked",
            Guard::AskedAlready => "core-flow-asked-already",
            Guard::Days { .. } => "core-flow-days",
            Guard::UnknownOutcome(_) => "core-flow-unknown-outcome",
            Guard::Nameless => "core-flow-nameless",
            Guard::NothingToAcknowledge => "core-flow-nothing-to-acknowledge",
            Guard::NoVoice => "core-flow-no-voice",
        }
    }

    /// The guard is about who asks, not about what was given or when.
    pub const fn is_denial(&self) -> bool {
        matches!(
            self,
            Guard::VerifierIsHandler { .. } | Guard::AskerAnswers { .. } | Guard::Bound { .. } | Guard::Nameless
        )
    }

    /// An argument is missing or wrong: whoever asks may still do it, with another.
    pub const fn is_about_arguments(&self) -> bool {
        matches!(
            self,
            Guard::Missing { .. }
                | Guard::UnknownCode { .. }
                | Guard::NoReason { .. }
                | Guard::Days { .. }
                | Guard::UnknownOutcome(_)
        )
    }
}

impl Track {
    pub(crate) fn count(&self, count: Count) -> u32 {
        match count {
            Count::Declines => self.declines,
            Count::Reopened => self.reopened,
            Count::Rework => self.rework,
            Count::Extended => self.extended,
        }
    }
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::None => false,
        Value::Text(text) => !text.trim().is_empty(),
        _ => true,
    }
}

impl Engine {
    /// Whether an event may happen now, by everything but the table of transitions. An event without a rule may.
    ///
    /// # Errors
    /// The first guard that does not let it through: first who, then when, then with what.
    pub fn judge(&self, track: &Track, event: &Event) -> Result<(), Guard> {
        let Some(rule) = self.rule(&event.name) else { return Ok(()) };
        self.who(rule, track, event)?;
        self.when(rule, track, event)?;
        with_what(rule, event)
    }

    fn who(&self, rule: &EventRule, track: &Track, event: &Event) -> Result<(), Guard> {
        let name = || event.name.clone();
        for other in &rule.not_by {
            match other {
                Other::Handler if !track.handler.is_none() && track.handler == event.actor => {
                    return Err(Guard::VerifierIsHandler { event: name() });
                }
                Other::Asker if !track.asker.is_none() && track.asker == event.actor => {
                    return Err(Guard::AskerAnswers { event: name() });
                }
                _ => {}
            }
        }
        if rule.unless_bound && track.bound {
            return Err(Guard::Bound { event: name() });
        }
        if rule.acknowledges && event.actor.is_none() {
            return Err(Guard::Nameless);
        }
        Ok(())
    }

    fn when(&self, rule: &EventRule, track: &Track, event: &Event) -> Result<(), Guard> {
        let name = || event.name.clone();
        if let (Some(count), Some(most)) = (rule.counts, rule.at_most)
            && track.count(count) >= most
        {
            return Err(Guard::TooOften { event: name(), done: track.count(count), most });
        }
        if let Some(limit) = rule.within
            && event.at > limit.end(track.entered, self.always())
        {
            return Err(Guard::TooLate { event: name(), limit: limit.to_string() });
        }
        if let Some(clock) = &rule.before_due {
            let number = self.rules().clock_number(clock);
            let running = track.running.iter().find(|r| Some(r.clock) == number);
            if running.is_none_or(|r| event.at >= r.due) {
                return Err(Guard::AlreadyDue { event: name(), clock: clock.clone() });
            }
        }
        if (rule.grants.is_some() || rule.refuses) && track.asked == 0 {
            return Err(Guard::NothingAsked);
        }
        if rule.asks && track.asked > 0 {
            return Err(Guard::AskedAlready);
        }
        if rule.acknowledges && !track.running.iter().any(|r| r.step > 0 && !r.acknowledged) {
            return Err(Guard::NothingToAcknowledge);
        }
        if rule.unmerges && track.into.is_none() {
            return Err(Guard::NoVoice);
        }
        Ok(())
    }
}

fn with_what(rule: &EventRule, event: &Event) -> Result<(), Guard> {
    let name = || event.name.clone();
    if rule.reason && event.reason.trim().is_empty() {
        return Err(Guard::NoReason { event: name() });
    }
    for missing in &rule.needs {
        if !is_given(event.arg(missing)) {
            return Err(Guard::Missing { event: name(), missing: missing.clone() });
        }
    }
    if !rule.codes.is_empty() && !rule.codes.iter().any(|c| c == event.text("code")) {
        let (code, known) = (event.text("code").to_owned(), rule.codes.clone());
        return Err(Guard::UnknownCode { event: name(), code, known });
    }
    if rule.asks {
        let most = rule.most_days.unwrap_or(u32::MAX);
        let days = event.arg("days").as_int().unwrap_or_default();
        if days < 1 || days > i64::from(most) {
            return Err(Guard::Days { days, most });
        }
    }
    if rule.concludes && event.text("outcome").parse::<crate::Outcome>().is_err() {
        return Err(Guard::UnknownOutcome(event.text("outcome").to_owned()));
    }
    Ok(())
}

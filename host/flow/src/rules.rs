//! What a flow asks for beyond its table of transitions: owners, clocks, guards, ladders. Data, by name and version of the flow.
//!
//! `data/flows/*.toml` is the form; [`Rules::parse`] reads it, [`Engine::add`](crate::Engine::add) holds it against the flow and
//! names every fault. A version that was shipped never changes.

use crate::calendar::Hours;
use crate::limit::Limit;
use crate::story::Event;
use changzhi_model::{Micros, Name};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The role under which the host raises an event when a clock runs out. No account can hold it: the gate knows no such role.
pub const CLOCK_ROLE: Name = Name::new_static("clock");

/// The rules of one version of a flow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    pub flow: Name,
    pub version: u32,
    /// A deployment's own count: other limits, the same flow. Old matters keep theirs.
    #[serde(default = "first")]
    pub edition: u32,
    /// Name of the calendar its working days are of.
    pub calendar: Name,
    /// The field (`plugin.facet.field`) that says which unit has the matter: another value is a hand-off.
    pub holder: Name,
    /// Where the arguments of events are read: `code = "services.step.code"`. Only what was put in the same transaction counts.
    #[serde(default)]
    pub args: BTreeMap<Name, Name>,
    /// Hours by name; `always` needs none.
    #[serde(default)]
    pub hours: BTreeMap<Name, Vec<String>>,
    #[serde(default, rename = "state")]
    pub states: Vec<StateRule>,
    #[serde(default, rename = "clock")]
    pub clocks: Vec<ClockRule>,
    #[serde(default, rename = "event")]
    pub events: Vec<EventRule>,
    #[serde(default)]
    pub ladder: BTreeMap<Name, Vec<Rung>>,
}

/// Who owns a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StateRule {
    pub name: Name,
    /// The role whose turn it is.
    #[serde(default)]
    pub owner: Option<Name>,
    /// Nothing is due: the matter rests, and can be woken.
    #[serde(default)]
    pub rests: bool,
}

/// A clock. It starts when a state of `runs` is entered from outside of `runs` and `holds`, stands still in `holds`, and ends
/// elsewhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClockRule {
    pub name: Name,
    /// The role that is told, and whose lateness it is.
    pub owner: Name,
    pub runs: Vec<Name>,
    #[serde(default)]
    pub holds: Vec<Name>,
    /// How long all pauses of one run may be together; after that it runs again whatever the state.
    #[serde(default)]
    pub hold_cap: Option<Limit>,
    /// Events that set it back to its beginning.
    #[serde(default)]
    pub restarts: Vec<Name>,
    /// Events that end it though the state stays.
    #[serde(default)]
    pub stops: Vec<Name>,
    pub limit: Limit,
    /// The argument that says the very moment it runs out at, where the event that sets it going brings one: a shift that begins on
    /// Friday at eight. The limit is what counts where it does not.
    #[serde(default)]
    pub until: Option<Name>,
    /// Another limit for a category of matter.
    #[serde(default)]
    pub by_category: BTreeMap<Name, Limit>,
    /// Name of hours; `always` for limits that do not count working time.
    #[serde(default = "always")]
    pub hours: Name,
    #[serde(default)]
    pub ladder: Option<Name>,
    /// The event the host raises by itself when it runs out.
    #[serde(default)]
    pub on_due: Option<Name>,
    /// Roles that are told of that event: the owner, where this is not said. Empty where the plugin tells people itself.
    #[serde(default)]
    pub tells: Option<Vec<Name>>,
}

fn first() -> u32 {
    1
}

fn always() -> Name {
    Name::new_static("always")
}

/// One step of a ladder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rung {
    /// The event written to the matter.
    pub event: Name,
    pub at: RungAt,
    /// Roles that are told.
    #[serde(default)]
    pub tells: Vec<Name>,
}

/// When a step of a ladder is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RungAt {
    /// At so many per cent of the limit, 1 to 100.
    Share(u32),
    /// So long after it ran out.
    After(Limit),
}

impl<'de> Deserialize<'de> for RungAt {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<RungAt, D::Error> {
        let text = String::deserialize(from)?;
        let wrong = || serde::de::Error::custom(format!("{text:?} is no moment: a share (80%) or a time after (+2wd)"));
        if let Some(after) = text.strip_prefix('+') {
            return after.parse().map(RungAt::After).map_err(|_| wrong());
        }
        let share = text.strip_suffix('%').and_then(|s| s.parse().ok()).ok_or_else(wrong)?;
        if (1..=100).contains(&share) { Ok(RungAt::Share(share)) } else { Err(wrong()) }
    }
}

/// What is counted of a matter. Never of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    Declines,
    Reopened,
    Rework,
    Extended,
}

/// Somebody an event may not come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Other {
    /// Whoever claimed the result.
    Handler,
    /// Whoever asked for more time.
    Asker,
}

/// Guards and effects of an event, besides who may raise it where.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct EventRule {
    pub name: Name,
    /// Arguments that must be there and not be empty.
    pub needs: Vec<Name>,
    /// A closed list for the argument `code`.
    pub codes: Vec<Name>,
    /// The free text of the event must be there.
    pub reason: bool,
    pub not_by: Vec<Other>,
    pub counts: Option<Count>,
    /// How often it may be counted.
    pub at_most: Option<u32>,
    /// No longer than this after the state was entered.
    pub within: Option<Limit>,
    /// Only while this clock has not run out.
    pub before_due: Option<Name>,
    /// Asks for more time: the argument `days`, at most `most-days`, waits for an answer.
    pub asks: bool,
    pub most_days: Option<u32>,
    /// Answers who asked; gives the days to this clock.
    pub grants: Option<Name>,
    /// Answers who asked with no.
    pub refuses: bool,
    /// Whoever raises it claims the result: they are the handler.
    pub handles: bool,
    /// The argument `outcome` is the matter's outcome.
    pub concludes: bool,
    /// The outcome no longer holds.
    pub undoes: bool,
    /// The holder it names is bound: they cannot decline.
    pub binds: bool,
    /// Not by a bound holder.
    pub unless_bound: bool,
    /// The matter becomes a voice of the argument `into`.
    pub merges: bool,
    /// A voice becomes a matter of its own again.
    pub unmerges: bool,
    /// A named acknowledgement: ladders under way stop.
    pub acknowledges: bool,
    /// Told by another system, where the clocks run: none runs here until an event of this one.
    pub told: bool,
}

/// Rules that do not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the rules are no TOML of this shape: {0}")]
pub struct RulesShape(pub String);

impl Rules {
    /// Reads the text of a rules file.
    ///
    /// # Errors
    /// Where and why it does not read; whether it fits its flow is asked by `Engine::add`.
    pub fn parse(text: &str) -> Result<Rules, RulesShape> {
        toml::from_str(text).map_err(|e| RulesShape(e.to_string()))
    }

    pub fn event(&self, name: &str) -> Option<&EventRule> {
        self.events.iter().find(|e| e.name == name)
    }

    pub fn state(&self, name: &str) -> Option<&StateRule> {
        self.states.iter().find(|s| s.name == name)
    }

    /// Where a clock stands in the list, which is how a track names it.
    pub fn clock_number(&self, name: &str) -> Option<usize> {
        self.clocks.iter().position(|c| c.name == name)
    }

    pub(crate) fn rungs(&self, clock: &ClockRule) -> &[Rung] {
        clock.ladder.as_ref().and_then(|l| self.ladder.get(l)).map_or(&[], Vec::as_slice)
    }

    /// Every set of hours read.
    pub(crate) fn read_hours(&self) -> Result<BTreeMap<Name, Hours>, (Name, crate::calendar::CalendarError)> {
        self.hours.iter().map(|(n, h)| Hours::parse(h).map(|h| (n.clone(), h)).map_err(|e| (n.clone(), e))).collect()
    }
}

impl ClockRule {
    pub fn limit_of(&self, category: &str) -> Limit {
        self.by_category.get(category).copied().unwrap_or(self.limit)
    }

    /// The moment an event that sets it going says it runs out at.
    pub fn moment(&self, event: &Event) -> Option<Micros> {
        self.until.as_ref().and_then(|argument| event.arg(argument).as_time())
    }

    /// Runs or stands still in the state.
    pub fn lives_in(&self, state: &str) -> bool {
        self.runs_in(state) || self.holds_in(state)
    }

    pub fn runs_in(&self, state: &str) -> bool {
        self.runs.iter().any(|s| s == state)
    }

    pub fn holds_in(&self, state: &str) -> bool {
        self.holds.iter().any(|s| s == state)
    }
}

//! What makes rules unfit for their flow, all of it at once.

use crate::Calendar;
use crate::calendar::CalendarError;
use crate::engine::Engine;
use crate::rules::{CLOCK_ROLE, Rules};
use crate::track::CLOCKS;
use changzhi_model::{FlowDecl, Name};
use hashbrown::HashSet;
use std::sync::Arc;

/// Arguments an event can have; `into` is an entity, `days` a number, `due` and `until` moments, the others texts.
pub const ARGUMENTS: [&str; 10] =
    ["unit", "code", "evidence", "clause", "days", "outcome", "into", "reply", "due", "until"];
/// Those that say when a clock runs out.
const MOMENTS: [&str; 2] = ["due", "until"];

/// One thing wrong with the rules of a flow.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuleFault {
    #[error("no flow {flow} of version {version} is declared: rules and flow go together")]
    NoFlow { flow: Name, version: u32 },
    #[error("{what} {name} is listed twice")]
    Twice { what: &'static str, name: Name },
    #[error("{by} names the state {state}, which the flow has not")]
    UnknownState { by: Name, state: Name },
    #[error("state {0} of the flow has no entry: say who owns it, or that it rests")]
    NoEntry(Name),
    #[error("state {0} has no owner: say whose turn it is, or that it rests")]
    NoOwner(Name),
    #[error("nothing is ever due in state {0}: no clock runs in it. Add a clock, or say that it rests")]
    NothingDue(Name),
    #[error("state {0} rests or ends, and clock {1} runs in it")]
    RestsButRuns(Name, Name),
    #[error("{by} names the role {role}, which no transition of the flow has")]
    UnknownRole { by: Name, role: Name },
    #[error("{by} names the event {event}, which no transition of the flow has")]
    UnknownEvent { by: Name, event: Name },
    #[error("clock {clock} raises {event} in {state}, and no transition lets the role `clock` do that")]
    CannotRaise { clock: Name, event: Name, state: Name },
    #[error("{by} names the clock {clock}, which is not listed")]
    UnknownClock { by: Name, clock: Name },
    #[error("clock {clock} names the ladder {ladder}, which is not listed")]
    UnknownLadder { clock: Name, ladder: Name },
    #[error("clock {0} has a ladder and an event of its own: give the event a clock of its own")]
    TwoEnds(Name),
    #[error("ladder {ladder}: {event} comes before the step ahead of it")]
    LadderOrder { ladder: Name, event: Name },
    #[error("ladder {0} has no step")]
    EmptyLadder(Name),
    #[error(
        "clock {clock} has a cap on pauses and stands still in no state, or the other way round: a pause has a cap"
    )]
    NoCap { clock: Name },
    #[error(
        "clock {clock} runs to the moment {argument}, which is none, or which args do not name: due or until, and its field"
    )]
    UnknownMoment { clock: Name, argument: Name },
    #[error("clock {0} runs to a moment and stands still in a state: a moment that was named does not move")]
    MomentHolds(Name),
    #[error("clock {clock} runs and stands still in {state}")]
    RunsAndHolds { clock: Name, state: Name },
    #[error("clock {0} runs in no state")]
    NeverRuns(Name),
    #[error("clock {clock} names the hours {hours}, which are not listed (`always` counts no working time)")]
    UnknownHours { clock: Name, hours: Name },
    #[error("hours {name}: {error}")]
    BadHours { name: Name, error: CalendarError },
    #[error("event {event} asks for the argument {argument}, which is none: {}", ARGUMENTS.join(", "))]
    UnknownArgument { event: Name, argument: Name },
    #[error("the argument {argument} of {event} is read nowhere: name its field under args")]
    UnreadArgument { event: Name, argument: Name },
    #[error("in state {state} {count} clocks live, and {CLOCKS} may")]
    TooManyClocks { state: Name, count: usize },
    #[error("event {0} gives a pause and lists no reasons: a pause has a reason from a list")]
    PauseWithoutReasons(Name),
    #[error("calendar {0} is not known")]
    UnknownCalendar(Name),
    #[error("{0} rules are more than 1000")]
    TooMany(usize),
}

/// Rules that were refused, with everything wrong with them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the rules of flow {flow} version {version} are refused: {}", .faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("; "))]
pub struct RulesError {
    pub flow: Name,
    pub version: u32,
    pub faults: Vec<RuleFault>,
}

struct Check<'a> {
    rules: &'a Rules,
    flow: &'a FlowDecl,
    faults: Vec<RuleFault>,
}

/// Makes an engine of rules that fit.
pub(crate) fn engine(rules: Rules, flow: &FlowDecl, calendar: Option<Arc<Calendar>>) -> Result<Engine, RulesError> {
    let mut check = Check { rules: &rules, flow, faults: Vec::new() };
    let size = rules.states.len() + rules.clocks.len() + rules.events.len() + rules.ladder.len();
    if size > 1000 {
        check.faults.push(RuleFault::TooMany(size));
    } else {
        check.all();
    }
    let mut faults = check.faults;
    let hours = match rules.read_hours() {
        Ok(hours) => Some(hours),
        Err((name, error)) => {
            faults.push(RuleFault::BadHours { name, error });
            None
        }
    };
    if calendar.is_none() {
        faults.push(RuleFault::UnknownCalendar(rules.calendar.clone()));
    }
    match (hours, calendar) {
        (Some(hours), Some(calendar)) if faults.is_empty() => Ok(Engine::new(rules, hours, calendar)),
        _ => Err(RulesError { flow: rules.flow, version: rules.version, faults }),
    }
}

impl Check<'_> {
    fn all(&mut self) {
        self.states();
        self.clocks();
        self.ladders();
        self.events();
    }

    fn is_state(&self, name: &str) -> bool {
        self.flow.states.iter().any(|s| s.name == name)
    }

    fn state(&mut self, by: &Name, state: &Name) {
        if !self.is_state(state) {
            self.faults.push(RuleFault::UnknownState { by: by.clone(), state: state.clone() });
        }
    }

    fn role(&mut self, by: &Name, role: &Name) {
        let known = self.flow.transitions.iter().any(|t| t.roles.contains(role));
        if !known {
            self.faults.push(RuleFault::UnknownRole { by: by.clone(), role: role.clone() });
        }
    }

    fn event(&mut self, by: &Name, event: &Name) {
        if !self.flow.transitions.iter().any(|t| t.event == *event) {
            self.faults.push(RuleFault::UnknownEvent { by: by.clone(), event: event.clone() });
        }
    }

    fn twice<'n>(&mut self, what: &'static str, names: impl Iterator<Item = &'n Name>) {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name) {
                self.faults.push(RuleFault::Twice { what, name: name.clone() });
            }
        }
    }

    fn states(&mut self) {
        let rules = self.rules;
        self.twice("state", rules.states.iter().map(|s| &s.name));
        for state in &rules.states {
            self.state(&state.name, &state.name);
            if let Some(owner) = &state.owner {
                self.role(&state.name, owner);
            }
        }
        for state in &self.flow.states {
            let Some(rule) = rules.state(&state.name) else {
                if !state.terminal {
                    self.faults.push(RuleFault::NoEntry(state.name.clone()));
                }
                continue;
            };
            let living: Vec<_> = rules.clocks.iter().filter(|c| c.lives_in(&state.name)).collect();
            let still = rule.rests || state.terminal;
            if still {
                let run = living.first().map(|c| RuleFault::RestsButRuns(state.name.clone(), c.name.clone()));
                self.faults.extend(run);
                continue;
            }
            if rule.owner.is_none() {
                self.faults.push(RuleFault::NoOwner(state.name.clone()));
            }
            // A clock that another event of the state may end is not enough by itself.
            if !living.iter().any(|c| c.runs_in(&state.name) && c.stops.is_empty()) {
                self.faults.push(RuleFault::NothingDue(state.name.clone()));
            }
            if living.len() > CLOCKS {
                self.faults.push(RuleFault::TooManyClocks { state: state.name.clone(), count: living.len() });
            }
        }
    }

    fn clocks(&mut self) {
        let rules = self.rules;
        self.twice("clock", rules.clocks.iter().map(|c| &c.name));
        for clock in &rules.clocks {
            let name = &clock.name;
            self.role(name, &clock.owner);
            for role in clock.tells.iter().flatten() {
                self.role(name, role);
            }
            for state in clock.runs.iter().chain(&clock.holds) {
                self.state(name, state);
            }
            for state in clock.runs.iter().filter(|s| clock.holds.contains(s)) {
                self.faults.push(RuleFault::RunsAndHolds { clock: name.clone(), state: state.clone() });
            }
            if clock.runs.is_empty() {
                self.faults.push(RuleFault::NeverRuns(name.clone()));
            }
            if clock.holds.is_empty() != clock.hold_cap.is_none() {
                self.faults.push(RuleFault::NoCap { clock: name.clone() });
            }
            if let Some(argument) = &clock.until {
                if !MOMENTS.contains(&argument.as_str()) || !rules.args.contains_key(argument) {
                    let argument = argument.clone();
                    self.faults.push(RuleFault::UnknownMoment { clock: name.clone(), argument });
                }
                if !clock.holds.is_empty() {
                    self.faults.push(RuleFault::MomentHolds(name.clone()));
                }
            }
            for event in clock.restarts.iter().chain(&clock.stops) {
                self.event(name, event);
            }
            let limits = std::iter::once(&clock.limit).chain(clock.by_category.values()).copied();
            let after = rules.rungs(clock).iter().filter_map(|r| match r.at {
                crate::rules::RungAt::After(limit) => Some(limit),
                crate::rules::RungAt::Share(_) => None,
            });
            // Without hours nothing can be counted by them; hours that are named are there.
            let counted = limits.chain(after).any(|l| l.by_hours());
            if (clock.hours != "always" || counted) && !rules.hours.contains_key(&clock.hours) {
                self.faults.push(RuleFault::UnknownHours { clock: name.clone(), hours: clock.hours.clone() });
            }
            if let Some(ladder) = clock.ladder.as_ref().filter(|l| !rules.ladder.contains_key(*l)) {
                self.faults.push(RuleFault::UnknownLadder { clock: name.clone(), ladder: ladder.clone() });
            }
            if clock.ladder.is_some() && clock.on_due.is_some() {
                self.faults.push(RuleFault::TwoEnds(name.clone()));
            }
            if let Some(event) = &clock.on_due {
                for state in &clock.runs {
                    let may = |t: &changzhi_model::TransitionDecl| {
                        // A transition without roles is anybody's, the clock's too.
                        let open = t.roles.is_empty() || t.roles.contains(&CLOCK_ROLE);
                        t.event == *event && t.source == *state && open
                    };
                    if !self.flow.transitions.iter().any(may) {
                        let (clock, event, state) = (name.clone(), event.clone(), state.clone());
                        self.faults.push(RuleFault::CannotRaise { clock, event, state });
                    }
                }
            }
        }
    }

    fn ladders(&mut self) {
        let rules = self.rules;
        for (ladder, rungs) in &rules.ladder {
            if rungs.is_empty() {
                self.faults.push(RuleFault::EmptyLadder(ladder.clone()));
            }
            for (before, rung) in rungs.iter().zip(rungs.iter().skip(1)) {
                let share = |r: &crate::rules::Rung| match r.at {
                    crate::rules::RungAt::Share(share) => (0, share),
                    crate::rules::RungAt::After(limit) => (1, limit.count),
                };
                if share(before) >= share(rung) {
                    self.faults.push(RuleFault::LadderOrder { ladder: ladder.clone(), event: rung.event.clone() });
                }
            }
            for role in rungs.iter().flat_map(|r| &r.tells) {
                self.role(ladder, role);
            }
        }
    }

    fn events(&mut self) {
        let rules = self.rules;
        self.twice("event", rules.events.iter().map(|e| &e.name));
        for event in &rules.events {
            self.event(&event.name, &event.name);
            for clock in event.before_due.iter().chain(&event.grants) {
                if rules.clock_number(clock).is_none() {
                    self.faults.push(RuleFault::UnknownClock { by: event.name.clone(), clock: clock.clone() });
                }
            }
            let implied = [
                (!event.codes.is_empty(), "code"),
                (event.asks, "days"),
                (event.concludes, "outcome"),
                (event.merges, "into"),
            ];
            let implied = implied.into_iter().filter(|(on, _)| *on).map(|(_, a)| Name::new_static(a));
            for argument in event.needs.iter().cloned().chain(implied) {
                if !ARGUMENTS.contains(&argument.as_str()) {
                    self.faults.push(RuleFault::UnknownArgument { event: event.name.clone(), argument });
                } else if !rules.args.contains_key(&argument) {
                    self.faults.push(RuleFault::UnreadArgument { event: event.name.clone(), argument });
                }
            }
            let pauses = self.flow.transitions.iter().any(|t| {
                t.event == event.name
                    && t.source != t.target
                    && rules.clocks.iter().any(|c| c.holds_in(&t.target) && c.runs_in(&t.source))
            });
            if pauses && event.codes.is_empty() {
                self.faults.push(RuleFault::PauseWithoutReasons(event.name.clone()));
            }
        }
        // A way into a pause without a rule of its own has no reasons at all.
        for t in &self.flow.transitions {
            let pauses =
                t.source != t.target && rules.clocks.iter().any(|c| c.holds_in(&t.target) && c.runs_in(&t.source));
            if pauses && rules.event(&t.event).is_none() {
                self.faults.push(RuleFault::PauseWithoutReasons(t.event.clone()));
            }
        }
    }
}

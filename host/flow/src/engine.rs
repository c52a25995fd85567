//! One version of a flow's rules, read: the step from event to event.

use crate::calendar::{Calendar, Hours, WorkTime};
use crate::explain::Light;
use crate::outcome::Outcome;
use crate::rules::{ClockRule, Count, EventRule, Rules, RungAt};
use crate::running::Running;
use crate::story::{Event, Fired, RECOUNTED};
use crate::track::Track;
use changzhi_model::{EntityId, Micros, Name, Value};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rules of one version of a flow with the calendar they count by. Made by [`Engines`](crate::Engines), which checks them.
#[derive(Debug)]
pub struct Engine {
    rules: Rules,
    hours: BTreeMap<Name, Hours>,
    calendar: Arc<Calendar>,
    /// Numbers of the clocks that live in a state, ascending: every event asks.
    living: HashMap<Name, Vec<usize>>,
    /// Where the rule of an event stands.
    ruled: HashMap<Name, usize>,
}

/// How one clock stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    pub clock: Name,
    pub owner: Name,
    pub begun: Micros,
    pub due: Micros,
    pub paused: bool,
    pub light: Light,
    /// The day it is of its limit, from 0, and how many it has; `None` for limits in hours.
    pub day: Option<(i64, i64)>,
}

/// The next thing a clock does.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub at: Micros,
    /// The event to raise; its target is the flow's to say when it moves the matter.
    pub event: Name,
    pub fired: Fired,
    /// A step of a ladder leaves the state as it is; the clock's own event leads where the flow says.
    pub moves: bool,
    /// Roles that are told.
    pub tells: Vec<Name>,
}

impl Engine {
    pub(crate) fn new(rules: Rules, hours: BTreeMap<Name, Hours>, calendar: Arc<Calendar>) -> Engine {
        let mut living: HashMap<Name, Vec<usize>> = HashMap::new();
        for (number, clock) in rules.clocks.iter().enumerate() {
            for state in clock.runs.iter().chain(&clock.holds) {
                let numbers = living.entry(state.clone()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        let ruled = rules.events.iter().enumerate().map(|(at, e)| (e.name.clone(), at)).collect();
        Engine { rules, hours, calendar, living, ruled }
    }

    /// The same rules by another version of their calendar: what ended under it is explained by it.
    pub fn by(&self, calendar: Calendar) -> Engine {
        Engine::new(self.rules.clone(), self.hours.clone(), Arc::new(calendar))
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The rule of an event, if it has one.
    pub fn rule(&self, event: &str) -> Option<&EventRule> {
        self.ruled.get(event).and_then(|at| self.rules.events.get(*at))
    }

    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Every second.
    pub(crate) fn always(&self) -> WorkTime<'_> {
        WorkTime { calendar: &self.calendar, hours: None }
    }

    /// The time of the hours a clock counts by.
    pub fn work(&self, clock: &ClockRule) -> WorkTime<'_> {
        WorkTime { calendar: &self.calendar, hours: self.hours.get(&clock.hours) }
    }

    /// The time of a clock under way.
    fn work_of(&self, running: &Running) -> WorkTime<'_> {
        self.rules.clocks.get(running.clock).map_or(self.always(), |c| self.work(c))
    }

    /// How each clock under way stands at `now`, the one that runs out first before the others: what an explanation says, without
    /// the story.
    pub fn standing(&self, track: &Track, now: Micros) -> Vec<Standing> {
        let mut all: Vec<Standing> = track
            .running
            .iter()
            .filter_map(|running| {
                let clock = self.rules.clocks.get(running.clock)?;
                let work = self.work(clock);
                let mut then = running.clone();
                then.advance(track.since, now, work);
                let elapsed = then.total - then.left;
                let days = crate::Limit::new(1, running.unit);
                let length = days.time(work).day_length().max(1);
                let part = |n: i64| (n + length - 1) / length;
                Some(Standing {
                    clock: clock.name.clone(),
                    owner: clock.owner.clone(),
                    begun: running.begun,
                    due: running.due,
                    paused: running.held,
                    light: Light::of(&self.calendar, running.due, elapsed, then.total, now),
                    day: days.skips_first_day().then(|| (part(elapsed), part(then.total))),
                })
            })
            .collect();
        all.sort_by_key(|s| s.due);
        all
    }

    /// The track after an event. `holder` is whose it was, for the hand-offs.
    pub fn after(&self, before: Option<&Track>, event: &Event, holder: &str) -> Track {
        let fallback = Track {
            version: self.rules.version,
            edition: self.rules.edition,
            since: event.at,
            entered: event.at,
            ..Track::default()
        };
        let mut track = before.cloned().unwrap_or(fallback);
        let plain = EventRule::default();
        let rule = self.rule(&event.name).unwrap_or(&plain);
        for running in &mut track.running {
            let work = self.work_of(running);
            running.advance(track.since, event.at, work);
        }
        let entering = before.is_none() || event.from != event.to;
        self.clocks(&mut track, rule, event);
        track.since = track.since.max(event.at);
        if entering {
            track.entered = track.since;
        }
        self.effects(&mut track, rule, event);
        if !holder.is_empty() && !event.text("unit").is_empty() && event.text("unit") != holder {
            track.handoffs += 1;
        }
        if let Some(fired) = &event.fired
            && let Some(number) = self.rules.clock_number(&fired.clock)
            && let Some(running) = track.running.iter_mut().find(|r| r.clock == number)
        {
            running.step = fired.step + 1;
        }
        self.aim(&mut track);
        track
    }

    /// Where a story leads by this calendar, from its first event on; `None` for an empty one. Whose it was is not in a story, so
    /// the hand-offs are not counted.
    pub fn refold(&self, story: &[Event]) -> Option<Track> {
        story.iter().fold(None, |track, event| Some(self.after(track.as_ref(), event, "")))
    }

    /// The event that sets a track's clocks right after their calendar was edited, and the track after it; `None` when nothing of it
    /// changes. `story` is every event that made `track`; `at` is now and not before them. The event says which version of the
    /// calendar it is by, and of each clock that changed when it was due (`was-CLOCK`) and is (`due-CLOCK`).
    ///
    /// Only what is open can change: outcome, counts and who did what are kept as they are.
    pub fn recount(&self, track: &Track, story: &[Event], version: &str, at: Micros) -> Option<(Event, Track)> {
        let right = self.refold(story)?;
        if right.running == track.running && right.next == track.next {
            return None;
        }
        let last = story.last()?;
        let mut event = Event::new(at, RECOUNTED, last.to.clone(), last.to.clone());
        event.category = last.category.clone();
        event.args.insert(Name::new_static("calendar"), Value::text(version));
        for now in &right.running {
            let before = track.running.iter().find(|r| r.clock == now.clock);
            let (Some(clock), Some(before)) = (self.rules.clocks.get(now.clock), before) else { continue };
            if before.due != now.due {
                event.args.insert(format!("was-{}", clock.name).into(), Value::Time(before.due));
                event.args.insert(format!("due-{}", clock.name).into(), Value::Time(now.due));
            }
        }
        event.reason = self.in_figures(&event, version);
        let after = self.after(Some(&right), &event, "");
        let kept = Track { handoffs: track.handoffs, outcome: track.outcome, into: track.into, ..after };
        Some((event, kept))
    }

    /// A recount in words no language owns: `cn 2 · handle: 2026-10-01 17:30 → 2026-10-09 17:30`, in the calendar's own time.
    fn in_figures(&self, event: &Event, version: &str) -> String {
        let mut told = version.to_owned();
        for (arg, due) in &event.args {
            let Some(clock) = arg.strip_prefix("due-") else { continue };
            let was = event.arg(&format!("was-{clock}")).as_time().unwrap_or_default();
            let due = due.as_time().unwrap_or_default();
            told += &format!(" · {clock}: {} → {}", self.calendar.minute(was), self.calendar.minute(due));
        }
        told
    }

    /// Starts, holds and ends clocks for the state the event leads to.
    fn clocks(&self, track: &mut Track, rule: &EventRule, event: &Event) {
        let was_told = std::mem::replace(&mut track.told, rule.told);
        if rule.told {
            track.running.clear();
            return;
        }
        // What neither runs nor lives where the event leads is not touched.
        let here = self.living.get(&event.to).map_or(&[][..], Vec::as_slice);
        let mut numbers: Vec<usize> = track.running.iter().map(|r| r.clock).chain(here.iter().copied()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let Some(clock) = self.rules.clocks.get(number) else { continue };
            let at = track.running.iter().position(|r| r.clock == number);
            let restarts = clock.restarts.contains(&event.name);
            let ends = clock.stops.contains(&event.name) || !clock.lives_in(&event.to) || restarts;
            if let Some(at) = at
                && ends
            {
                track.running.remove(at);
            }
            let alive = at.is_some() && !ends;
            let entering = was_told || event.from.is_empty() || !clock.lives_in(&event.from) || restarts;
            let held = clock.holds_in(&event.to);
            if let Some(running) = track.running.iter_mut().find(|r| alive && r.clock == number) {
                running.held = held;
            } else if entering && !clock.stops.contains(&event.name) && clock.lives_in(&event.to) {
                let limit = clock.limit_of(&event.category);
                track.running.push(match clock.moment(event) {
                    Some(moment) => Running::until(number, moment, event.at),
                    None => Running::start(number, limit, clock.hold_cap, held, event.at, self.work(clock)),
                });
            }
        }
    }

    fn effects(&self, track: &mut Track, rule: &EventRule, event: &Event) {
        match rule.counts {
            Some(Count::Declines) => track.declines += 1,
            Some(Count::Reopened) => track.reopened += 1,
            Some(Count::Rework) => track.rework += 1,
            Some(Count::Extended) => track.extended += 1,
            None => {}
        }
        if rule.handles {
            track.handler = event.actor;
        }
        if rule.concludes {
            track.outcome = event.text("outcome").parse::<Outcome>().ok();
        }
        if rule.undoes {
            track.outcome = None;
        }
        if rule.binds {
            track.bound = true;
        }
        if rule.asks {
            track.asked = event.arg("days").as_int().and_then(|d| u32::try_from(d).ok()).unwrap_or_default();
            track.asker = event.actor;
        }
        if let Some(clock) = &rule.grants {
            self.grant(track, clock);
        }
        if rule.refuses || rule.grants.is_some() {
            (track.asked, track.asker) = (0, EntityId::NONE);
        }
        if rule.merges {
            track.into = match event.arg("into") {
                Value::Entity(id) => *id,
                _ => EntityId::NONE,
            };
        }
        if rule.unmerges {
            track.into = EntityId::NONE;
        }
        if rule.acknowledges {
            for running in track.running.iter_mut().filter(|r| r.step > 0) {
                running.acknowledged = true;
            }
        }
    }

    /// Gives the days that were asked for to a clock, in its own days.
    fn grant(&self, track: &mut Track, clock: &str) {
        let Some(number) = self.rules.clock_number(clock) else { return };
        let asked = i64::from(track.asked);
        for running in track.running.iter_mut().filter(|r| r.clock == number) {
            let work = self.work_of(running);
            let day = crate::Limit::new(1, running.unit).time(work).day_length();
            running.left += asked * day;
            running.total += asked * day;
        }
    }

    /// When each clock runs out, and when the next step is due.
    fn aim(&self, track: &mut Track) {
        let since = track.since;
        for running in &mut track.running {
            let work = self.work_of(running);
            running.aim(since, work);
        }
        track.next = self.next(track).map(|step| step.at);
    }

    /// The next step a clock takes by itself, if nothing else happens.
    pub fn next(&self, track: &Track) -> Option<Step> {
        let steps = track.running.iter().filter_map(|r| self.step(track, r));
        steps.min_by_key(|s| s.at)
    }

    fn step(&self, track: &Track, running: &Running) -> Option<Step> {
        let clock = self.rules.clocks.get(running.clock)?;
        let work = self.work(clock);
        let rungs = self.rules.rungs(clock);
        let fired = |at| Fired { clock: clock.name.clone(), step: running.step, due: at };
        if let Some(rung) = rungs.get(running.step as usize).filter(|_| !running.acknowledged) {
            let at = match rung.at {
                RungAt::Share(share) if share < 100 => {
                    let left = running.total / 100 * i64::from(100 - share);
                    running.when_left(left, track.since, work).min(running.due)
                }
                RungAt::Share(_) => running.due,
                RungAt::After(limit) => limit.end(running.due, work),
            };
            let (event, tells) = (rung.event.clone(), rung.tells.clone());
            return Some(Step { at, event, fired: fired(at), moves: false, tells });
        }
        let event = clock.on_due.clone()?;
        // Raised once; a clock has a ladder or an event of its own, never both.
        if running.step > 0 {
            return None;
        }
        let tells = clock.tells.clone().unwrap_or_else(|| vec![clock.owner.clone()]);
        Some(Step { at: running.due, event, fired: fired(running.due), moves: true, tells })
    }
}

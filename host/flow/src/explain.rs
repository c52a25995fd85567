//! A clock explained second by second: what every stretch of time since it was set going was, and why it did or did not count.
//!
//! This walks the whole story and the calendar, and shares no arithmetic with [`Running`](crate::Running), which carries a clock
//! from event to event: a property test holds the two against each other.

use crate::calendar::Rest;
use crate::engine::Engine;
use crate::limit::{Limit, Unit};
use crate::rules::ClockRule;
use crate::story::Event;
use changzhi_model::{Micros, Name};

/// Why a stretch of time did or did not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    Counted,
    /// The day a limit in days begins on.
    FirstDay,
    Rest(Rest),
    /// Paused, with the code of the reason.
    Paused(String),
    /// Still paused by its state, but the cap on pauses was used up: it counts.
    PastCap,
}

impl Why {
    pub fn counts(&self) -> bool {
        matches!(self, Why::Counted | Why::PastCap)
    }
}

/// From `from` to just before `to`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    pub from: Micros,
    pub to: Micros,
    pub why: Why,
}

/// The light of a clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Light {
    Green,
    /// 80 % of the time is used.
    Near,
    /// It runs out today.
    Due,
    Overdue,
}

impl Light {
    pub(crate) fn of(calendar: &crate::Calendar, due: Micros, elapsed: i64, total: i64, now: Micros) -> Light {
        if now >= due {
            Light::Overdue
        } else if calendar.day(due) == calendar.day(now) {
            Light::Due
        } else if i128::from(elapsed) * 100 >= i128::from(total) * 80 {
            Light::Near
        } else {
            Light::Green
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Light::Green => "green",
            Light::Near => "near",
            Light::Due => "due",
            Light::Overdue => "overdue",
        }
    }
}

/// One run of a clock, from when it was set going to now or to its end.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    pub clock: Name,
    pub owner: Name,
    pub limit: Limit,
    pub begun: Micros,
    /// Counted microseconds allowed, with what was granted.
    pub total: i64,
    pub elapsed: i64,
    /// When it runs out, or ran out: at the latest while it is paused.
    pub due: Micros,
    pub paused: bool,
    /// The event that ended it, and when.
    pub ended: Option<(Micros, Name)>,
    pub light: Light,
    /// Without a gap from `begun` to now or the end: `elapsed` is the sum of those that count.
    pub stretches: Vec<Stretch>,
    /// The day it is of its limit, from 0, and how many it has: working days or days; `None` for limits in hours.
    pub day: Option<(i64, i64)>,
}

impl Account {
    /// What is left; below 0 once overdue.
    pub fn remaining(&self) -> i64 {
        self.total - self.elapsed
    }
}

struct Walk {
    begun: Micros,
    from: Micros,
    limit: Limit,
    total: i64,
    cap: i64,
    elapsed: i64,
    due: Option<Micros>,
    held: Option<String>,
    stretches: Vec<Stretch>,
}

impl Walk {
    fn stretch(&mut self, from: Micros, to: Micros, why: Why) {
        if from >= to {
            return;
        }
        if why.counts() {
            let before = self.elapsed;
            self.elapsed += to.0 - from.0;
            if self.due.is_none() && self.elapsed >= self.total {
                self.due = Some(from.plus(self.total - before));
            }
        }
        match self.stretches.last_mut() {
            Some(last) if last.to == from && last.why == why => last.to = to,
            _ => self.stretches.push(Stretch { from, to, why }),
        }
    }

    fn walk(&mut self, from: Micros, to: Micros, engine: &Engine, clock: &ClockRule) {
        self.stretch(from, to.min(self.from), Why::FirstDay);
        let from = from.max(self.from);
        for (a, b, rest) in self.limit.time(engine.work(clock)).pieces(from, to) {
            match (rest, self.held.clone()) {
                (Some(rest), _) => self.stretch(a, b, Why::Rest(rest)),
                (None, None) => self.stretch(a, b, Why::Counted),
                (None, Some(code)) => {
                    let paused = (b.0 - a.0).min(self.cap);
                    self.cap -= paused;
                    self.stretch(a, a.plus(paused), Why::Paused(code));
                    self.stretch(a.plus(paused), b, Why::PastCap);
                }
            }
        }
    }
}

impl Engine {
    /// Every run of a clock in a story, oldest first. `now` is the end of the last one while it runs; events after it are left out.
    pub fn explain(&self, clock: &str, story: &[Event], now: Micros) -> Vec<Account> {
        let Some(rule) = self.rules().clocks.iter().find(|c| c.name == clock) else { return Vec::new() };
        let (mut done, mut open): (Vec<Account>, Option<Walk>) = (Vec::new(), None);
        let (mut last, mut told, mut asked) = (Micros(i64::MIN), false, 0i64);
        for event in story.iter().filter(|e| e.at <= now) {
            if let Some(walk) = &mut open {
                walk.walk(last, event.at, self, rule);
            }
            let of = self.rules().event(&event.name);
            let was_told = std::mem::replace(&mut told, of.is_some_and(|r| r.told));
            let restarts = rule.restarts.contains(&event.name);
            let stops = rule.stops.contains(&event.name);
            if (told || stops || restarts || !rule.lives_in(&event.to))
                && let Some(walk) = open.take()
            {
                done.push(self.account(rule, walk, event.at, Some((event.at, event.name.clone()))));
            }
            let entering = was_told || event.from.is_empty() || !rule.lives_in(&event.from) || restarts;
            if open.is_none() && !told && !stops && entering && rule.lives_in(&event.to) {
                open = Some(self.begin(rule, event));
            }
            if of.is_some_and(|r| r.asks) {
                asked = event.arg("days").as_int().unwrap_or_default();
            }
            if let Some(walk) = &mut open {
                if of.and_then(|r| r.grants.as_ref()).is_some_and(|c| *c == rule.name) {
                    walk.total += asked * Limit { count: 1, ..walk.limit }.time(self.work(rule)).day_length();
                    // What ran out stays due when it was.
                    if walk.elapsed < walk.total {
                        walk.due = None;
                    }
                }
                // Which pause it is stays with it until the state is left.
                walk.held = match (rule.holds_in(&event.to), walk.held.take()) {
                    (false, _) => None,
                    (true, Some(code)) if event.from == event.to => Some(code),
                    (true, _) => Some(event.text("code").to_owned()),
                };
            }
            last = event.at;
        }
        if let Some(mut walk) = open {
            walk.walk(last, now, self, rule);
            done.push(self.account(rule, walk, now, None));
        }
        done
    }

    /// The clocks that run or are paused in a story, the one that runs out first before the others.
    pub fn accounts(&self, story: &[Event], now: Micros) -> Vec<Account> {
        let last = self.rules().clocks.iter().filter_map(|c| self.explain(&c.name, story, now).pop());
        let mut open: Vec<Account> = last.filter(|a| a.ended.is_none()).collect();
        open.sort_by_key(|a| a.due);
        open
    }

    fn begin(&self, rule: &ClockRule, event: &Event) -> Walk {
        let work = self.work(rule);
        // A moment that was named is so many seconds away, every one of them counted.
        let named = rule.moment(event).map(|moment| moment.0.saturating_sub(event.at.0).max(1));
        let limit = match named {
            Some(total) => Limit::new(u32::try_from(total / Micros::SECOND).unwrap_or(u32::MAX), Unit::Seconds),
            None => rule.limit_of(&event.category),
        };
        Walk {
            begun: event.at,
            from: limit.counts_from(event.at, work),
            limit,
            total: named.unwrap_or_else(|| limit.length(work)),
            cap: rule.hold_cap.map_or(0, |cap| cap.length(work)),
            elapsed: 0,
            due: None,
            held: None,
            stretches: Vec::new(),
        }
    }

    fn account(&self, rule: &ClockRule, walk: Walk, now: Micros, ended: Option<(Micros, Name)>) -> Account {
        let time = walk.limit.time(self.work(rule));
        let paused = walk.held.is_some();
        let due = walk.due.unwrap_or_else(|| {
            let at = now.max(walk.from);
            let from = if paused { time.add(at, walk.cap) } else { at };
            time.add(from, walk.total - walk.elapsed)
        });
        let light = Light::of(self.calendar(), due, walk.elapsed, walk.total, now);
        let length = time.day_length().max(1);
        let part = |n: i64| (n + length - 1) / length;
        let day = walk.limit.skips_first_day().then(|| (part(walk.elapsed), part(walk.total)));
        Account {
            clock: rule.name.clone(),
            owner: rule.owner.clone(),
            limit: walk.limit,
            begun: walk.begun,
            total: walk.total,
            elapsed: walk.elapsed,
            due,
            paused,
            ended,
            light,
            stretches: walk.stretches,
            day,
        }
    }
}

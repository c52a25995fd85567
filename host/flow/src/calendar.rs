//! Working days with made-up days (调休), and the hours a unit works on them.
//!
//! A calendar is data: its time zone as a fixed offset, holidays by name, made-up days, and the years it was published for. Outside
//! those years a day is worked from Monday to Friday and [`Calendar::is_published`] says that this is a guess. [`WorkTime`] joins a
//! calendar with hours and measures time by them; without hours it measures every second (24 × 7).
//!
//! Invariants: `between(a, c) == between(a, b) + between(b, c)`; `between(a, add(a, n)) == n`, and `add` gives the first such
//! instant. Price: one step a day that lies between.

use crate::day::Day;
use changzhi_model::Micros;
use hashbrown::HashMap;
use serde::Deserialize;

/// How far ahead the end of a working time is looked for: a calendar that never works would have none.
const HORIZON_DAYS: i64 = 366 * 20;
const MINUTE: i64 = Micros::SECOND * 60;

/// Why a calendar or hours cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CalendarError {
    #[error("the calendar is no TOML of this shape: {0}")]
    Shape(String),
    #[error("{holiday}: {text:?} is neither a date (2026-02-14) nor two (2026-02-15..2026-02-23)")]
    Date { holiday: String, text: String },
    #[error("{day} is a day off and a day of work: {holiday}")]
    Both { day: Day, holiday: String },
    #[error("zone {0:?} is no offset such as +08:00")]
    Zone(String),
    #[error("{0:?} are no hours such as 08:30-12:00, in order and apart")]
    Hours(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    zone: String,
    first: i64,
    last: i64,
    #[serde(default)]
    holiday: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    #[serde(default)]
    off: Vec<String>,
    #[serde(default)]
    work: Vec<String>,
}

#[derive(Clone, Debug)]
struct Special {
    works: bool,
    holiday: std::sync::Arc<str>,
}

/// Why nobody works at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rest {
    /// A day off with its name.
    Holiday(String),
    Weekend,
    /// Before, between or after the hours of a working day.
    OutOfHours,
}

/// Which days are worked.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub name: String,
    /// Microseconds east of UTC.
    pub offset: i64,
    first: i64,
    last: i64,
    special: HashMap<Day, Special>,
}

impl Calendar {
    /// Reads a calendar (`data/calendars/*.toml`).
    ///
    /// # Errors
    /// What does not read, by name.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        let file: File = toml::from_str(text).map_err(|e| CalendarError::Shape(e.to_string()))?;
        let mut special: HashMap<Day, Special> = HashMap::new();
        for holiday in &file.holiday {
            let name: std::sync::Arc<str> = holiday.name.as_str().into();
            for (texts, works) in [(&holiday.off, false), (&holiday.work, true)] {
                for text in texts {
                    let (from, to) = text.split_once("..").unwrap_or((text, text));
                    let wrong = || CalendarError::Date { holiday: holiday.name.clone(), text: text.clone() };
                    let (from, to) = (Day::parse(from).ok_or_else(wrong)?, Day::parse(to).ok_or_else(wrong)?);
                    if to < from || to.0 - from.0 > 60 {
                        return Err(wrong());
                    }
                    for day in (from.0..=to.0).map(Day) {
                        let before = special.insert(day, Special { works, holiday: name.clone() });
                        if before.is_some_and(|b| b.works != works) {
                            return Err(CalendarError::Both { day, holiday: holiday.name.clone() });
                        }
                    }
                }
            }
        }
        let offset = offset(&file.zone).ok_or_else(|| CalendarError::Zone(file.zone.clone()))?;
        Ok(Calendar { name: file.name, offset, first: file.first, last: file.last, special })
    }

    /// Published in this project: see `data/calendars/cn.toml`.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn china() -> Result<Calendar, CalendarError> {
        Calendar::parse(include_str!("../../../data/calendars/cn.toml"))
    }

    /// The day a moment falls on here.
    pub fn day(&self, at: Micros) -> Day {
        Day((at.0 + self.offset).div_euclid(Micros::DAY))
    }

    /// The first moment of a day.
    pub fn midnight(&self, day: Day) -> Micros {
        Micros(day.0 * Micros::DAY - self.offset)
    }

    /// A moment to the minute, as a clock on the wall here shows it.
    pub(crate) fn minute(&self, at: Micros) -> String {
        let minutes = (at.0 + self.offset).rem_euclid(Micros::DAY) / MINUTE;
        format!("{} {:02}:{:02}", self.day(at), minutes / 60, minutes % 60)
    }

    pub fn is_workday(&self, day: Day) -> bool {
        self.special.get(&day).map_or(day.weekday() < 5, |s| s.works)
    }

    /// Whether the day lies in the years this was published for.
    pub fn is_published(&self, day: Day) -> bool {
        (self.first..=self.last).contains(&day.date().0)
    }

    /// Why a day is not worked; `None` when it is.
    pub fn rest(&self, day: Day) -> Option<Rest> {
        match self.special.get(&day) {
            _ if self.is_workday(day) => None,
            Some(special) => Some(Rest::Holiday(special.holiday.to_string())),
            None => Some(Rest::Weekend),
        }
    }
}

fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let minutes = clock_time(zone.get(1..)?)?;
    Some(sign * minutes * MINUTE)
}

/// Minutes of `08:30`; `24:00` is the end of a day.
fn clock_time(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    ((0..=24 * 60).contains(&all) && (0..60).contains(&minutes)).then_some(all)
}

/// When a unit works on a working day: parts of a day in minutes, apart and in order. The gap between two is the lunch break.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hours(Vec<(i64, i64)>);

impl Hours {
    /// From `["08:30-12:00", "14:00-17:30"]`.
    ///
    /// # Errors
    /// When they overlap, are out of order or empty.
    pub fn parse<S: AsRef<str>>(parts: &[S]) -> Result<Hours, CalendarError> {
        let mut read: Vec<(i64, i64)> = Vec::new();
        for part in parts {
            let part = part.as_ref();
            let wrong = || CalendarError::Hours(part.to_owned());
            let (from, to) = part.split_once('-').ok_or_else(wrong)?;
            let (from, to) = (clock_time(from).ok_or_else(wrong)?, clock_time(to).ok_or_else(wrong)?);
            if from >= to || read.last().is_some_and(|(_, end)| *end > from) {
                return Err(wrong());
            }
            read.push((from, to));
        }
        if read.is_empty() { Err(CalendarError::Hours(String::new())) } else { Ok(Hours(read)) }
    }

    /// Microseconds worked on a working day.
    pub fn length(&self) -> i64 {
        self.0.iter().map(|(from, to)| (to - from) * MINUTE).sum()
    }
}

/// Time measured by a calendar and hours, or every second of it.
#[derive(Clone, Copy, Debug)]
pub struct WorkTime<'a> {
    pub calendar: &'a Calendar,
    /// `None`: 24 × 7.
    pub hours: Option<&'a Hours>,
}

impl WorkTime<'_> {
    /// Microseconds that count as a day.
    pub fn day_length(&self) -> i64 {
        self.hours.map_or(Micros::DAY, Hours::length)
    }

    /// The parts of a day that count, in order.
    fn parts(&self, day: Day) -> Vec<(Micros, Micros)> {
        let midnight = self.calendar.midnight(day);
        match self.hours {
            None => vec![(midnight, midnight.plus(Micros::DAY))],
            Some(_) if !self.calendar.is_workday(day) => Vec::new(),
            Some(hours) => {
                let at = |minutes: i64| midnight.plus(minutes * MINUTE);
                hours.0.iter().map(|(from, to)| (at(*from), at(*to))).collect()
            }
        }
    }

    /// Counted microseconds from `a` to `b`; 0 when `b` is not later.
    pub fn between(&self, a: Micros, b: Micros) -> i64 {
        if self.hours.is_none() {
            return (b.0 - a.0).max(0);
        }
        let mut sum = 0;
        let mut day = self.calendar.day(a);
        while self.calendar.midnight(day) < b {
            for (from, to) in self.parts(day) {
                sum += (to.0.min(b.0) - from.0.max(a.0)).max(0);
            }
            day = day.next();
        }
        sum
    }

    /// The first moment at which `n` counted microseconds have passed since `a`; `a` itself for none.
    pub fn add(&self, a: Micros, n: i64) -> Micros {
        if n <= 0 {
            return a;
        }
        if self.hours.is_none() {
            return a.plus(n);
        }
        let mut left = n;
        let first = self.calendar.day(a);
        let mut day = first;
        while day.0 - first.0 < HORIZON_DAYS {
            for (from, to) in self.parts(day) {
                let begin = from.0.max(a.0);
                let there = (to.0 - begin).max(0);
                if there >= left {
                    return Micros(begin + left);
                }
                left -= there;
            }
            day = day.next();
        }
        Micros(i64::MAX)
    }

    /// The first moment of the day after `a`: a limit in days does not count the day it begins on.
    pub fn next_day(&self, a: Micros) -> Micros {
        self.calendar.midnight(self.calendar.day(a).next())
    }

    /// Cuts `a..b` where counting begins or ends: each piece with why it does not count, `None` where it does.
    pub fn pieces(&self, a: Micros, b: Micros) -> Vec<(Micros, Micros, Option<Rest>)> {
        let mut out: Vec<(Micros, Micros, Option<Rest>)> = Vec::new();
        if b <= a {
            return out;
        }
        if self.hours.is_none() {
            return vec![(a, b, None)];
        }
        let mut push = |from: Micros, to: Micros, rest: Option<Rest>| {
            let (from, to) = (from.max(a), to.min(b));
            if from < to {
                match out.last_mut() {
                    Some(last) if last.1 == from && last.2 == rest => last.1 = to,
                    _ => out.push((from, to, rest)),
                }
            }
        };
        let mut day = self.calendar.day(a);
        while self.calendar.midnight(day) < b {
            let (midnight, end) = (self.calendar.midnight(day), self.calendar.midnight(day.next()));
            match self.calendar.rest(day) {
                Some(rest) => push(midnight, end, Some(rest)),
                None => {
                    let mut at = midnight;
                    for (from, to) in self.parts(day) {
                        push(at, from, Some(Rest::OutOfHours));
                        push(from, to, None);
                        at = to;
                    }
                    push(at, end, Some(Rest::OutOfHours));
                }
            }
            day = day.next();
        }
        out
    }
}

//! How long something may take.

use crate::calendar::WorkTime;
use changzhi_model::Micros;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// The unit of a limit. Written `15s`, `30min`, `2h`, `4wh`, `15d`, `5wd`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// 秒, every one
    Seconds,
    /// 分钟, every one
    Minutes,
    /// 小时, every one
    Hours,
    /// 工作小时
    WorkHours,
    /// 日 (自然日): the day it begins on does not count, and it ends with the last one
    Days,
    /// 工作日: the day it begins on does not count, and it ends when the last one's hours do
    WorkDays,
}

/// A length of time in its own unit. At most 10,000 of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    pub count: u32,
    pub unit: Unit,
}

const MOST: u32 = 10_000;

impl Limit {
    pub const fn new(count: u32, unit: Unit) -> Limit {
        Limit { count, unit }
    }

    /// Measured in the hours of a unit, or in all of them.
    pub fn by_hours(self) -> bool {
        matches!(self.unit, Unit::WorkHours | Unit::WorkDays)
    }

    /// The day it begins on does not count.
    pub fn skips_first_day(self) -> bool {
        matches!(self.unit, Unit::Days | Unit::WorkDays)
    }

    /// The time it is measured by.
    pub fn time<'a>(self, work: WorkTime<'a>) -> WorkTime<'a> {
        WorkTime { hours: work.hours.filter(|_| self.by_hours()), ..work }
    }

    /// Counted microseconds of the whole; `work` is the unit's time.
    pub fn length(self, work: WorkTime<'_>) -> i64 {
        let one = match self.unit {
            Unit::Seconds => Micros::SECOND,
            Unit::Minutes => 60 * Micros::SECOND,
            Unit::Hours | Unit::WorkHours => Micros::HOUR,
            Unit::Days => Micros::DAY,
            Unit::WorkDays => work.day_length(),
        };
        i64::from(self.count) * one
    }

    /// From when on it counts, when it is set going at `at`.
    pub fn counts_from(self, at: Micros, work: WorkTime<'_>) -> Micros {
        if self.skips_first_day() { work.next_day(at) } else { at }
    }

    /// When it is over, set going at `at` and never held up.
    pub fn end(self, at: Micros, work: WorkTime<'_>) -> Micros {
        self.time(work).add(self.counts_from(at, work), self.length(work))
    }
}

/// A limit that does not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} is no limit: a number up to 10000 with s, min, h, wh, d or wd, for example 5wd")]
pub struct LimitError(pub String);

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Limit, LimitError> {
        let wrong = || LimitError(text.to_owned());
        let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (count, unit) = text.split_at(at);
        let unit = match unit {
            "s" => Unit::Seconds,
            "min" => Unit::Minutes,
            "h" => Unit::Hours,
            "wh" => Unit::WorkHours,
            "d" => Unit::Days,
            "wd" => Unit::WorkDays,
            _ => return Err(wrong()),
        };
        match count.parse() {
            Ok(count) if count <= MOST => Ok(Limit { count, unit }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Seconds => "s",
            Unit::Minutes => "min",
            Unit::Hours => "h",
            Unit::WorkHours => "wh",
            Unit::Days => "d",
            Unit::WorkDays => "wd",
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Limit, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

//! Calendar days and months of the deployment's time zone, fast enough for ten million rows.
//!
//! Contract: the local midnight of every day from 1970 to 2100 is computed once by jiff, daylight saving included; a moment's
//! day is a guess corrected against that table, its month an array read. Outside the table jiff answers itself, slowly.
//! Price: 470 KB for each time zone in use, built once for the process.

use hashbrown::HashMap;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

const DAY: i64 = 86_400_000_000;

#[derive(Debug)]
pub(crate) struct Calendar {
    pub name: String,
    zone: TimeZone,
    /// Local midnights from 1970-01-01, microseconds UTC, one more than days.
    midnights: Vec<i64>,
    /// Month of each day, as months since year 0.
    months: Vec<i32>,
    offset: i64,
}

fn month_number(d: Date) -> i32 {
    i32::from(d.year()) * 12 + i32::from(d.month()) - 1
}

impl Calendar {
    /// The zone by its IANA name; `None` when there is no such zone.
    pub fn of(name: &str) -> Option<Arc<Calendar>> {
        static BUILT: OnceLock<Mutex<HashMap<String, Arc<Calendar>>>> = OnceLock::new();
        let mut built = BUILT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = built.get(name) {
            return Some(there.clone());
        }
        let made = Arc::new(Calendar::build(name, TimeZone::get(name).ok()?));
        built.insert(name.to_owned(), made.clone());
        Some(made)
    }

    /// The platform's own zone.
    pub fn home() -> Arc<Calendar> {
        Calendar::of("Asia/Shanghai")
            .unwrap_or_else(|| Arc::new(Calendar::build("Asia/Shanghai", TimeZone::fixed(jiff::tz::offset(8)))))
    }

    fn build(name: &str, zone: TimeZone) -> Calendar {
        let (mut midnights, mut months) = (Vec::with_capacity(48_000), Vec::with_capacity(48_000));
        let mut day = date(1970, 1, 1);
        while day.year() <= 2100 {
            let start = zone.to_timestamp(day.at(0, 0, 0, 0)).map(|t| t.as_microsecond());
            midnights.push(start.unwrap_or_else(|_| midnights.last().map_or(0, |last| last + DAY)));
            months.push(month_number(day));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        months.pop();
        let offset = -midnights.first().copied().unwrap_or(0);
        Calendar { name: name.to_owned(), zone, midnights, months, offset }
    }

    /// Days since 1970-01-01 of the local date.
    #[inline]
    pub fn day(&self, at: i64) -> i32 {
        self.tabled(at).map_or_else(|| self.slow(at).0, |day| day as i32)
    }

    /// Months since year 0 of the local date.
    #[inline]
    pub fn month(&self, at: i64) -> i32 {
        self.tabled(at).and_then(|day| self.months.get(day).copied()).unwrap_or_else(|| self.slow(at).1)
    }

    /// Day and month of a moment, and the moments `from..upto` that share them: rows mostly come in time order, so the next
    /// one needs no look-up.
    #[inline]
    pub fn around(&self, at: i64) -> (i32, i32, i64, i64) {
        let found = self.tabled(at).and_then(|day| {
            Some((day as i32, *self.months.get(day)?, *self.midnights.get(day)?, *self.midnights.get(day + 1)?))
        });
        found.unwrap_or_else(|| {
            let (day, month) = self.slow(at);
            (day, month, at, at.saturating_add(1))
        })
    }

    #[inline]
    fn tabled(&self, at: i64) -> Option<usize> {
        let mut day = usize::try_from(at.checked_add(self.offset)?.div_euclid(DAY)).ok()?;
        if day + 1 >= self.midnights.len() {
            return None;
        }
        while *self.midnights.get(day)? > at {
            day = day.checked_sub(1)?;
        }
        while *self.midnights.get(day + 1)? <= at {
            day += 1;
        }
        Some(day)
    }

    fn slow(&self, at: i64) -> (i32, i32) {
        let end = if at < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        let day = self.zone.to_datetime(jiff::Timestamp::from_microsecond(at).unwrap_or(end)).date();
        let days = day.since(date(1970, 1, 1)).map_or(0, |span| span.get_days());
        (days, month_number(day))
    }

    /// `2026-11`
    pub fn month_name(month: i32) -> String {
        format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
    }

    /// `2026-11-23`
    pub fn day_name(day: i32) -> String {
        let span = jiff::Span::new().try_days(day);
        span.and_then(|span| date(1970, 1, 1).checked_add(span)).map_or_else(|_| day.to_string(), |d| d.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_table_agrees_with_the_time_zone_database(at in -3_000_000_000_000_000i64..6_000_000_000_000_000, which in 0usize..3) {
            let calendar = Calendar::of(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"][which]).unwrap();
            let (day, month) = calendar.slow(at);
            prop_assert_eq!(calendar.day(at), day);
            prop_assert_eq!(calendar.month(at), month);
            let (d, m, from, upto) = calendar.around(at);
            prop_assert_eq!((d, m), (day, month));
            prop_assert!(from <= at && at < upto);
            prop_assert_eq!(calendar.slow(from), (day, month));
            prop_assert_eq!(calendar.slow(upto - 1), (day, month));
        }
    }

    #[test]
    fn names_are_written_as_dates() {
        assert_eq!(Calendar::month_name(2026 * 12 + 10), "2026-11");
        assert_eq!(Calendar::day_name(0), "1970-01-01");
        assert_eq!(Calendar::day_name(-1), "1969-12-31");
    }
}

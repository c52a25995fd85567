//! Dates as CAP has them: seconds, and the offset of whoever wrote them.

use std::fmt;

const DAY: i64 = 86_400;
/// Widest offset from UTC, by XML Schema.
const OFFSET_MAX: i16 = 14 * 60;

/// A second, with the offset it is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z; years 0001 to 9999.
    seconds: i64,
    /// Minutes east of UTC.
    offset: i16,
}

impl Moment {
    /// `None` outside the years 0001–9999 or offsets of ±14 hours.
    pub fn new(seconds: i64, offset: i16) -> Option<Moment> {
        let (from, to) = (days(1, 1, 1)? * DAY, days(9999, 12, 31)? * DAY + DAY - 1);
        let local = seconds.checked_add(i64::from(offset) * 60)?;
        let fits = (from..=to).contains(&local) && (-OFFSET_MAX..=OFFSET_MAX).contains(&offset);
        fits.then_some(Moment { seconds, offset })
    }

    /// From microseconds since 1970; what is below a second is cut off.
    pub fn from_micros(micros: i64, offset: i16) -> Option<Moment> {
        Moment::new(micros.div_euclid(1_000_000), offset)
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.seconds.saturating_mul(1_000_000)
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    pub fn offset(self) -> i16 {
        self.offset
    }

    /// `YYYY-MM-DDThh:mm:ss±hh:mm` and nothing else, as CAP 1.2 wants it.
    pub fn strict(text: &str) -> Option<Moment> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        (text.len() == 25 && !text.contains(['Z', '.']))
            .then(|| Moment::lenient(text))
            .flatten()
            .map(|(moment, _)| moment)
    }

    /// `xs:dateTime` of CAP 1.0 and 1.1: fractions of seconds are cut off; without an offset it is taken for UTC, and the
    /// second value is true.
    pub fn lenient(text: &str) -> Option<(Moment, bool)> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        let number = |from: usize, to: usize| -> Option<i64> {
            let part = text.get(from..to)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
        };
        let mark = |at: usize, is: &str| text.get(at..at + 1) == Some(is);
        if ![(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")].iter().all(|(at, is)| mark(*at, is)) {
            return None;
        }
        let day = days(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let midnight = hour == 24 && minute == 0 && second == 0;
        if (hour > 23 && !midnight) || minute > 59 || second > 59 {
            return None;
        }
        let mut rest = text.get(19..)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            rest = fraction.get(digits..).filter(|_| digits > 0)?;
        }
        let (offset, assumed) = match rest {
            "" => (0, true),
            "Z" => (0, false),
            _ => {
                let sign = match rest.get(..1)? {
                    "+" => 1,
                    "-" => -1,
                    _ => return None,
                };
                let part = |from: usize, to: usize| -> Option<i16> {
                    let part = rest.get(from..to)?;
                    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
                };
                if rest.len() != 6 || rest.get(3..4) != Some(":") || part(4, 6)? > 59 {
                    return None;
                }
                (sign * (part(1, 3)? * 60 + part(4, 6)?), false)
            }
        };
        let local = day * DAY + hour * 3_600 + minute * 60 + second;
        Moment::new(local - i64::from(offset) * 60, offset).map(|moment| (moment, assumed))
    }

    /// Year, month, day, hour, minute, second by its own offset.
    fn civil(self) -> [i64; 6] {
        let local = self.seconds + i64::from(self.offset) * 60;
        let (day, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let [year, month, date] = date(day);
        [year, month, date, second / 3_600, second / 60 % 60, second % 60]
    }

    /// `YYYYMMDDhhmmss` by its own offset, as identifiers have it.
    pub fn digits(self) -> String {
        let [year, month, day, hour, minute, second] = self.civil();
        format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }
}

/// As CAP 1.2 writes it. UTC is `-00:00`, never `Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.civil();
        let sign = if self.offset > 0 { '+' } else { '-' };
        let (hours, minutes) = (self.offset.abs() / 60, self.offset.abs() % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{hours:02}:{minutes:02}")
    }
}

/// Days from 1970-01-01; `None` when there is no such day. Howard Hinnant's algorithm.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) || !(1..=9999).contains(&year) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The same way back.
fn date(days: i64) -> [i64; 3] {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days - era * 146_097;
    let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    let march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    [of_era + era * 400 + i64::from(month <= 2), month, date]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_and_written_as_it_was() {
        for text in [
            "2026-08-26T16:09:13+08:00",
            "2003-04-02T14:39:01-05:00",
            "2012-05-02T23:21:04-00:00",
            "0001-01-01T00:00:00-00:00",
            "9999-12-31T23:59:59+14:00",
            "2024-02-29T00:00:00-09:30",
        ] {
            assert_eq!(Moment::strict(text).map(|m| m.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Moment::strict("1970-01-02T00:00:00+08:00").unwrap().micros(), 57_600_000_000);
        assert_eq!(Moment::strict("2026-08-26T16:09:13+08:00").unwrap().digits(), "20260826160913");
    }

    #[test]
    fn what_is_no_date_of_cap_is_refused() {
        for text in [
            "",
            "2026-08-26",
            "2026-08-26T16:09:13Z",
            "2026-08-26T16:09:13",
            "2026-08-26T16:09:13.5+08:00",
            "2026-02-29T00:00:00+08:00",
            "2026-13-01T00:00:00+08:00",
            "2026-01-01T25:00:00+08:00",
            "2026-01-01T00:60:00+08:00",
            "2026-01-01T00:00:00+15:00",
            "2026-01-01 00:00:00+08:00",
            "２026-01-01T00:00:00+08:00",
            "+026-01-01T00:00:00+08:00",
        ] {
            assert_eq!(Moment::strict(text), None, "{text}");
        }
    }

    #[test]
    fn older_versions_have_other_dates_too() {
        let read = |t: &str| Moment::lenient(t).map(|(m, assumed)| (m.to_string(), assumed));
        assert_eq!(read("2003-04-02T14:39:01.25Z"), Some(("2003-04-02T14:39:01-00:00".into(), false)));
        assert_eq!(read("2003-04-02T14:39:01"), Some(("2003-04-02T14:39:01-00:00".into(), true)));
        assert_eq!(read("2003-04-02T24:00:00Z"), Some(("2003-04-03T00:00:00-00:00".into(), false)));
        assert_eq!(read("2003-04-02T14:39:01.Z"), None);
    }

    #[test]
    fn every_day_of_four_centuries_goes_there_and_back() {
        for day in -146_097..146_097 {
            let [y, m, d] = date(day);
            assert_eq!(days(y, m, d), Some(day));
        }
    }
}

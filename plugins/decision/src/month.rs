//! Months as `2026-11`, and where they begin. Civil calendar arithmetic after Howard Hinnant's `days_from_civil`.

use changzhi_sdk::Micros;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Month {
    year: i64,
    /// 1 to 12
    month: i64,
}

impl Month {
    /// `2026-11`, between the years 1900 and 2999.
    pub(crate) fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        ((1900..3000).contains(&year) && (1..=12).contains(&month)).then_some(Month { year, month })
    }

    /// The last month that is over, in UTC: counts of a month that still runs look like a fall.
    pub(crate) fn last_whole(now: Micros) -> Month {
        let days = now.0.div_euclid(Micros::DAY);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        Month { year, month }.plus(-1)
    }

    pub(crate) fn plus(self, months: i64) -> Month {
        let n = self.year * 12 + self.month - 1 + months;
        Month { year: n.div_euclid(12), month: n.rem_euclid(12) + 1 }
    }

    /// Its first moment in UTC.
    pub(crate) fn begins(self) -> Micros {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let yoe = year.rem_euclid(400);
        let mp = (self.month + 9) % 12;
        let doy = (153 * mp + 2) / 5;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        Micros((era * 146_097 + doe - 719_468) * Micros::DAY)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_written_and_counted() {
        for text in ["2026-11", "2000-02", "1970-01"] {
            assert_eq!(Month::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["2026-13", "2026-00", "26-11", "2026-1", "2026", "x"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Month::parse("2026-01").unwrap().plus(-1).to_string(), "2025-12");
        assert_eq!(Month::parse("2026-11").unwrap().plus(-12).to_string(), "2025-11");
    }

    #[test]
    fn a_month_begins_where_the_one_before_ends_and_now_is_never_in_the_last_whole_one() {
        assert_eq!(Month::parse("1970-01").unwrap().begins(), Micros(0));
        // 2024-02 has 29 days, 2023-02 has 28
        for (month, days) in [("2024-02", 29), ("2023-02", 28), ("1900-02", 28), ("2000-02", 29), ("2026-12", 31)] {
            let month = Month::parse(month).unwrap();
            assert_eq!(month.plus(1).begins().since(month.begins()), days * Micros::DAY);
        }
        let mut month = Month::parse("1999-11").unwrap();
        for _ in 0..600 {
            let next = month.plus(1);
            assert_eq!(Month::last_whole(next.begins()), month);
            assert_eq!(Month::last_whole(next.plus(1).begins().plus(-1)), month);
            month = next;
        }
    }
}

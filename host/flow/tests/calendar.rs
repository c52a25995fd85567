//! Working days of eleven years against a list of somebody else's, and time counted by hours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{Calendar, CalendarError, Day, Hours, Limit, Rest, WorkTime};
use changzhi_model::Micros;
use proptest::prelude::*;
use std::path::Path;

fn at(text: &str) -> Micros {
    Micros::from_rfc3339(&format!("{text}:00+08:00")).unwrap()
}

fn office() -> Hours {
    Hours::parse(&["08:30-12:00", "14:00-17:30"]).unwrap()
}

fn end(limit: &str, from: &str) -> Micros {
    let (calendar, hours) = (Calendar::china().unwrap(), office());
    limit.parse::<Limit>().unwrap().end(at(from), WorkTime { calendar: &calendar, hours: Some(&hours) })
}

#[test]
fn every_day_of_eleven_years_is_worked_or_not_as_the_published_list_says() {
    let shared = std::env::var_os("CHANGZHI_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), std::path::PathBuf::from);
    let file = shared.join("data/cn-workdays/workdays.csv");
    if !file.is_file() {
        eprintln!("skipped: no {} (set CHANGZHI_SHARED)", file.display());
        return;
    }
    let calendar = Calendar::china().unwrap();
    let mut days = 0;
    let mut wrong = Vec::new();
    for row in csv::Reader::from_path(file).unwrap().records() {
        let row = row.unwrap();
        let day = Day::parse(&row[0]).unwrap();
        if calendar.is_workday(day) != (&row[1] == "1") {
            wrong.push(format!("{day} is_workday {}", &row[1]));
        }
        assert!(calendar.is_published(day), "{day}");
        days += 1;
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(days, 4018);
}

#[test]
fn a_made_up_saturday_is_worked_and_a_holiday_has_its_name() {
    let calendar = Calendar::china().unwrap();
    let day = |text| Day::parse(text).unwrap();
    assert!(calendar.is_workday(day("2026-02-14")) && day("2026-02-14").weekday() == 5);
    assert_eq!(calendar.rest(day("2026-02-17")), Some(Rest::Holiday("春节".into())));
    assert_eq!(calendar.rest(day("2026-03-07")), Some(Rest::Weekend));
    assert_eq!(calendar.rest(day("2026-03-09")), None);
    assert!(!calendar.is_published(day("2027-01-04")) && calendar.is_workday(day("2027-01-04")));
}

#[test]
fn limits_end_when_a_person_would_say_they_do() {
    // Every minute and hour.
    assert_eq!(end("30min", "2026-03-07T23:45"), at("2026-03-08T00:15"));
    assert_eq!(end("2h", "2026-03-06T17:00"), at("2026-03-06T19:00"));
    // Working hours jump over lunch, the evening and the weekend.
    assert_eq!(end("4wh", "2026-03-06T11:00"), at("2026-03-06T17:00"));
    assert_eq!(end("4wh", "2026-03-06T16:30"), at("2026-03-09T11:30"));
    assert_eq!(end("1wh", "2026-03-07T10:00"), at("2026-03-09T09:30"));
    // The day it begins on does not count; it ends with the hours of the last one.
    assert_eq!(end("1wd", "2026-03-05T09:00"), at("2026-03-06T17:30"));
    assert_eq!(end("1wd", "2026-03-06T09:00"), at("2026-03-09T17:30"));
    // Over Spring Festival: 13 and 14 (made up) are worked, then not before the 24th.
    assert_eq!(end("3wd", "2026-02-12T10:00"), at("2026-02-24T17:30"));
    // Natural days end at midnight.
    assert_eq!(end("30d", "2026-03-01T10:00"), at("2026-04-01T00:00"));
}

#[test]
fn bad_calendars_and_hours_say_what_is_wrong() {
    let head = "name = \"x\"\nzone = \"+08:00\"\nfirst = 2026\nlast = 2026\n";
    let parse = |rest: &str| Calendar::parse(&format!("{head}[[holiday]]\nname = \"h\"\n{rest}")).unwrap_err();
    assert!(matches!(parse("off = [\"2026-02-30\"]"), CalendarError::Date { .. }));
    assert!(matches!(parse("off = [\"2026-02-03..2026-02-01\"]"), CalendarError::Date { .. }));
    assert!(matches!(parse("off = [\"2026-02-03\"]\nwork = [\"2026-02-03\"]"), CalendarError::Both { .. }));
    assert!(matches!(parse("closed = []"), CalendarError::Shape(_)));
    assert!(matches!(Calendar::parse(&head.replace("+08:00", "CST")), Err(CalendarError::Zone(_))));
    for bad in [&["12:00-08:00"][..], &["08:00-12:00", "11:00-13:00"], &["8-12"], &["08:00-25:00"], &[]] {
        assert!(Hours::parse(bad).is_err(), "{bad:?}");
    }
    for bad in ["", "5", "wd", "5 wd", "-1d", "5y", "10001d"] {
        assert!(bad.parse::<Limit>().is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn a_day_of_any_date_reads_back(days in -100_000i64..100_000) {
        let (year, month, day) = Day(days).date();
        prop_assert_eq!(Day::of(year, month, day), (year > 0).then_some(Day(days)));
    }

    #[test]
    fn time_counted_adds_up_and_ends_at_the_first_moment(
        start in 0i64..900_000_000, first in 0i64..4_000_000, second in 0i64..4_000_000, by_hours: bool, n in 0i64..800_000
    ) {
        let (calendar, hours) = (Calendar::china().unwrap(), office());
        let work = WorkTime { calendar: &calendar, hours: by_hours.then_some(&hours) };
        // Seconds from 2016 on.
        let s = Micros::SECOND;
        let a = Micros((1_451_606_400 + start % 340_000_000) * s);
        let (b, c) = (a.plus(first * s), a.plus((first + second) * s));
        prop_assert_eq!(work.between(a, c), work.between(a, b) + work.between(b, c));
        let end = work.add(a, n * s);
        prop_assert_eq!(work.between(a, end), n * s);
        prop_assert!(n == 0 || work.between(a, Micros(end.0 - 1)) < n * s);
        let pieces = work.pieces(a, c);
        prop_assert_eq!(pieces.iter().map(|(f, t, _)| t.0 - f.0).sum::<i64>(), c.0 - a.0);
        let counted = pieces.iter().filter(|p| p.2.is_none()).map(|(f, t, _)| t.0 - f.0).sum::<i64>();
        prop_assert_eq!(counted, work.between(a, c));
    }
}

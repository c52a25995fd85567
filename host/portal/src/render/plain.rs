//! One value as words and digits alone: for files, comparisons and names of pictures. Masked as on the page.

use super::Painter;
use super::cell::{DATE, DueState, TIME, time};
use crate::shape::{Cell, Due, Point};

/// What a cell holds, kept as a number where it is one.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Plain {
    Empty,
    Words(String),
    Number(f64),
    /// Local time, micros since 1970 as if it were UTC: a sheet knows no zones.
    Time(i64),
    Day(i64),
}

impl Plain {
    pub(crate) fn of(p: &Painter<'_>, cell: &Cell) -> Plain {
        match cell {
            Cell::None => Plain::Empty,
            #[allow(clippy::cast_precision_loss, reason = "sheets hold doubles")]
            Cell::Int(i) | Cell::Duration(i) if i.unsigned_abs() < 1 << 53 => Plain::Number(*i as f64),
            Cell::Num(n) | Cell::Money(n) | Cell::Percent(n) if n.is_finite() => Plain::Number(*n),
            Cell::Time(t) => local(p, *t).map_or_else(|| Plain::Words(words(p, cell)), Plain::Time),
            Cell::Date(t) => local(p, *t).map_or_else(|| Plain::Words(words(p, cell)), Plain::Day),
            _ => Plain::Words(words(p, cell)),
        }
    }
}

fn local(p: &Painter<'_>, micros: i64) -> Option<i64> {
    let at = jiff::Timestamp::from_microsecond(micros).ok()?;
    micros.checked_add(i64::from(p.zone.to_offset(at).seconds()) * 1_000_000)
}

/// As it is read aloud.
pub(super) fn words(p: &Painter<'_>, cell: &Cell) -> String {
    match cell {
        Cell::None => String::new(),
        Cell::Text(t) => p.text(t),
        Cell::Int(i) => i.to_string(),
        Cell::Num(n) => decimal(*n),
        Cell::Flag(b) => p.say(if *b { "core-yes" } else { "core-no" }),
        Cell::Time(t) => time(*t, p.zone, TIME),
        Cell::Date(t) => time(*t, p.zone, DATE),
        Cell::Duration(s) => duration(p, *s),
        Cell::Code(s) | Cell::Status(s) => p.name(s),
        Cell::Level(l) => p.say(&format!("level-{}", (*l).clamp(1, 4))),
        Cell::Due(due) => {
            format!("{} {}", p.say_about(DueState::of(due).key(), &left(p, due)), time(due.limit, p.zone, TIME))
        }
        Cell::Place(place) => match &place.at {
            Some(at) => format!("{} ({})", p.text(&place.label), degrees(at)),
            None => p.text(&place.label),
        },
        Cell::Person(id) => format!("{} #{id}", p.say("core-person")),
        Cell::Money(n) => money(*n),
        Cell::Percent(n) => percent(*n),
        Cell::Tags(tags) => tags.iter().map(|t| p.name(t)).collect::<Vec<_>>().join(", "),
        Cell::Other(named) => p.argument_text(&named.value),
    }
}

pub(super) fn degrees(at: &Point) -> String {
    if at.lon.is_finite() && at.lat.is_finite() { format!("{:.5}, {:.5}", at.lon, at.lat) } else { "–".to_owned() }
}

/// Time left until the limit, or past it.
pub(super) fn left(p: &Painter<'_>, due: &Due) -> String {
    duration(p, due.limit.saturating_sub(due.at).saturating_abs() / 1_000_000)
}

/// The two largest units: a duration of weeks needs no minutes.
pub(super) fn duration(p: &Painter<'_>, seconds: i64) -> String {
    let all = seconds.unsigned_abs();
    let parts = [
        (all / 86_400, "unit-day"),
        (all % 86_400 / 3_600, "unit-hour"),
        (all % 3_600 / 60, "unit-minute"),
        (all % 60, "unit-second"),
    ];
    let from = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    let mut out = String::from(if seconds < 0 { "−" } else { "" });
    for (n, unit) in parts.iter().skip(from).take(2).filter(|(n, _)| *n > 0 || from == 3) {
        if !out.is_empty() && out != "−" {
            out.push(' ');
        }
        out.push_str(&n.to_string());
        out.push(' ');
        p.said(unit, |key| p.voice.say(key), |words| out.push_str(words));
    }
    out
}

/// Digits in groups of three, by a comma as in Chinese and English.
pub(super) fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    if digits.len() < 5 {
        return n.to_string();
    }
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// At most two places, none that say nothing.
pub(super) fn decimal(n: f64) -> String {
    if !n.is_finite() {
        return "–".to_owned();
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked")]
    if n.fract() == 0.0 && n.abs() < 9e15 {
        return grouped(n as i64);
    }
    let s = format!("{n:.2}");
    s.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn money(n: f64) -> String {
    if n.is_finite() { format!("{n:.2}") } else { "–".to_owned() }
}

/// 0.25 is a quarter.
pub(super) fn percent(n: f64) -> String {
    if n.is_finite() { format!("{:.1}%", n * 100.0) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_carry_no_empty_places() {
        assert_eq!(grouped(1_234), "1234");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(decimal(2.50), "2.5");
        assert_eq!(decimal(12_000.0), "12,000");
        assert_eq!(decimal(f64::NAN), "–");
        assert_eq!(percent(0.256), "25.6%");
    }
}

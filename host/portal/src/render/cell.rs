//! One value as people read it.

use super::{Painter, icon, plain};
use crate::shape::{Cell, Due, Place};
use jiff::tz::TimeZone;
use maud::{Markup, html};

pub(crate) const TIME: &str = "%Y-%m-%d %H:%M";
pub(super) const DATE: &str = "%Y-%m-%d";
/// Less time left than this is soon: one day.
const SOON: i64 = 24 * 3_600 * 1_000_000;

/// Local time; the raw number when it is out of the calendar.
pub(crate) fn time(micros: i64, zone: &TimeZone, format: &str) -> String {
    let Ok(at) = jiff::Timestamp::from_microsecond(micros) else { return micros.to_string() };
    let local = zone.to_datetime(at);
    // A table has hundreds of these: the two usual ones are written without reading a format.
    match format {
        TIME => {
            let (h, m) = (local.hour(), local.minute());
            format!("{:04}-{:02}-{:02} {h:02}:{m:02}", local.year(), local.month(), local.day())
        }
        DATE => format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day()),
        other => jiff::fmt::strtime::format(other, &at.to_zoned_datetime(zone.clone()))
            .unwrap_or_else(|_| micros.to_string()),
    }
}

pub(super) fn moment(p: &Painter<'_>, micros: i64) -> Markup {
    html! { time datetime=(changzhi_model::Micros(micros).to_rfc3339()) { (time(micros, p.zone, TIME)) } }
}

/// Normal, soon or over, as a word with the time that is left or past, never as a colour alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DueState {
    Within,
    Soon,
    Over,
}

impl DueState {
    pub(super) fn of(due: &Due) -> DueState {
        match due.limit.saturating_sub(due.at) {
            left if left < 0 => DueState::Over,
            left if left <= SOON => DueState::Soon,
            _ => DueState::Within,
        }
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            DueState::Within => "view-due-within",
            DueState::Soon => "view-due-soon",
            DueState::Over => "view-due-over",
        }
    }
}

fn due(p: &Painter<'_>, due: &Due) -> Markup {
    let state = DueState::of(due);
    let (class, level) = match state {
        DueState::Within => ("due", 4),
        DueState::Soon => ("due soon", 2),
        DueState::Over => ("due over", 1),
    };
    html! {
        span class=(class) {
            (icon::level_shape(level)) (p.say_about(state.key(), &plain::left(p, due)))
            " " small.muted { (time(due.limit, p.zone, TIME)) }
        }
    }
}

fn place(p: &Painter<'_>, place: &Place) -> Markup {
    html! {
        (p.text(&place.label))
        @if let Some(at) = &place.at { " " small.muted { (plain::degrees(at)) } }
    }
}

/// The number of a statistic, split so that the figure is large and its unit is not.
pub(super) fn paint(p: &Painter<'_>, cell: &Cell) -> Markup {
    match cell {
        Cell::None => html! { span.muted { "–" } },
        Cell::Text(t) => html! { (p.text(t)) },
        Cell::Int(i) => html! { span.num { (plain::grouped(*i)) } },
        Cell::Num(n) => html! { span.num { (plain::decimal(*n)) } },
        Cell::Flag(b) => html! { (p.say(if *b { "core-yes" } else { "core-no" })) },
        Cell::Time(t) => moment(p, *t),
        Cell::Date(t) => {
            let day = time(*t, p.zone, DATE);
            html! { time datetime=(day) { (day) } }
        }
        Cell::Duration(s) => html! { span.num { (plain::duration(p, *s)) } },
        Cell::Code(code) => html! { (p.name(code)) },
        Cell::Status(state) => html! { span.status { (p.name(state)) } },
        Cell::Level(l) => icon::level(p, *l),
        Cell::Due(it) => due(p, it),
        Cell::Place(it) => place(p, it),
        // Who it is stays masked here: opening a person is a look of its own.
        Cell::Person(id) => html! { span.person { (p.say("core-person")) " #" (id) } },
        Cell::Money(n) => html! { span.num { "¥" (plain::money(*n)) } },
        Cell::Percent(n) => html! { span.num { (plain::percent(*n)) } },
        Cell::Tags(tags) => html! { @for t in tags { span.tag { (p.name(t)) } " " } },
        Cell::Other(named) => html! { (p.argument_text(&named.value)) },
    }
}

impl Painter<'_> {
    /// A bare value in words.
    pub(super) fn argument_text(&self, value: &crate::shape::Value) -> String {
        use fluent_bundle::FluentValue;
        match self.argument(value) {
            FluentValue::String(s) => s.into_owned(),
            FluentValue::Number(n) => n.as_string().into_owned(),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local_and_the_quick_ones_are_as_the_slow_ones() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(time(1_795_396_800_000_000, &zone, TIME), "2026-11-23 09:20");
        for micros in [0, -1, 1_795_396_800_000_000, 253_402_000_000_000_000, -60_000_000_000_000_000] {
            assert_eq!(time(micros, &zone, TIME), time(micros, &zone, "%04Y-%m-%d %H:%M"), "{micros}");
            assert_eq!(time(micros, &zone, DATE), time(micros, &zone, "%04Y-%m-%d"), "{micros}");
        }
        assert_eq!(time(i64::MAX, &zone, TIME), i64::MAX.to_string());
    }
}

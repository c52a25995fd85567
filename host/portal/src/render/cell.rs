//! One value as people read it.
//!
//! A table of a page holds thousands of values, so the usual kinds are written where they stand ([`Shown`]): a string of its own
//! for each would cost more than its words. Every text still goes through maud's escape.

use super::{Painter, icon, plain};
use crate::shape::{Cell, Due, Place, Text};
use jiff::tz::TimeZone;
use maud::{Markup, Render, html};

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
        TIME | DATE if local.year() >= 0 => {
            let mut out = String::with_capacity(16);
            digits(&mut out, local.year() / 100, '\0');
            digits(&mut out, local.year() % 100, '-');
            digits(&mut out, local.month().into(), '-');
            digits(&mut out, local.day().into(), '\0');
            if format == TIME {
                out.push(' ');
                digits(&mut out, local.hour().into(), ':');
                digits(&mut out, local.minute().into(), '\0');
            }
            out
        }
        other => jiff::fmt::strtime::format(other, &at.to_zoned_datetime(zone.clone()))
            .unwrap_or_else(|_| micros.to_string()),
    }
}

/// Two digits and what follows them, if anything does.
fn digits(out: &mut String, n: i16, after: char) {
    let digit = |n: i16| char::from(b'0' + u8::try_from(n % 10).unwrap_or(0));
    out.push(digit(n / 10));
    out.push(digit(n));
    if after != '\0' {
        out.push(after);
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

/// A value as markup.
pub(super) struct Shown<'a>(pub(super) &'a Painter<'a>, pub(super) &'a Cell);

impl Render for Shown<'_> {
    fn render_to(&self, out: &mut String) {
        let Shown(p, cell) = *self;
        let number = |out: &mut String, digits: &str| {
            out.push_str("<span class=\"num\">");
            digits.render_to(out);
            out.push_str("</span>");
        };
        match cell {
            Cell::Text(Text::Plain(words)) => words.render_to(out),
            Cell::Text(message) => p.text(message).render_to(out),
            Cell::Int(i) => number(out, &plain::grouped(*i)),
            Cell::Num(n) => number(out, &plain::decimal(*n)),
            Cell::Percent(n) => number(out, &plain::percent(*n)),
            Cell::Duration(s) => number(out, &plain::duration(p, *s)),
            Cell::Code(code) => p.name_to(code, out),
            Cell::Status(state) => {
                out.push_str("<span class=\"status\">");
                p.name_to(state, out);
                out.push_str("</span>");
            }
            Cell::Level(level) => icon::level_to(p, *level, out),
            Cell::Due(it) => due(p, it, out),
            Cell::Time(t) => {
                out.push_str("<time datetime=\"");
                changzhi_model::Micros(*t).to_rfc3339().render_to(out);
                out.push_str("\">");
                time(*t, p.zone, TIME).render_to(out);
                out.push_str("</time>");
            }
            rare => seldom(p, rare).render_to(out),
        }
    }
}

fn due(p: &Painter<'_>, due: &Due, out: &mut String) {
    let state = DueState::of(due);
    let (open, level) = match state {
        DueState::Within => ("<span class=\"due\">", 4),
        DueState::Soon => ("<span class=\"due soon\">", 2),
        DueState::Over => ("<span class=\"due over\">", 1),
    };
    out.push_str(open);
    icon::level_shape(level).render_to(out);
    p.say_about(state.key(), &plain::left(p, due)).render_to(out);
    out.push_str(" <small class=\"muted\">");
    time(due.limit, p.zone, TIME).render_to(out);
    out.push_str("</small></span>");
}

fn place(p: &Painter<'_>, place: &Place) -> Markup {
    html! {
        (p.text(&place.label))
        @if let Some(at) = &place.at { " " small.muted { (plain::degrees(at)) } }
    }
}

/// Kinds no table is full of.
fn seldom(p: &Painter<'_>, cell: &Cell) -> Markup {
    match cell {
        Cell::None => html! { span.muted { "–" } },
        Cell::Flag(b) => html! { (p.say(if *b { "core-yes" } else { "core-no" })) },
        Cell::Date(t) => {
            let day = time(*t, p.zone, DATE);
            html! { time datetime=(day) { (day) } }
        }
        Cell::Place(it) => place(p, it),
        // Who it is stays masked here: opening a person is a look of its own.
        Cell::Person(id) => html! { span.person { (p.say("core-person")) " #" (id) } },
        Cell::Money(n) => html! { span.num { "¥" (plain::money(*n)) } },
        Cell::Tags(tags) => html! { @for t in tags { span.tag { (p.name(t)) } " " } },
        Cell::Other(named) => html! { (p.argument_text(&named.value)) },
        usual => html! { (Shown(p, usual)) },
    }
}

impl Painter<'_> {
    /// A code, a state, a tag, written where it stands.
    pub(super) fn name_to(&self, key: &str, out: &mut String) {
        self.said(key, |key| self.voice.name(key), |words| words.render_to(out));
    }

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

//! One value as people read it.

use super::Painter;
use crate::shape::{Cell, Place};
use jiff::tz::TimeZone;
use maud::{Markup, html};

pub(crate) const TIME: &str = "%Y-%m-%d %H:%M";
const DATE: &str = "%Y-%m-%d";

/// Local time; the raw number when it is out of the calendar.
pub(crate) fn time(micros: i64, zone: &TimeZone, format: &str) -> String {
    jiff::Timestamp::from_microsecond(micros)
        .ok()
        .and_then(|t| jiff::fmt::strtime::format(format, &t.to_zoned_datetime(zone.clone())).ok())
        .unwrap_or_else(|| micros.to_string())
}

/// Shape, word and colour together: colour alone says nothing to many.
pub(super) fn level(p: &Painter<'_>, level: u8) -> Markup {
    let (class, points) = match level {
        1 => ("level l1", "8,1 15,8 8,15 1,8"),
        2 => ("level l2", "8,1 15,15 1,15"),
        3 => ("level l3", "2,2 14,2 14,14 2,14"),
        _ => ("level l4", "5,1 11,1 15,5 15,11 11,15 5,15 1,11 1,5"),
    };
    html! {
        span class=(class) {
            svg viewBox="0 0 16 16" aria-hidden="true" { polygon points=(points); }
            (p.voice.say(&format!("level-{}", level.clamp(1, 4))))
        }
    }
}

fn place(p: &Painter<'_>, place: &Place) -> Markup {
    let label = p.text(&place.label);
    match &place.at {
        Some(at) => html! { (label) " " span.muted { (format!("{:.5}, {:.5}", at.lon, at.lat)) } },
        None => html! { (label) },
    }
}

fn duration(p: &Painter<'_>, seconds: i64) -> String {
    let (d, h, m) = (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    let mut out = Vec::new();
    for (n, unit) in [(d, "unit-day"), (h, "unit-hour"), (m, "unit-minute")] {
        if n != 0 {
            out.push(format!("{n} {}", p.voice.say(unit)));
        }
    }
    if out.is_empty() { format!("{seconds} {}", p.voice.say("unit-second")) } else { out.join(" ") }
}

pub(super) fn paint(p: &Painter<'_>, cell: &Cell) -> Markup {
    let number = |n: f64, digits: usize| html! { span.num { (format!("{n:.digits$}")) } };
    match cell {
        Cell::None => html! { span.muted { "–" } },
        Cell::Text(t) => html! { (p.text(t)) },
        Cell::Int(i) => html! { span.num { (i) } },
        Cell::Num(n) => html! { span.num { (n) } },
        Cell::Flag(b) => html! { (p.voice.say(if *b { "core-yes" } else { "core-no" })) },
        Cell::Time(t) => html! { time datetime=(changzhi_model::Micros(*t).to_rfc3339()) { (time(*t, p.zone, TIME)) } },
        Cell::Date(t) => html! { time datetime=(time(*t, p.zone, DATE)) { (time(*t, p.zone, DATE)) } },
        Cell::Duration(s) => html! { (duration(p, *s)) },
        Cell::Code(code) => html! { (p.voice.name(code)) },
        Cell::Status(state) => html! { span.status { (p.voice.name(state)) } },
        Cell::Level(l) => level(p, *l),
        Cell::Due(due) => {
            let (class, key) = if due.at > due.limit { ("due over", "due-over") } else { ("due", "due-within") };
            html! { span class=(class) { (p.voice.say(key)) " " (time(due.limit, p.zone, TIME)) } }
        }
        Cell::Place(it) => place(p, it),
        // Who it is stays masked here: opening a person is a look of its own.
        Cell::Person(id) => html! { span.person { (p.voice.say("core-person")) " #" (id) } },
        Cell::Money(n) => html! { "¥" (number(*n, 2)) },
        Cell::Percent(n) => html! { (number(*n, 1)) " %" },
        Cell::Tags(tags) => html! { @for t in tags { span.tag { (p.voice.name(t)) } " " } },
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

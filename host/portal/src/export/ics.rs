//! Appointments of a page as a calendar file (RFC 5545): what a phone or an office's calendar takes in.
//!
//! Times are UTC, so no time zone has to travel with them. The same appointment has the same `UID` for ever and a `SEQUENCE` that grows,
//! so that a calendar moves it instead of showing it twice. What stands in it is what the page says to whoever downloads it: nothing is
//! put beside it.

use crate::render::{APPOINTMENT, Painter};
use crate::shape::{NodeKind, Other, Page, Value};

/// Octets of a line, its end not counted.
const LINE: usize = 75;
/// An appointment that does not say how long it takes.
const MINUTES: i64 = 60;

/// The file; `None`: there is no appointment on the page. `host` tells apart who gave out a `UID`, `now` is micros since 1970.
pub(super) fn write(p: &Painter<'_>, page: &Page, host: &str, now: i64) -> Option<Vec<u8>> {
    let parts = page.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Other(o) if o.kind == APPOINTMENT => event(p, o, host, now),
        _ => None,
    });
    let events: Vec<String> = parts.flatten().collect();
    if events.is_empty() {
        return None;
    }
    let head =
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Changzhi//Portal//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"];
    let lines = head.into_iter().map(str::to_owned).chain(events).chain(["END:VCALENDAR".to_owned()]);
    Some(lines.map(|line| folded(&line)).collect::<String>().into_bytes())
}

fn event(p: &Painter<'_>, o: &Other, host: &str, now: i64) -> Option<Vec<String>> {
    let of = |name: &str| o.attributes.iter().find(|a| a.name == name).map(|a| &a.value);
    let text = |name: &str| match of(name) {
        Some(Value::Text(text)) => Some(text.as_str()).filter(|t| !t.trim().is_empty()),
        _ => None,
    };
    let int = |name: &str| match of(name) {
        Some(Value::Int(n)) => Some(*n),
        _ => None,
    };
    let Some(Value::Time(at)) = of("at") else { return None };
    let minutes = int("minutes").unwrap_or(MINUTES).clamp(1, 24 * 60);
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", escaped(text("uid")?), host.trim_start_matches("https://").trim_start_matches("http://")),
        format!("DTSTAMP:{}", utc(now)),
        format!("DTSTART:{}", utc(*at)),
        format!("DTEND:{}", utc(at.saturating_add(minutes * 60_000_000))),
        format!("SEQUENCE:{}", int("sequence").unwrap_or(0).max(0)),
        format!("SUMMARY:{}", escaped(&p.text(&o.fallback))),
    ];
    lines.extend(text("place").map(|place| format!("LOCATION:{}", escaped(place))));
    // A page of the host itself and nothing else.
    lines.push(format!("URL:{host}{}", p.here.address()));
    lines.push("STATUS:CONFIRMED".to_owned());
    lines.push("END:VEVENT".to_owned());
    Some(lines)
}

fn utc(micros: i64) -> String {
    crate::render::time(micros, &jiff::tz::TimeZone::UTC, "%Y%m%dT%H%M%SZ")
}

/// A TEXT value: nothing in it can end the line or begin another property.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Cut after 75 octets, never within a character; every further line begins with a space.
fn folded(line: &str) -> String {
    let (mut out, mut length) = (String::with_capacity(line.len() + 8), 0);
    for c in line.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_between_characters_and_no_text_begins_a_property() {
        let line = format!("SUMMARY:{}", "调解会议".repeat(30));
        let cut = folded(&line);
        assert!(cut.split("\r\n").all(|l| l.len() <= LINE), "{cut}");
        assert_eq!(cut.replace("\r\n ", "").trim_end(), line);
        assert_eq!(escaped("a;b,c\\d\nATTENDEE:x\r"), "a\\;b\\,c\\\\d\\nATTENDEE:x");
        assert_eq!(utc(1_767_225_600_000_000), "20260101T000000Z");
    }
}

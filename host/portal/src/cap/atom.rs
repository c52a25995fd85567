//! The index as Atom (RFC 4287): what is in force, newest first.

use crate::rows::{Line, escape};
use changzhi_model::Micros;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// Where it is served, in whose name, and by which clock.
pub(super) struct Feed<'a> {
    pub(super) base: &'a str,
    pub(super) title: &'a str,
    pub(super) zone: &'a TimeZone,
}

impl Feed<'_> {
    pub(super) fn document(&self, lines: &[Line]) -> String {
        let newest = lines.iter().filter_map(|l| l.time("sent")).max().unwrap_or(Micros(0));
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"zh-CN\">\n",
        );
        let this = format!("{}/cap/index.atom", self.base);
        leaf(&mut out, "id", &this);
        leaf(&mut out, "title", &format!("{} · 公共预警 Public alerts", self.title));
        leaf(&mut out, "updated", &self.date(newest));
        out.push_str("<author>");
        leaf(&mut out, "name", self.title);
        out.push_str("</author>\n");
        link(&mut out, "self", "application/atom+xml", &this);
        lines.iter().for_each(|line| self.entry(line, &mut out));
        out.push_str("</feed>\n");
        out
    }

    fn entry(&self, line: &Line, out: &mut String) {
        let Some((identifier, sent)) = line.text("identifier").zip(line.time("sent")) else { return };
        let address = |ending: &str| format!("{}/cap/{identifier}.{ending}", self.base);
        let title = line.text("title").unwrap_or_default();
        out.push_str("<entry>\n");
        leaf(out, "id", &address("xml"));
        leaf(out, "title", &format!("{}{title}", mark(line)));
        leaf(out, "updated", &self.date(sent));
        leaf(out, "published", &self.date(sent));
        if let Some(event) = line.text("event") {
            out.push_str("<category term=\"");
            escape(&event, out);
            out.push_str("\"/>\n");
        }
        link(out, "alternate", "application/cap+xml", &address("xml"));
        link(out, "related", "application/geo+json", &address("geojson"));
        out.push_str("<summary type=\"text\">");
        escape(&title, out);
        out.push_str("</summary>\n</entry>\n");
    }

    fn date(&self, at: Micros) -> String {
        let at =
            Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned_datetime(self.zone.clone());
        at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// A reader of the index alone must not take an exercise for an alert.
fn mark(line: &Line) -> &'static str {
    match line.text("status").as_deref() {
        Some("status-exercise") => "【演练 EXERCISE】",
        Some("status-test") => "【测试 TEST】",
        _ => "",
    }
}

fn leaf(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>");
    escape(text, out);
    let _ = writeln!(out, "</{name}>");
}

fn link(out: &mut String, rel: &str, kind: &str, href: &str) {
    let _ = write!(out, "<link rel=\"{rel}\" type=\"{kind}\" href=\"");
    escape(href, out);
    out.push_str("\"/>\n");
}

//! Events as they stand on the wire.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use changzhi_model::Seq;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write;

/// `event`, its data as JSON on one line, and an id for those that a reader may come back to.
fn frame(event: &str, id: Option<&str>, data: &Value) -> Bytes {
    let id = id.map_or(String::new(), |id| format!("id: {id}\n"));
    // JSON has no line breaks of its own outside strings, and escapes those inside.
    format!("{id}event: {event}\ndata: {data}\n\n").into()
}

/// Shorter markup is not packed: the packing would be as long.
const WORTH_PACKING: usize = 1_024;

/// How a section's markup stands in its event.
#[derive(Clone, Copy)]
pub(super) enum Markup<'a> {
    Plain(&'a str),
    /// As [`packed`] makes it.
    Packed(&'a str),
}

/// Gzip in base64, for browsers that can unpack it: a list of alarms is a sixth of its length. `None` where that brings nothing.
pub(super) fn packed(html: &str) -> Option<String> {
    if html.len() < WORTH_PACKING {
        return None;
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let whole = gzip.write_all(html.as_bytes()).and_then(|()| gzip.finish()).ok()?;
    let packed = STANDARD.encode(whole);
    (packed.len() < html.len()).then_some(packed)
}

/// A section as it is now, said as the `number`th thing of all that was said since the host began as `boot`.
pub(super) fn html(boot: &str, number: u64, topic: &str, section: &str, rev: Seq, markup: Markup<'_>) -> Bytes {
    let (name, value) = match markup {
        Markup::Plain(html) => ("html", html),
        Markup::Packed(packed) => ("z", packed),
    };
    let data = json!({"topic": topic, "id": section, "n": number, "rev": rev.0, name: value});
    frame("html", Some(&format!("{boot}-{number}")), &data)
}

pub(super) fn alarm(topic: &str, section: &str, key: &str, level: u8, title: &str) -> Bytes {
    frame("alarm", None, &json!({"topic": topic, "id": section, "key": key, "level": level, "title": title}))
}

pub(super) fn resync(topic: Option<&str>) -> Bytes {
    frame("resync", None, &json!({"topic": topic}))
}

pub(super) fn auth(topic: Option<&str>) -> Bytes {
    frame("auth", None, &json!({"topic": topic}))
}

pub(super) fn beat(rev: Seq) -> Bytes {
    frame("beat", None, &json!({"rev": rev.0}))
}

/// The first thing said. `retry`: milliseconds until the browser comes back by itself.
pub(super) fn hello(build: &str, boot: &str) -> Bytes {
    let build = frame("build", None, &json!({"build": build, "boot": boot}));
    [b"retry: 2000\n".as_slice(), &build].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn an_event_is_one_line_of_data_whatever_is_in_it() {
        let evil = "<p>\n\r\u{2028}data: evil\n\nevent: auth</p>";
        let bytes = html("7", 1, "/p/x/y", "s-list", Seq(9), Markup::Plain(evil));
        let text = std::str::from_utf8(&bytes).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert_eq!((lines[0], lines[1], lines[3], lines[4]), ("id: 7-1", "event: html", "", ""));
        let data: Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["rev"], 9);
        assert!(data["html"].as_str().unwrap().contains("\n\nevent: auth"));
        assert!(!text.contains('\r'));
    }

    #[test]
    fn a_long_section_is_packed_and_a_short_one_is_not() {
        let long = "<tr><td>医院 3F</td></tr>".repeat(200);
        let packed = super::packed(&long).unwrap();
        assert!(packed.len() * 6 < long.len(), "{} of {}", packed.len(), long.len());
        let bytes = html("7", 1, "/p/x/y", "s-list", Seq(9), Markup::Packed(&packed));
        let line = std::str::from_utf8(&bytes).unwrap().lines().nth(2).unwrap();
        let data: Value = serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap();
        let gzip = STANDARD.decode(data["z"].as_str().unwrap()).unwrap();
        let mut back = String::new();
        flate2::read::GzDecoder::new(gzip.as_slice()).read_to_string(&mut back).unwrap();
        assert_eq!((back, &data["html"]), (long, &Value::Null));
        assert_eq!(super::packed("<p>short</p>"), None);
    }
}

//! Events as they stand on the wire.

use bytes::Bytes;
use changzhi_model::Seq;
use serde_json::{Value, json};

/// `event`, its data as JSON on one line, and an id for those that a reader may come back to.
fn frame(event: &str, id: Option<&str>, data: &Value) -> Bytes {
    let id = id.map_or(String::new(), |id| format!("id: {id}\n"));
    // JSON has no line breaks of its own outside strings, and escapes those inside.
    format!("{id}event: {event}\ndata: {data}\n\n").into()
}

/// A section as it is now, said as the `number`th thing of all that was said since the host began as `boot`.
pub(super) fn html(boot: &str, number: u64, topic: &str, section: &str, rev: Seq, html: &str) -> Bytes {
    let data = json!({"topic": topic, "id": section, "n": number, "rev": rev.0, "html": html});
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

    #[test]
    fn an_event_is_one_line_of_data_whatever_is_in_it() {
        let bytes = html("7", 1, "/p/x/y", "s-list", Seq(9), "<p>\n\r\u{2028}data: evil\n\nevent: auth</p>");
        let text = std::str::from_utf8(&bytes).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert_eq!((lines[0], lines[1], lines[3], lines[4]), ("id: 7-1", "event: html", "", ""));
        let data: Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["rev"], 9);
        assert!(data["html"].as_str().unwrap().contains("\n\nevent: auth"));
        assert!(!text.contains('\r'));
    }
}

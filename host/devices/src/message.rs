//! The shape of what comes over MQTT; pure.
//!
//! ```text
//! topic     PREFIX/SITE/DEVICE/press   or …/alive
//! payload   SIGNATURE JSON             64 hexadecimal digits, one blank, the rest as it was signed
//! signed    the topic, a line feed, the JSON: HMAC-SHA256 under the characters of the device's secret
//! JSON      {"id": "17", "pressed": "2026-01-01T08:00:00Z" or 1767254400, "category": "fire", "battery": 83}     each as it has it
//! ```

use crate::door::Says;
use changzhi_model::Micros;
use serde_json::Value;

/// Bytes of a payload; a press has some 150.
pub(crate) const LARGEST: usize = 1_024;
/// Hexadecimal digits of a signature.
const SIGNATURE: usize = 64;
/// Characters of an `id` that are told back.
const ID: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Press,
    Alive,
}

impl Kind {
    pub(crate) const ALL: [Kind; 2] = [Kind::Press, Kind::Alive];

    /// The last level of the topic.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::Press => "press",
            Kind::Alive => "alive",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Topic<'a> {
    /// What the people of the broker sort by: the host asks nothing of it.
    pub(crate) site: &'a str,
    pub(crate) device: &'a str,
    pub(crate) kind: Kind,
}

impl<'a> Topic<'a> {
    pub(crate) fn read(prefix: &str, topic: &'a str) -> Option<Topic<'a>> {
        let mut levels = topic.strip_prefix(prefix)?.strip_prefix('/')?.split('/');
        let (site, device, last) = (levels.next()?, levels.next()?, levels.next()?);
        let kind = Kind::ALL.into_iter().find(|k| k.name() == last)?;
        let whole = levels.next().is_none() && !site.is_empty() && !device.is_empty();
        whole.then_some(Topic { site, device, kind })
    }

    /// Where the device is told what became of it.
    pub(crate) fn ack(&self, prefix: &str) -> String {
        format!("{prefix}/{}/{}/ack", self.site, self.device)
    }
}

/// A payload, opened: what signs, and what is signed beside the topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) signature: &'a str,
    said: &'a [u8],
}

impl<'a> Letter<'a> {
    pub(crate) fn read(payload: &'a [u8]) -> Option<Letter<'a>> {
        let (signature, rest) = payload.split_at_checked(SIGNATURE)?;
        let signature = std::str::from_utf8(signature).ok().filter(|s| s.bytes().all(|b| b.is_ascii_hexdigit()))?;
        Some(Letter { signature, said: rest.strip_prefix(b" ")? })
    }

    /// What the signature is of.
    pub(crate) fn signed(&self, topic: &str) -> Vec<u8> {
        [topic.as_bytes(), b"\n", self.said].concat()
    }
}

/// What a device says of itself. Whatever does not read is not there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Said {
    pub(crate) id: Option<String>,
    pressed: Option<String>,
    category: Option<String>,
    battery: Option<i64>,
}

impl Said {
    pub(crate) fn read(letter: &Letter<'_>) -> Said {
        let Ok(Value::Object(json)) = serde_json::from_slice(letter.said) else { return Said::default() };
        let text = |name: &str| json.get(name).and_then(Value::as_str);
        let whole = |name: &str| json.get(name).and_then(Value::as_i64);
        let id = text("id").map(str::to_owned).or_else(|| whole("id").map(|n| n.to_string()));
        // A device with little room says its time in seconds since 1970.
        let seconds = || whole("pressed").and_then(|s| s.checked_mul(Micros::SECOND)).map(|at| Micros(at).to_rfc3339());
        Said {
            id: id.map(|id| id.chars().filter(|c| !c.is_control()).take(ID).collect()),
            pressed: text("pressed").map(str::to_owned).or_else(seconds),
            category: text("category").map(str::to_owned),
            battery: whole("battery").filter(|b| (0..=100).contains(b)),
        }
    }

    pub(crate) fn says(self, kind: Kind) -> Says {
        match kind {
            Kind::Press => Says::Pressed { pressed: self.pressed, category: self.category },
            Kind::Alive => Says::Alive { battery: self.battery },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_has_a_site_a_device_and_a_kind_and_nothing_more() {
        let topic = Topic::read("changzhi", "changzhi/north/A-302/press").unwrap();
        assert_eq!((topic.site, topic.device, topic.kind), ("north", "A-302", Kind::Press));
        assert_eq!(topic.ack("changzhi"), "changzhi/north/A-302/ack");
        assert_eq!(Topic::read("a/b", "a/b/s/d/alive").unwrap().kind, Kind::Alive);
        let wrong = ["", "changzhi", "changzhi/n/d", "changzhi/n/d/ack", "changzhi/n/d/press/x", "changzhi//d/press"];
        for topic in wrong.into_iter().chain(["changzhi/n//press", "changzhix/n/d/press", "other/n/d/press"]) {
            assert_eq!(Topic::read("changzhi", topic), None, "{topic}");
        }
    }

    #[test]
    fn a_payload_is_a_signature_a_blank_and_what_is_signed_and_garbage_is_none() {
        let signature = "0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789";
        let payload = format!("{signature} {{}}");
        let letter = Letter::read(payload.as_bytes()).unwrap();
        assert_eq!((letter.signature, letter.signed("t").as_slice()), (signature, &b"t\n{}"[..]));
        let blank = format!("{signature} ");
        assert_eq!(Letter::read(blank.as_bytes()).unwrap().signed("t"), b"t\n");
        let (short, other, wide) = (&payload[1..], payload.replace(' ', "_"), "路".repeat(40));
        for wrong in ["", "{}", signature, short, other.as_str(), wide.as_str()] {
            assert_eq!(Letter::read(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(Letter::read(&[0xff; 200]), None);
    }

    fn said(json: &str) -> Said {
        Said::read(&Letter { signature: "", said: json.as_bytes() })
    }

    #[test]
    fn what_does_not_read_is_left_out_and_what_does_is_taken() {
        let whole = said(r#"{"id":"17","pressed":"2026-01-01T08:00:00Z","category":"fire","firmware":3}"#);
        let wanted = Says::Pressed { pressed: Some("2026-01-01T08:00:00Z".into()), category: Some("fire".into()) };
        assert_eq!((whole.id.clone().as_deref(), whole.says(Kind::Press)), (Some("17"), wanted));
        assert_eq!(said(r#"{"pressed":1767254400}"#).pressed, Some(Micros(1_767_254_400_000_000).to_rfc3339()));
        assert_eq!(
            said(r#"{"id":9,"battery":83}"#),
            Said { id: Some("9".into()), battery: Some(83), ..Said::default() }
        );
        for nothing in ["", "[]", "{", "null", r#"{"battery":101,"pressed":[],"category":4,"id":{}}"#] {
            assert_eq!(said(nothing), Said::default(), "{nothing}");
        }
        assert_eq!(said(&format!(r#"{{"id":"{}"}}"#, "x".repeat(500))).id.unwrap().len(), ID);
        assert_eq!(said(r#"{"pressed":9223372036854775807}"#).pressed, None);
    }
}

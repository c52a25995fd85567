//! What browsers may say to each other, and how it stands on the wire. SDP and candidates are passed on as they are and read by no
//! part of the host: only their size, their beginning and their shape are looked at.

use super::peer::PeerId;
use bytes::Bytes;
use changzhi_model::EntityId;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Bytes of a session description: a browser with every codec needs some eight thousand.
const SDP_MAX: usize = 24 << 10;
const CANDIDATE_MAX: usize = 1 << 10;
const WORD_MAX: usize = 256;

/// A message of a browser.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Signal {
    pub(super) peer: PeerId,
    pub(super) to: Option<PeerId>,
    pub(super) say: Say,
}

/// Joining says nothing.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {}

/// Who leaves.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Leave {
    pub(super) peer: PeerId,
}

/// All there is to say.
#[derive(Deserialize, Serialize, Clone, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(super) enum Say {
    /// To the host: still here.
    Here,
    /// A session description that asks for a connection, and the one that answers it.
    Offer(String),
    Answer(String),
    /// An address to be reached by.
    Candidate(Candidate),
    /// What is on: a frozen picture says nothing of that.
    Shows(Shows),
}

/// As `RTCIceCandidate.toJSON` has it.
#[derive(Deserialize, Serialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Candidate {
    candidate: String,
    sdp_mid: Option<String>,
    sdp_m_line_index: Option<u16>,
    username_fragment: Option<String>,
}

#[derive(Deserialize, Serialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Shows {
    camera: bool,
    microphone: bool,
}

impl Say {
    /// What is wrong with it, if anything is.
    pub(super) fn wrong(&self) -> Option<&'static str> {
        let word = |w: &Option<String>| w.as_ref().is_none_or(|w| w.len() <= WORD_MAX);
        match self {
            Say::Offer(sdp) | Say::Answer(sdp) if sdp.len() > SDP_MAX || !sdp.starts_with("v=0") => {
                Some("the session description is none, or longer than 24 KiB")
            }
            // An empty one says that there are no more.
            Say::Candidate(c) => {
                let fits = c.candidate.is_empty() || c.candidate.starts_with("candidate:");
                let short = c.candidate.len() <= CANDIDATE_MAX && word(&c.sdp_mid) && word(&c.username_fragment);
                (!fits || !short).then_some("the candidate is none, or longer than 1 KiB")
            }
            Say::Here | Say::Offer(_) | Say::Answer(_) | Say::Shows(_) => None,
        }
    }
}

/// Why a stream is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Over {
    /// Not a member any more, or signed out.
    Member,
    /// The same person joined from elsewhere.
    Elsewhere,
    /// Nothing was heard.
    Silent,
    /// Too much waits: join again.
    Behind,
    /// The host stops.
    Stop,
    /// It left by itself.
    Left,
}

/// An event; what it says is one line of JSON whatever is in it.
fn frame(name: &str, data: &serde_json::Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}

pub(super) fn came(peer: &PeerId, account: EntityId) -> Bytes {
    frame("came", &json!({"peer": peer, "account": account.0}))
}

pub(super) fn left(peer: &PeerId) -> Bytes {
    frame("left", &json!({"peer": peer}))
}

pub(super) fn said(from: &PeerId, say: &Say) -> Bytes {
    frame("said", &json!({"from": from, "say": say}))
}

pub(super) fn beat() -> Bytes {
    frame("beat", &json!({}))
}

pub(super) fn over(why: Over) -> Bytes {
    let why = match why {
        Over::Member => "member",
        Over::Elsewhere => "elsewhere",
        Over::Silent => "silent",
        Over::Behind => "behind",
        Over::Stop => "stop",
        Over::Left => "left",
    };
    frame("over", &json!({"why": why}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Say> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn only_known_shapes_read() {
        assert_eq!(read(r#""here""#), Some(Say::Here));
        assert_eq!(read(r#"{"offer":"v=0\r\n"}"#).unwrap().wrong(), None);
        let candidate = r#"{"candidate":{"candidate":"candidate:1 1 udp 1 a 1 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":null}}"#;
        let say = read(candidate).unwrap();
        assert_eq!(say.wrong(), None);
        assert_eq!(serde_json::to_string(&say).unwrap(), candidate, "passed on as it came");
        for evil in [
            r#"{"offer":{"sdp":"v=0"}}"#,
            r#"{"offer":"v=0","answer":"v=0"}"#,
            r#"{"run":"alert(1)"}"#,
            r#"{"shows":{"camera":true}}"#,
            r#"{"shows":{"camera":true,"microphone":1}}"#,
            r#"{"candidate":{"candidate":"candidate:","extra":1}}"#,
            r#"{"candidate":{"candidate":"candidate:","sdpMLineIndex":-1}}"#,
            "[]",
            "null",
            "{}",
            "1",
            r#""offer""#,
        ] {
            assert_eq!(read(evil), None, "{evil}");
        }
    }

    #[test]
    fn what_is_too_long_or_begins_otherwise_is_refused() {
        assert!(Say::Offer("<script>".into()).wrong().is_some());
        assert!(Say::Answer(format!("v=0{}", "x".repeat(SDP_MAX))).wrong().is_some());
        let one =
            |candidate: String| Candidate { candidate, sdp_mid: None, sdp_m_line_index: None, username_fragment: None };
        assert!(Say::Candidate(one("a".into())).wrong().is_some());
        assert!(Say::Candidate(one(format!("candidate:{}", "x".repeat(CANDIDATE_MAX)))).wrong().is_some());
        let long = Candidate { sdp_mid: Some("x".repeat(WORD_MAX + 1)), ..one(String::new()) };
        assert!(Say::Candidate(long).wrong().is_some() && Say::Candidate(one(String::new())).wrong().is_none());
    }

    #[test]
    fn an_event_is_one_line_of_data_whatever_is_said() {
        let text = said(&PeerId::new(), &Say::Offer("v=0\r\n\ndata: evil\n\nevent: over".into()));
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(text.lines().filter(|l| !l.is_empty()).count(), 2, "{text}");
    }
}

//! A refusal, as a line a test compares.

use changzhi_gate::GateRefusal;
use changzhi_model::{Problem, Refusal, Text};
use std::fmt;

/// Who refused and why: `invalid: reason: reason-needed`, `denied: checker-is-fixer`, `role: …`. Messages are shown by their
/// key, texts as they are. The first word is the refusal's case, or the gate's code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(String);

impl Refused {
    pub(crate) fn by_plugin(refusal: &Refusal) -> Refused {
        Refused(match refusal {
            Refusal::Denied(why) => format!("denied: {}", text(why)),
            Refusal::Invalid(all) => format!("invalid: {}", problems(all)),
            Refusal::Conflict(why) => format!("conflict: {}", text(why)),
            Refusal::NotFound(what) => format!("not-found: {}", text(what)),
            Refusal::Other(why) => format!("other: {}", text(why)),
        })
    }

    pub(crate) fn by_gate(refusal: &GateRefusal) -> Refused {
        Refused(match refusal {
            GateRefusal::Invalid(all) => format!("invalid: {}", problems(all)),
            other => format!("{}: {other}", other.code()),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The word before the first colon.
    pub fn kind(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<&str> for Refused {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

fn problems(all: &[Problem]) -> String {
    all.iter().map(|p| format!("{}: {}", p.field, text(&p.message))).collect::<Vec<_>>().join("; ")
}

fn text(text: &Text) -> &str {
    match text {
        Text::Plain(words) => words,
        Text::Msg(message) => &message.key,
    }
}

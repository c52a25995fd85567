//! One alert, whatever version it was read from.

use crate::geometry::{Circle, Ring};
use crate::moment::Moment;
use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($case:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($case),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$case),+];

            /// The word of the standard.
            pub const fn word(self) -> &'static str {
                match self { $($name::$case => $word),+ }
            }

            /// The exact word, as the schema has it.
            pub fn parse(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|w| w.word() == word)
            }

            /// The word in small letters, as codes are.
            pub fn code(self) -> String {
                self.word().to_ascii_lowercase()
            }

            pub fn of_code(code: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|w| w.word().eq_ignore_ascii_case(code))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! { Version { V1_0 = "1.0", V1_1 = "1.1", V1_2 = "1.2" } }
words! { Status { Actual = "Actual", Exercise = "Exercise", System = "System", Test = "Test", Draft = "Draft" } }
words! { MsgType { Alert = "Alert", Update = "Update", Cancel = "Cancel", Ack = "Ack", Error = "Error" } }
words! { Scope { Public = "Public", Restricted = "Restricted", Private = "Private" } }
words! {
    Category {
        Geo = "Geo", Met = "Met", Safety = "Safety", Security = "Security", Rescue = "Rescue", Fire = "Fire", Health = "Health",
        Env = "Env", Transport = "Transport", Infra = "Infra", Cbrne = "CBRNE", Other = "Other",
    }
}
words! {
    Response {
        Shelter = "Shelter", Evacuate = "Evacuate", Prepare = "Prepare", Execute = "Execute", Avoid = "Avoid",
        Monitor = "Monitor", Assess = "Assess", AllClear = "AllClear", None = "None",
    }
}
words! { Urgency { Immediate = "Immediate", Expected = "Expected", Future = "Future", Past = "Past", Unknown = "Unknown" } }
words! { Severity { Extreme = "Extreme", Severe = "Severe", Moderate = "Moderate", Minor = "Minor", Unknown = "Unknown" } }
words! {
    /// `Very Likely` of CAP 1.0 is read as `Likely`, as CAP 1.1 asks for.
    Certainty { Observed = "Observed", Likely = "Likely", Possible = "Possible", Unlikely = "Unlikely", Unknown = "Unknown" }
}

impl Version {
    pub const fn namespace(self) -> &'static str {
        match self {
            Version::V1_0 => "http://www.incident.com/cap/1.0",
            Version::V1_1 => "urn:oasis:names:tc:emergency:cap:1.1",
            Version::V1_2 => "urn:oasis:names:tc:emergency:cap:1.2",
        }
    }
}

/// One message. Texts have no blanks around them; an empty optional element is as good as none.
#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    /// The version it was read from. It is always written as 1.2.
    pub version: Version,
    pub identifier: String,
    pub sender: String,
    pub sent: Moment,
    pub status: Status,
    pub message: MsgType,
    pub source: Option<String>,
    pub scope: Scope,
    pub restriction: Option<String>,
    pub addresses: Option<String>,
    pub codes: Vec<String>,
    pub note: Option<String>,
    pub references: Vec<Reference>,
    pub incidents: Option<String>,
    pub infos: Vec<Info>,
}

impl Alert {
    /// How other messages name this one.
    pub fn reference(&self) -> Reference {
        Reference { sender: self.sender.clone(), identifier: self.identifier.clone(), sent: Some(self.sent) }
    }
}

/// `sender,identifier,sent`; CAP 1.0 has no date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    pub sender: String,
    pub identifier: String,
    pub sent: Option<Moment>,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},", self.sender, self.identifier)?;
        self.sent.map_or(Ok(()), |sent| write!(f, "{sent}"))
    }
}

/// What is said, in one language.
#[derive(Clone, PartialEq, Debug)]
pub struct Info {
    /// RFC 3066; `en-US` when the message does not say.
    pub language: String,
    pub categories: Vec<Category>,
    pub event: String,
    pub responses: Vec<Response>,
    pub urgency: Urgency,
    pub severity: Severity,
    pub certainty: Certainty,
    pub audience: Option<String>,
    pub event_codes: Vec<Pair>,
    pub effective: Option<Moment>,
    pub onset: Option<Moment>,
    pub expires: Option<Moment>,
    pub sender_name: Option<String>,
    pub headline: Option<String>,
    pub description: Option<String>,
    pub instruction: Option<String>,
    pub web: Option<String>,
    pub contact: Option<String>,
    pub parameters: Vec<Pair>,
    pub resources: Vec<Resource>,
    pub areas: Vec<Area>,
}

impl Info {
    /// With what an info must have, and nothing else.
    pub fn new(language: &str, category: Category, event: &str) -> Info {
        Info {
            language: language.to_owned(),
            categories: vec![category],
            event: event.to_owned(),
            responses: Vec::new(),
            urgency: Urgency::Unknown,
            severity: Severity::Unknown,
            certainty: Certainty::Unknown,
            audience: None,
            event_codes: Vec::new(),
            effective: None,
            onset: None,
            expires: None,
            sender_name: None,
            headline: None,
            description: None,
            instruction: None,
            web: None,
            contact: None,
            parameters: Vec::new(),
            resources: Vec::new(),
            areas: Vec::new(),
        }
    }
}

/// `valueName` and `value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    pub name: String,
    pub value: String,
}

impl Pair {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Pair {
        Pair { name: name.into(), value: value.into() }
    }
}

/// A file that goes with it. What lies behind `uri` is never fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    pub desc: String,
    /// Required in CAP 1.2.
    pub mime: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    pub uri: Option<String>,
    pub deref_uri: Option<String>,
    pub digest: Option<String>,
}

/// Where it holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Area {
    pub desc: String,
    pub polygons: Vec<Ring>,
    pub circles: Vec<Circle>,
    pub geocodes: Vec<Pair>,
    /// Feet above sea level, as it was written.
    pub altitude: Option<String>,
    pub ceiling: Option<String>,
    /// Polygons and circles that are none: kept, so that somebody sees there is a gap. Never written.
    pub unread: Vec<String>,
}

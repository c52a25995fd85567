//! Checking a body against its declaration.
//!
//! One declaration ([`FieldDecl`]) gives the JSON Schema that is published ([`schema`]), the check of a JSON body
//! ([`parse`]) and the check of a form that was sent without JavaScript ([`parse_form`]). A form is turned into JSON first,
//! so there is one set of rules. What passes is typed, within every limit, and in the declared order; what does not is
//! told completely, one [`Problem`] a fault, so that nobody mends a form one field at a time.
//!
//! Price: a text is walked once more after JSON parsing, to look for control characters.

mod form;
mod parse;
mod schema;

pub use form::{FormError, pairs, parse_form};
pub use parse::parse;
pub use schema::schema;

use crate::{Msg, Name, Named, Problem, Text, Value};

/// More problems than this are not listed: the last one then says that there are more.
pub const PROBLEMS_MAX: usize = 64;

/// Everything that can be wrong with a field. Each case is a message key of the host (`body-…`) with its arguments.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Fault {
    NotObject,
    Unknown,
    Twice,
    Required,
    /// What was expected, in one word that is itself a message key: `type-int`.
    Type(&'static str),
    Empty,
    TooLong {
        limit: u32,
        found: usize,
    },
    /// Position in characters, from 1.
    Control {
        at: usize,
    },
    NotAnOption {
        options: String,
    },
    Below(f64),
    Above(f64),
    Time,
    OffGlobe,
    TooManyFiles(usize),
    LaterVersion,
    More,
}

impl Fault {
    fn problem(self, field: &str) -> Problem {
        let field = field.chars().take(64).collect::<String>();
        let int = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let (key, args) = match self {
            Fault::NotObject => ("body-not-object", vec![]),
            Fault::Unknown => ("body-unknown", vec![]),
            Fault::Twice => ("body-twice", vec![]),
            Fault::Required => ("body-required", vec![]),
            Fault::Type(wanted) => ("body-type", vec![Named::new("wanted", Value::text(wanted))]),
            Fault::Empty => ("body-empty", vec![]),
            Fault::TooLong { limit, found } => {
                ("body-too-long", vec![Named::new("limit", Value::Int(limit.into())), Named::new("found", int(found))])
            }
            Fault::Control { at } => ("body-control", vec![Named::new("at", int(at))]),
            Fault::NotAnOption { options } => ("body-not-an-option", vec![Named::new("options", Value::Text(options))]),
            Fault::Below(n) => ("body-below", vec![Named::new("limit", Value::Num(n))]),
            Fault::Above(n) => ("body-above", vec![Named::new("limit", Value::Num(n))]),
            Fault::Time => ("body-time", vec![]),
            Fault::OffGlobe => ("body-off-globe", vec![]),
            Fault::TooManyFiles(limit) => ("body-too-many-files", vec![Named::new("limit", int(limit))]),
            Fault::LaterVersion => ("body-later-version", vec![]),
            Fault::More => ("body-more", vec![]),
        };
        Problem { field: Name::from(field), message: Text::Msg(Msg { key: key.to_owned(), args }) }
    }
}

/// The problem in one English sentence, for logs and import reports. People in the portal get the message of their
/// language; a plugin's own key is shown as it is.
pub fn explain(problem: &Problem) -> String {
    let field = &problem.field;
    let (key, args) = match &problem.message {
        Text::Plain(s) => return format!("{field}: {s}"),
        Text::Msg(m) => (m.key.as_str(), &m.args),
    };
    let arg = |name: &str| match args.iter().find(|a| a.name == name).map(|a| &a.value) {
        Some(Value::Text(s)) => s.clone(),
        Some(v) => v.to_json().to_string(),
        None => String::new(),
    };
    match key {
        "body-not-object" => "the body must be one JSON object".to_owned(),
        "body-unknown" => format!("{field}: no such field is declared, leave it out"),
        "body-twice" => format!("{field}: was sent twice, send it once"),
        "body-required" => format!("{field}: is required"),
        "body-type" => {
            format!("{field}: must be of type {}", arg("wanted").trim_start_matches("type-"))
        }
        "body-empty" => format!("{field}: must not be empty"),
        "body-too-long" => {
            format!("{field}: has {} bytes, at most {} are allowed", arg("found"), arg("limit"))
        }
        "body-control" => {
            format!("{field}: holds a control character at character {}; only line feed and tab are allowed", arg("at"))
        }
        "body-not-an-option" => format!("{field}: must be one of {}", arg("options")),
        "body-below" => format!("{field}: must be at least {}", arg("limit")),
        "body-above" => format!("{field}: must be at most {}", arg("limit")),
        "body-time" => {
            format!("{field}: is not a time: write it as 2026-11-23T08:00:00+08:00, with its offset")
        }
        "body-off-globe" => {
            format!("{field}: lon must be within -180 and 180, lat within -90 and 90 (WGS84)")
        }
        "body-too-many-files" => format!("{field}: at most {} files", arg("limit")),
        "body-later-version" => {
            format!("{field}: has a type of a later interface version, upgrade the host")
        }
        "body-more" => "there are more problems than are listed".to_owned(),
        other => format!("{field}: {other}"),
    }
}

//! Reading what a client sent, and saying exactly what is wrong with it.

use crate::problem::Problem;
use crate::words::Locale;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use changzhi_gate::{Ask, Checked, Expected};
use changzhi_model::{EntityId, Seq, Value, body};
use serde_json::Value as Json;

/// What stands in the headers of a call.
#[derive(Clone, Default)]
pub(crate) struct Declared {
    pub(crate) purpose: Option<String>,
    pub(crate) place: Option<EntityId>,
    pub(crate) key: Option<String>,
    /// What its sender saw: with entities named, those; else whatever the command refers to.
    pub(crate) saw: Option<Saw>,
}

/// A revision, and the entities it is about.
#[derive(Clone)]
pub(crate) struct Saw {
    pub(crate) revision: Seq,
    pub(crate) about: Option<Vec<EntityId>>,
}

/// Entities one command is held against.
const ABOUT_MAX: usize = 8;

impl Declared {
    /// Lets the commit refuse when something is not as its sender saw it.
    pub(crate) fn expect(&self, checked: &mut Checked) {
        let Some(saw) = &self.saw else { return };
        let referred = || checked.submission.body.iter().filter_map(Value::as_entity).collect();
        let mut entities: Vec<EntityId> = saw.about.clone().unwrap_or_else(referred);
        entities.truncate(ABOUT_MAX);
        checked.submission.expected = Some(Expected { revision: saw.revision, entities });
    }
}

pub(crate) fn declared(headers: &HeaderMap) -> Result<Declared, Problem> {
    let text = |name: &'static str| match headers.get(name).map(|v| v.to_str()) {
        None => Ok(None),
        Some(Ok(s)) => Ok(Some(s.to_owned())),
        Some(Err(_)) => Err(Problem::new(400, "header", format!("header {name} must be visible ASCII"))),
    };
    let place = match text("x-place")? {
        None => None,
        Some(s) => match s.parse::<u64>() {
            Ok(id) if id > 0 && id < EntityId::PROVISIONAL => Some(EntityId(id)),
            _ => return Err(Problem::new(400, "header", "header X-Place must be the number of a place")),
        },
    };
    let saw = match text("if-match")? {
        None => None,
        Some(tag) => match tag.trim().trim_matches('"').parse().map(Seq) {
            Ok(revision) => Some(Saw { revision, about: None }),
            Err(_) => return Err(Problem::new(400, "header", "header If-Match must be a revision, in quotes")),
        },
    };
    Ok(Declared { purpose: text("x-purpose")?, place, key: text("idempotency-key")?, saw })
}

pub(crate) fn ask<'a>(plugin: &'a str, command: &'a str, d: &'a Declared, locale: Locale) -> Ask<'a> {
    let (purpose, key) = (d.purpose.as_deref(), d.key.as_deref());
    Ask { plugin, command, purpose, place: d.place, key, locale: locale.tag() }
}

/// Media type without its parameters; only UTF-8 is spoken.
fn is_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let mut parts = given.split(';').map(str::trim);
    let media = parts.next().unwrap_or("").eq_ignore_ascii_case(wanted);
    let charset = parts.all(|p| match p.split_once('=') {
        Some((name, v)) if name.eq_ignore_ascii_case("charset") => v.trim_matches('"').eq_ignore_ascii_case("utf-8"),
        _ => true,
    });
    if media && charset {
        return Ok(());
    }
    Err(Problem::new(415, "content-type", format!("send Content-Type: {wanted} in UTF-8")))
}

pub(super) fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    is_type(headers, "application/json")
}

pub(crate) fn is_form(headers: &HeaderMap) -> Result<(), Problem> {
    is_type(headers, "application/x-www-form-urlencoded")
}

pub(super) fn json(bytes: &[u8]) -> Result<Json, Problem> {
    if let Err(e) = std::str::from_utf8(bytes) {
        return Err(Problem::new(400, "encoding", format!("byte {} is not UTF-8", e.valid_up_to())));
    }
    serde_json::from_slice(bytes)
        .map_err(|e| Problem::new(400, "json", format!("line {}, column {}: {e}", e.line(), e.column())))
}

pub(crate) fn query(query: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = form(query.unwrap_or("").as_bytes())?;
    pairs.retain(|(name, _)| name != "lang" && !name.starts_with('_'));
    Ok(pairs)
}

pub(crate) fn form(bytes: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    body::pairs(bytes).map_err(|e| Problem::new(400, "form", e.to_string()))
}

pub(crate) fn body_problem(rejection: &BytesRejection, limit: usize) -> Problem {
    if rejection.status().as_u16() == 413 {
        return Problem::new(413, "too-large", format!("the body has more than {limit} bytes"));
    }
    Problem::new(400, "body", "the body broke off")
}

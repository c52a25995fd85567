//! A form sent as `application/x-www-form-urlencoded`, for browsers without JavaScript.

use super::{Fault, parse};
use crate::{FieldDecl, FieldType, Problem, Value};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

/// More pairs than this are refused before they are looked at.
const PAIRS_MAX: usize = 512;

/// Bytes that are no form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FormError {
    #[error("byte {0} of the form: a % must be followed by two hexadecimal digits")]
    Percent(usize),
    #[error("the form is not UTF-8: send it with charset UTF-8")]
    Utf8,
    #[error("the form has more than {PAIRS_MAX} fields")]
    TooMany,
}

/// Names and values in the order sent. Strict: a broken escape or encoding is an error, never a replacement character.
pub fn pairs(form: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let mut out = Vec::new();
    let mut start = 0;
    for part in form.split(|b| *b == b'&') {
        if !part.is_empty() {
            if out.len() == PAIRS_MAX {
                return Err(FormError::TooMany);
            }
            let eq = part.iter().position(|b| *b == b'=');
            let (name, value) = match eq.and_then(|i| Some((part.get(..i)?, part.get(i + 1..)?))) {
                Some(pair) => pair,
                None => (part, &[][..]),
            };
            out.push((decode(name, start)?, decode(value, start + name.len() + 1)?));
        }
        start += part.len() + 1;
    }
    Ok(out)
}

fn decode(bytes: &[u8], offset: usize) -> Result<String, FormError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().enumerate();
    let digit = |d: Option<(usize, &u8)>| d.and_then(|(_, b)| char::from(*b).to_digit(16));
    while let Some((i, b)) = rest.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
                    return Err(FormError::Percent(offset + i));
                };
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
            }
            b => out.push(*b),
        }
    }
    String::from_utf8(out).map_err(|_| FormError::Utf8)
}

/// The values of a form, by the rules of [`parse`].
///
/// What a form cannot say is read so: an empty input is absent; a checkbox that is not sent is `false`; a line break is one
/// line feed; a time without offset (`datetime-local`) is local time of `zone`; a point is sent as `name.lon` and `name.lat`;
/// files are sent one id a pair; inputs named `FIELD[CODE]` are lines `CODE=VALUE` of a text.
pub fn parse_form(
    fields: &[FieldDecl],
    pairs: &[(String, String)],
    zone: &TimeZone,
) -> Result<Vec<Value>, Vec<Problem>> {
    let gathered = gather(fields, pairs);
    let pairs = gathered.as_deref().unwrap_or(pairs);
    let mut body = Map::new();
    let mut twice = Vec::new();
    let is_files = |name: &str| fields.iter().any(|f| f.kind == FieldType::Files && f.name == name);
    for (i, (name, _)) in pairs.iter().enumerate() {
        if !is_files(name) && pairs.iter().take(i).any(|(earlier, _)| earlier == name) {
            twice.push(Fault::Twice.problem(name));
        }
    }
    if !twice.is_empty() {
        twice.truncate(super::PROBLEMS_MAX);
        return Err(twice);
    }
    let sent = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    for field in fields {
        let name = field.name.as_str();
        if field.kind == FieldType::Files {
            // Each file is an input of its own.
            let ids: Vec<&str> = pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.trim()).collect();
            let ids = ids.join(" ");
            if !ids.trim().is_empty() {
                body.insert(name.to_owned(), json!(ids));
            }
        } else if field.kind == FieldType::Point {
            let lon = sent(&format!("{name}.lon")).filter(|v| !v.trim().is_empty());
            let lat = sent(&format!("{name}.lat")).filter(|v| !v.trim().is_empty());
            if lon.is_some() || lat.is_some() {
                let part = |v: Option<&str>| v.map_or(Json::Null, number);
                body.insert(name.to_owned(), json!({"lon": part(lon), "lat": part(lat)}));
            }
        } else if let Some(json) = input(&field.kind, sent(name), zone) {
            body.insert(name.to_owned(), json);
        }
    }
    for (name, value) in pairs {
        let point = name.strip_suffix(".lon").or_else(|| name.strip_suffix(".lat")).unwrap_or("");
        let known =
            fields.iter().any(|f| if f.kind == FieldType::Point { f.name == point } else { f.name == name.as_str() });
        if !known {
            body.insert(name.clone(), json!(value));
        }
    }
    parse(fields, &Json::Object(body))
}

/// The pairs with each `FIELD[CODE]` put into its text; `None`: there is no such pair.
fn gather(fields: &[FieldDecl], pairs: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let of = |name: &str| {
        let (field, code) = name.strip_suffix(']')?.split_once('[')?;
        let is_text = |f: &FieldDecl| f.name == field && f.kind == FieldType::LongText;
        let code_fits = !code.is_empty() && !code.contains(['=', '\n', '\r', '[']);
        fields.iter().find(|f| is_text(f)).filter(|_| code_fits).map(|f| (f.name.as_str(), code.to_owned()))
    };
    if !pairs.iter().any(|(name, _)| of(name).is_some()) {
        return None;
    }
    let (mut out, mut lines): (Vec<(String, String)>, Vec<(&str, String)>) = (Vec::new(), Vec::new());
    for (name, value) in pairs {
        match of(name) {
            None => out.push((name.clone(), value.clone())),
            Some(_) if value.trim().is_empty() => {}
            Some((field, code)) => lines.push((field, format!("{code}={}", value.trim().replace(['\n', '\r'], " ")))),
        }
    }
    for (field, line) in lines {
        match out.iter_mut().find(|(name, _)| name == field) {
            Some((_, text)) if text.is_empty() => *text = line,
            Some((_, text)) => *text = format!("{text}\n{line}"),
            None => out.push((field.to_owned(), line)),
        }
    }
    Some(out)
}

fn input(kind: &FieldType, sent: Option<&str>, zone: &TimeZone) -> Option<Json> {
    if *kind == FieldType::Flag {
        return Some(match sent.map(str::trim) {
            None | Some("" | "false" | "0" | "off") => json!(false),
            Some("true" | "1" | "on") => json!(true),
            Some(other) => json!(other),
        });
    }
    let sent = sent.filter(|s| !s.trim().is_empty())?;
    Some(match kind {
        FieldType::Int | FieldType::Entity(_) => sent.trim().parse::<i64>().map_or_else(|_| json!(sent), |n| json!(n)),
        FieldType::Num => number(sent),
        FieldType::Time => json!(local_time(sent.trim(), zone)),
        FieldType::Code => json!(sent.trim()),
        _ => json!(sent.replace("\r\n", "\n").replace('\r', "\n")),
    })
}

/// What is no number stays a text, and is refused as one.
fn number(s: &str) -> Json {
    s.trim().parse::<f64>().ok().filter(|n| n.is_finite()).map_or_else(|| json!(s), |n| json!(n))
}

fn local_time(s: &str, zone: &TimeZone) -> String {
    if s.parse::<jiff::Timestamp>().is_ok() {
        return s.to_owned();
    }
    s.parse::<DateTime>()
        .and_then(|t| t.to_zoned_datetime(zone.clone()))
        .map_or_else(|_| s.to_owned(), |z| z.timestamp().to_string())
}

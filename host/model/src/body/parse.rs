//! A JSON body as typed values.

use super::schema::{int_max, int_min};
use super::{Fault, PROBLEMS_MAX};
use crate::{EntityId, FieldDecl, FieldType, Micros, Point, Problem, Value};
use serde_json::Value as Json;

/// One value for each declared field, in the declared order; [`Value::None`] for an optional one that is absent or `null`.
///
/// # Errors
/// Every problem of the body, up to [`PROBLEMS_MAX`]; fields in declared order first, unknown keys after them.
pub fn parse(fields: &[FieldDecl], body: &Json) -> Result<Vec<Value>, Vec<Problem>> {
    let Json::Object(given) = body else {
        return Err(vec![Fault::NotObject.problem("")]);
    };
    let mut values = Vec::with_capacity(fields.len());
    let mut problems = Vec::new();
    for field in fields {
        match given.get(field.name.as_str()) {
            None | Some(Json::Null) if field.required => problems.push(Fault::Required.problem(&field.name)),
            None | Some(Json::Null) => values.push(Value::None),
            Some(json) => match value(field, json) {
                Ok(v) => values.push(v),
                Err(fault) => problems.push(fault.problem(&field.name)),
            },
        }
    }
    // Counting tells whether there is an unknown key at all, which is rare: the usual body is not searched for one.
    let known = fields.iter().filter(|f| given.contains_key(f.name.as_str())).count();
    if given.len() > known {
        let unknown = given.keys().filter(|k| !fields.iter().any(|f| f.name == k.as_str()));
        problems.extend(unknown.take(PROBLEMS_MAX + 1).map(|k| Fault::Unknown.problem(k)));
    }
    if problems.len() > PROBLEMS_MAX {
        problems.truncate(PROBLEMS_MAX - 1);
        problems.push(Fault::More.problem(""));
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn value(f: &FieldDecl, json: &Json) -> Result<Value, Fault> {
    match &f.kind {
        FieldType::Flag => json.as_bool().map(Value::Flag).ok_or(Fault::Type("type-flag")),
        FieldType::Int => int(f, json),
        FieldType::Num => num(f, json),
        FieldType::Code | FieldType::Text | FieldType::LongText => text(f, json),
        FieldType::Time => {
            let s = json.as_str().ok_or(Fault::Type("type-time"))?;
            Micros::from_rfc3339(s).map(Value::Time).map_err(|_| Fault::Time)
        }
        FieldType::Entity(_) => match whole(json) {
            Some(n) if n >= 1 => Ok(Value::Entity(EntityId(n.unsigned_abs()))),
            _ => Err(Fault::Type("type-entity")),
        },
        FieldType::Point => point(json),
        FieldType::Files => files(f, json),
        FieldType::Other(_) | FieldType::Members => Err(Fault::LaterVersion),
    }
}

/// JSON knows one kind of number: `5.0` is a whole number too.
fn whole(json: &Json) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    json.as_i64().or_else(|| {
        let n = json.as_f64()?;
        (json.is_f64() && n.fract() == 0.0 && n.abs() <= EXACT).then_some(n as i64)
    })
}

fn int(f: &FieldDecl, json: &Json) -> Result<Value, Fault> {
    let n = whole(json).ok_or(Fault::Type("type-int"))?;
    if let Some(min) = f.min.filter(|m| int_min(*m).is_some_and(|least| n < least)) {
        return Err(Fault::Below(min));
    }
    if let Some(max) = f.max.filter(|m| int_max(*m).is_some_and(|most| n > most)) {
        return Err(Fault::Above(max));
    }
    Ok(Value::Int(n))
}

fn num(f: &FieldDecl, json: &Json) -> Result<Value, Fault> {
    let n = json.as_f64().filter(|n| n.is_finite()).ok_or(Fault::Type("type-num"))?;
    if let Some(min) = f.min.filter(|min| n < *min) {
        return Err(Fault::Below(min));
    }
    if let Some(max) = f.max.filter(|max| n > *max) {
        return Err(Fault::Above(max));
    }
    Ok(Value::Num(n))
}

fn text(f: &FieldDecl, json: &Json) -> Result<Value, Fault> {
    let s = json.as_str().ok_or(Fault::Type("type-text"))?;
    if s.is_empty() && (f.required || f.kind == FieldType::Code) {
        return Err(Fault::Empty);
    }
    let limit = f.text_limit();
    if s.len() > limit as usize {
        return Err(Fault::TooLong { limit, found: s.len() });
    }
    if let Some(at) = s.chars().position(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Fault::Control { at: at + 1 });
    }
    if f.kind == FieldType::Code && !f.options.is_empty() && !f.options.iter().any(|o| o == s) {
        return Err(Fault::NotAnOption { options: f.options.join(", ") });
    }
    Ok(Value::text(s))
}

/// A list of ids, or a text with them split by spaces. None twice.
fn files(f: &FieldDecl, json: &Json) -> Result<Value, Fault> {
    let wrong = || Fault::Type("type-files");
    let mut ids: Vec<u64> = match json {
        Json::Array(all) => all.iter().map(Json::as_u64).collect::<Option<_>>().ok_or_else(wrong)?,
        Json::String(s) => {
            s.split_ascii_whitespace().map(|id| id.parse().ok()).collect::<Option<_>>().ok_or_else(wrong)?
        }
        _ => return Err(wrong()),
    };
    if ids.iter().any(|id| *id == 0 || *id >= EntityId::PROVISIONAL) {
        return Err(wrong());
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    if ids.len() > f.files_limit() {
        return Err(Fault::TooManyFiles(f.files_limit()));
    }
    if ids.is_empty() {
        return if f.required { Err(Fault::Empty) } else { Ok(Value::None) };
    }
    Ok(Value::Text(ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")))
}

fn point(json: &Json) -> Result<Value, Fault> {
    let wrong = || Fault::Type("type-point");
    let given = json.as_object().filter(|o| o.len() == 2).ok_or_else(wrong)?;
    let part = |name: &str| given.get(name).and_then(Json::as_f64).ok_or_else(wrong);
    let p = Point { lon: part("lon")?, lat: part("lat")? };
    if p.is_valid() { Ok(Value::Point(p)) } else { Err(Fault::OffGlobe) }
}

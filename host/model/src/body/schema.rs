//! A declaration as JSON Schema 2020-12.

use crate::{Family, FieldDecl, FieldType};
use serde_json::{Map, Value as Json, json};

/// Line feed and tab are the only control characters a text may hold.
const NO_CONTROLS: &str = "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$";

/// The schema of a body with these fields: an object, nothing besides the declared fields, `null` as good as absent for
/// optional ones.
///
/// JSON Schema counts characters where the host counts bytes of UTF-8. `maxLength` holds the byte limit read as
/// characters, which no text within the limit exceeds; the limit itself stands in `x-max-bytes` and in the description.
pub fn schema(fields: &[FieldDecl]) -> Json {
    // What the gate fills in is no part of what is sent.
    let fields = || fields.iter().filter(|f| !f.is_by_the_gate());
    let properties: Map<String, Json> = fields().map(|f| (f.name.to_string(), property(f))).collect();
    let required: Vec<&str> = fields().filter(|f| f.required).map(|f| f.name.as_str()).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(f: &FieldDecl) -> Json {
    let mut p = Map::new();
    let kind = match &f.kind {
        FieldType::Flag => "boolean",
        FieldType::Int | FieldType::Entity(_) => "integer",
        FieldType::Num => "number",
        FieldType::Code | FieldType::Text | FieldType::LongText | FieldType::Time => "string",
        FieldType::Point => "object",
        FieldType::Files => "array",
        // Nothing is valid: the host cannot check what it does not know, and members are no part of a body.
        FieldType::Other(_) | FieldType::Members => return json!({"not": {}}),
    };
    let nullable = !f.required;
    p.insert("type".into(), if nullable { json!([kind, "null"]) } else { json!(kind) });
    match &f.kind {
        FieldType::Flag | FieldType::Other(_) | FieldType::Members => {}
        FieldType::Files => {
            p.insert("items".into(), json!({"type": "integer", "minimum": 1, "maximum": i64::MAX}));
            p.insert("maxItems".into(), json!(f.files_limit()));
            p.insert("uniqueItems".into(), json!(true));
            p.insert("description".into(), json!("Ids of files sent to /files/{plugin} before, by the same account."));
            if f.required {
                p.insert("minItems".into(), json!(1));
            }
        }
        FieldType::Int => {
            p.insert("minimum".into(), json!(f.min.and_then(int_min).unwrap_or(i64::MIN)));
            p.insert("maximum".into(), json!(f.max.and_then(int_max).unwrap_or(i64::MAX)));
        }
        FieldType::Num => {
            if let Some(min) = f.min.filter(|n| n.is_finite()) {
                p.insert("minimum".into(), json!(min));
            }
            if let Some(max) = f.max.filter(|n| n.is_finite()) {
                p.insert("maximum".into(), json!(max));
            }
        }
        FieldType::Code | FieldType::Text | FieldType::LongText => text(f, nullable, &mut p),
        FieldType::Time => {
            p.insert("format".into(), json!("date-time"));
        }
        FieldType::Entity(family) => {
            p.insert("minimum".into(), json!(1));
            p.insert("maximum".into(), json!(i64::MAX));
            if let Some(family) = family {
                p.insert("x-family".into(), json!(family_name(*family)));
            }
        }
        FieldType::Point => {
            p.insert(
                "properties".into(),
                json!({
                    "lon": {"type": "number", "minimum": -180, "maximum": 180},
                    "lat": {"type": "number", "minimum": -90, "maximum": 90},
                }),
            );
            p.insert("required".into(), json!(["lon", "lat"]));
            p.insert("additionalProperties".into(), json!(false));
            p.insert("description".into(), json!("WGS84 degrees"));
        }
    }
    if f.sensitivity.is_sealed() {
        p.insert("x-sealed".into(), json!(true));
    }
    Json::Object(p)
}

fn text(f: &FieldDecl, nullable: bool, p: &mut Map<String, Json>) {
    let limit = f.text_limit();
    p.insert("maxLength".into(), json!(limit));
    p.insert("x-max-bytes".into(), json!(limit));
    p.insert(
        "description".into(),
        json!(format!("At most {limit} bytes of UTF-8 (a Chinese character takes 3); maxLength counts characters.")),
    );
    p.insert("pattern".into(), json!(NO_CONTROLS));
    if f.required || f.kind == FieldType::Code {
        p.insert("minLength".into(), json!(1));
    }
    if f.kind == FieldType::Code && !f.options.is_empty() {
        let mut options: Vec<Json> = f.options.iter().map(|o| json!(o.as_str())).collect();
        if nullable {
            options.push(Json::Null);
        }
        p.insert("enum".into(), Json::Array(options));
    }
}

const fn family_name(f: Family) -> &'static str {
    match f {
        Family::People => "people",
        Family::Places => "places",
        Family::Events => "events",
    }
}

/// The first whole number that is not below `min`; `None` when every number is above it, or `min` is no number.
pub(super) fn int_min(min: f64) -> Option<i64> {
    let up = min.ceil();
    if up.is_nan() || up <= i64::MIN as f64 {
        None
    } else if up >= i64::MAX as f64 {
        Some(i64::MAX)
    } else {
        Some(up as i64)
    }
}

/// The last whole number that is not above `max`.
pub(super) fn int_max(max: f64) -> Option<i64> {
    let down = max.floor();
    if down.is_nan() || down >= i64::MAX as f64 {
        None
    } else if down <= i64::MIN as f64 {
        Some(i64::MIN)
    } else {
        Some(down as i64)
    }
}

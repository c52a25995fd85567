//! What a body check accepts is within its limits, and what its schema allows is accepted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::body::{self, FormError, PROBLEMS_MAX, explain, pairs, parse, parse_form, schema};
use changzhi_model::{EntityId, Family, FieldDecl, FieldType, Micros, Problem, Text, Value};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn field(name: &str, kind: FieldType) -> FieldDecl {
    FieldDecl::new(name, kind)
}
fn required(name: &str, kind: FieldType) -> FieldDecl {
    FieldDecl { required: true, ..FieldDecl::new(name, kind) }
}
fn keys(problems: &[Problem]) -> Vec<(String, String)> {
    let key = |p: &Problem| match &p.message {
        Text::Msg(m) => m.key.clone(),
        Text::Plain(s) => s.clone(),
    };
    problems.iter().map(|p| (p.field.to_string(), key(p))).collect()
}
fn refused(f: FieldDecl, value: Json) -> String {
    let name = f.name.to_string();
    let problems = parse(&[f], &json!({ name: value })).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    keys(&problems)[0].1.clone()
}

#[test]
fn every_problem_is_told_not_only_the_first() {
    let fields = [required("title", FieldType::Text), required("count", FieldType::Int), field("at", FieldType::Time)];
    let problems = parse(&fields, &json!({"count": "three", "at": "yesterday", "surprise": 1})).unwrap_err();
    let want = [("title", "body-required"), ("count", "body-type"), ("at", "body-time"), ("surprise", "body-unknown")];
    assert_eq!(keys(&problems), want.map(|(a, b)| (a.to_owned(), b.to_owned())));
    for p in &problems {
        assert!(explain(p).starts_with(p.field.as_str()), "{}", explain(p));
        assert!(!explain(p).contains("body-"), "{}", explain(p));
    }
}

#[test]
fn values_come_in_the_declared_order_whatever_the_order_sent() {
    let fields = [field("b", FieldType::Int), field("a", FieldType::Flag), field("c", FieldType::Text)];
    let values = parse(&fields, &json!({"a": true, "b": 7, "c": null})).unwrap();
    assert_eq!(values, [Value::Int(7), Value::Flag(true), Value::None]);
}

#[test]
fn a_limit_counts_bytes_not_characters() {
    let f = FieldDecl { max_len: 6, ..field("t", FieldType::Text) };
    assert!(parse(std::slice::from_ref(&f), &json!({"t": "昌治"})).is_ok());
    assert_eq!(refused(f, json!("昌治城")), "body-too-long");
    let over = "x".repeat(FieldDecl::TEXT_MAX as usize + 1);
    assert_eq!(refused(field("t", FieldType::Text), json!(over)), "body-too-long");
    assert!(parse(&[field("t", FieldType::LongText)], &json!({"t": over})).is_ok());
}

#[test]
fn control_characters_are_refused_except_line_feed_and_tab() {
    let f = field("t", FieldType::Text);
    for bad in ['\0', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
        assert_eq!(refused(f.clone(), json!(format!("a{bad}b"))), "body-control", "{bad:?}");
    }
    assert!(parse(&[f], &json!({"t": "a\n\tb"})).is_ok());
}

#[test]
fn wrong_types_and_ranges_are_refused() {
    let ranged = FieldDecl { min: Some(1.5), max: Some(10.0), ..field("n", FieldType::Int) };
    assert_eq!(refused(ranged.clone(), json!(1)), "body-below");
    assert_eq!(refused(ranged.clone(), json!(11)), "body-above");
    assert_eq!(refused(ranged.clone(), json!(2.5)), "body-type");
    assert_eq!(parse(&[ranged], &json!({"n": 2.0})).unwrap(), [Value::Int(2)]);
    assert_eq!(refused(field("n", FieldType::Num), json!("1")), "body-type");
    assert_eq!(refused(field("n", FieldType::Int), json!(u64::MAX)), "body-type");
    assert_eq!(refused(field("e", FieldType::Entity(Some(Family::People))), json!(0)), "body-type");
    assert_eq!(refused(field("e", FieldType::Entity(None)), json!(-4)), "body-type");
    let code = FieldDecl { options: vec!["red".into(), "blue".into()], ..field("c", FieldType::Code) };
    assert_eq!(refused(code.clone(), json!("green")), "body-not-an-option");
    assert_eq!(refused(code, json!("")), "body-empty");
    assert_eq!(refused(required("t", FieldType::Text), json!("")), "body-empty");
    assert_eq!(refused(field("p", FieldType::Point), json!({"lon": 181, "lat": 0})), "body-off-globe");
    assert_eq!(refused(field("p", FieldType::Point), json!({"lon": 1})), "body-type");
    assert_eq!(refused(field("p", FieldType::Point), json!({"lon": 1, "lat": 1, "z": 1})), "body-type");
    assert_eq!(refused(field("x", FieldType::Other("quantum".into())), json!(1)), "body-later-version");
    assert_eq!(keys(&parse(&[], &json!([1])).unwrap_err())[0].1, "body-not-object");
}

#[test]
fn a_time_needs_its_offset() {
    let f = [field("at", FieldType::Time)];
    let at = parse(&f, &json!({"at": "2026-11-23T08:00:00+08:00"})).unwrap();
    assert_eq!(at, [Value::Time(Micros::from_rfc3339("2026-11-23T00:00:00Z").unwrap())]);
    assert_eq!(refused(f[0].clone(), json!("2026-11-23T08:00:00")), "body-time");
}

#[test]
fn a_flood_of_unknown_keys_gets_a_bounded_answer() {
    let body: serde_json::Map<String, Json> = (0..PROBLEMS_MAX * 3).map(|i| (format!("k{i}"), json!(i))).collect();
    let problems = parse(&[], &Json::Object(body)).unwrap_err();
    assert_eq!(problems.len(), PROBLEMS_MAX);
    assert_eq!(keys(&problems).last().unwrap().1, "body-more");
}

#[test]
fn a_form_is_read_as_the_browser_sends_it() {
    let fields = [
        required("text", FieldType::LongText),
        field("n", FieldType::Int),
        field("agree", FieldType::Flag),
        field("at", FieldType::Time),
        field("where", FieldType::Point),
        field("empty", FieldType::Text),
    ];
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let sent =
        pairs(b"text=%E6%B0%B4%0D%0Aa+b&n=7&agree=on&at=2026-11-23T08%3A00&where.lon=113.1&where.lat=36.2&empty=")
            .unwrap();
    let values = parse_form(&fields, &sent, &zone).unwrap();
    assert_eq!(values[0], Value::text("水\na b"));
    assert_eq!(values[1], Value::Int(7));
    assert_eq!(values[2], Value::Flag(true));
    assert_eq!(values[3], Value::Time(Micros::from_rfc3339("2026-11-23T00:00:00Z").unwrap()));
    assert!(matches!(values[4], Value::Point(p) if p.lon == 113.1 && p.lat == 36.2));
    assert_eq!(values[5], Value::None);
    let unchecked = parse_form(&fields, &pairs(b"text=x").unwrap(), &zone).unwrap();
    assert_eq!(unchecked[2], Value::Flag(false));
}

#[test]
fn a_broken_form_is_refused_not_repaired() {
    assert_eq!(pairs(b"a=%zz"), Err(FormError::Percent(2)));
    assert_eq!(pairs(b"a=1&b=%4"), Err(FormError::Percent(6)));
    assert_eq!(pairs(b"a=%ff%fe"), Err(FormError::Utf8));
    assert_eq!(pairs(&b"a&".repeat(600)), Err(FormError::TooMany));
    let zone = TimeZone::UTC;
    let fields = [field("n", FieldType::Num), field("p", FieldType::Point)];
    let told = |form: &[u8]| keys(&parse_form(&fields, &pairs(form).unwrap(), &zone).unwrap_err())[0].clone();
    assert_eq!(told(b"n=NaN"), ("n".to_owned(), "body-type".to_owned()));
    assert_eq!(told(b"n=1&n=2"), ("n".to_owned(), "body-twice".to_owned()));
    assert_eq!(told(b"p.lon=1"), ("p".to_owned(), "body-type".to_owned()));
    assert_eq!(told(b"extra=1"), ("extra".to_owned(), "body-unknown".to_owned()));
}

#[test]
fn the_schema_says_what_the_check_does() {
    let fields = [
        required("code", FieldType::Code),
        FieldDecl { options: vec!["a".into()], ..field("pick", FieldType::Code) },
        field("where", FieldType::Point),
        field("at", FieldType::Time),
    ];
    let s = schema(&fields);
    assert_eq!(s["additionalProperties"], json!(false));
    assert_eq!(s["required"], json!(["code"]));
    assert_eq!(s["properties"]["code"]["minLength"], json!(1));
    assert_eq!(s["properties"]["code"]["x-max-bytes"], json!(FieldDecl::TEXT_MAX));
    assert_eq!(s["properties"]["pick"]["enum"], json!(["a", null]));
    assert_eq!(s["properties"]["at"]["format"], json!("date-time"));
    assert_eq!(s["properties"]["where"]["required"], json!(["lon", "lat"]));
    assert!(s["properties"]["code"]["description"].as_str().unwrap().contains("bytes"));
}

fn any_field(name: String) -> impl Strategy<Value = FieldDecl> {
    let kinds = prop_oneof![
        Just(FieldType::Flag),
        Just(FieldType::Int),
        Just(FieldType::Num),
        Just(FieldType::Code),
        Just(FieldType::Text),
        Just(FieldType::LongText),
        Just(FieldType::Time),
        Just(FieldType::Entity(None)),
        Just(FieldType::Point),
    ];
    let options = proptest::collection::vec("[a-z]{1,8}", 0..4);
    let bounds = proptest::option::of((-1000.0..0.0f64, 0.0..1000.0f64));
    (kinds, any::<bool>(), 0..40u32, options, bounds).prop_map(move |(kind, required, max_len, options, bounds)| {
        FieldDecl {
            required,
            max_len: max_len + u32::from(max_len > 0) * 8,
            options: options.into_iter().map(Into::into).collect(),
            min: bounds.map(|b| b.0),
            max: bounds.map(|b| b.1),
            ..FieldDecl::new(name.as_str(), kind)
        }
    })
}

fn any_fields() -> impl Strategy<Value = Vec<FieldDecl>> {
    (1..6usize).prop_flat_map(|n| (0..n).map(|i| any_field(format!("f{i}"))).collect::<Vec<_>>())
}

/// A value the published schema of one field allows, made from the schema alone.
fn sample(property: &Json, dice: u64) -> Json {
    let kinds: Vec<&str> = match &property["type"] {
        Json::String(s) => vec![s],
        Json::Array(a) => a.iter().map(|k| k.as_str().unwrap()).collect(),
        other => panic!("no type: {other}"),
    };
    if kinds.contains(&"null") && dice.is_multiple_of(5) {
        return Json::Null;
    }
    let between = |min: f64, max: f64| min + (max - min) * ((dice % 1001) as f64 / 1000.0);
    match kinds[0] {
        "boolean" => json!(dice.is_multiple_of(2)),
        "integer" => {
            let (min, max) = (property["minimum"].as_i64().unwrap(), property["maximum"].as_i64().unwrap());
            let span = i128::from(max) - i128::from(min) + 1;
            json!(i64::try_from(i128::from(min) + i128::from(dice) % span).unwrap())
        }
        "number" => {
            let end = |k: &str, or: f64| property[k].as_f64().unwrap_or(or);
            json!(between(end("minimum", -1e300), end("maximum", 1e300)))
        }
        "object" => json!({"lon": between(-180.0, 180.0), "lat": between(-90.0, 90.0)}),
        "string" if property["format"] == "date-time" => {
            let seconds = i64::try_from(dice % 4_000_000_000).unwrap();
            json!(Micros(seconds * Micros::SECOND).to_rfc3339())
        }
        "string" => match property["enum"].as_array() {
            Some(options) => options[usize::try_from(dice).unwrap_or(0) % options.len()].clone(),
            None => {
                let bytes = property["x-max-bytes"].as_u64().unwrap();
                let alphabet = ["a", "水", "\n", "é", " ", "\u{1f30a}"];
                let (mut out, mut d) = (String::from("x"), dice);
                while d > 0 && out.len() as u64 + 4 <= bytes {
                    out.push_str(alphabet[usize::try_from(d % 6).unwrap()]);
                    d /= 6;
                }
                json!(out)
            }
        },
        other => panic!("unknown type {other}"),
    }
}

fn within_limits(f: &FieldDecl, v: &Value) -> bool {
    let range = |n: f64| f.min.is_none_or(|m| n >= m) && f.max.is_none_or(|m| n <= m);
    match (&f.kind, v) {
        (_, Value::None) => !f.required,
        (FieldType::Flag, Value::Flag(_)) | (FieldType::Time, Value::Time(_)) => true,
        (FieldType::Int, Value::Int(n)) => range(*n as f64),
        (FieldType::Num, Value::Num(n)) => n.is_finite() && range(*n),
        (FieldType::Entity(_), Value::Entity(e)) => *e != EntityId::NONE && e.as_provisional().is_none(),
        (FieldType::Point, Value::Point(p)) => p.is_valid(),
        (FieldType::Code | FieldType::Text | FieldType::LongText, Value::Text(s)) => {
            let listed = f.kind != FieldType::Code || f.options.is_empty() || f.options.iter().any(|o| o == s);
            let filled = !s.is_empty() || !(f.required || f.kind == FieldType::Code);
            listed
                && filled
                && s.len() <= f.text_limit() as usize
                && !s.chars().any(|c| c.is_control() && !"\n\t".contains(c))
        }
        _ => false,
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        (-2000.0..2000.0f64).prop_map(|n| json!(n)),
        (-2000..2000i64).prop_map(|n| json!(n)),
        "[a-z水\\n\\x00]{0,60}".prop_map(|s| json!(s)),
        Just(json!("2026-11-23T08:00:00+08:00")),
        (-200.0..200.0f64, -100.0..100.0f64).prop_map(|(lon, lat)| json!({"lon": lon, "lat": lat})),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| proptest::collection::vec(inner, 0..3).prop_map(Json::Array))
}

proptest! {
    #[test]
    fn whatever_is_accepted_is_within_the_limits(
        (fields, sent) in any_fields().prop_flat_map(|f| {
            let n = f.len();
            (Just(f), proptest::collection::vec(proptest::option::of(any_json()), n + 1))
        })
    ) {
        let body: serde_json::Map<String, Json> =
            sent.into_iter().enumerate().filter_map(|(i, v)| Some((format!("f{i}"), v?))).collect();
        let unknown = body.keys().any(|k| fields.iter().all(|f| f.name != k.as_str()));
        match parse(&fields, &Json::Object(body)) {
            Ok(values) => {
                prop_assert!(!unknown);
                prop_assert_eq!(values.len(), fields.len());
                for (f, v) in fields.iter().zip(&values) {
                    prop_assert!(within_limits(f, v), "{:?} accepted {:?}", f, v);
                }
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for p in &problems {
                    prop_assert!(!body::explain(p).is_empty());
                }
            }
        }
    }

    #[test]
    fn whatever_the_schema_allows_is_accepted(fields in any_fields(), dice in any::<u64>()) {
        let s = schema(&fields);
        let body: serde_json::Map<String, Json> = fields
            .iter()
            .enumerate()
            .map(|(i, f)| (f.name.to_string(), sample(&s["properties"][f.name.as_str()], dice.rotate_left(7 * u32::try_from(i).unwrap()))))
            .collect();
        let values = parse(&fields, &Json::Object(body.clone()));
        prop_assert!(values.is_ok(), "{} refused: {:?}", Json::Object(body), values);
    }

    #[test]
    fn what_parse_gave_is_given_again_from_its_own_json(fields in any_fields(), dice in any::<u64>()) {
        let s = schema(&fields);
        let body: serde_json::Map<String, Json> =
            fields.iter().map(|f| (f.name.to_string(), sample(&s["properties"][f.name.as_str()], dice))).collect();
        let values = parse(&fields, &Json::Object(body)).unwrap();
        let again: serde_json::Map<String, Json> =
            fields.iter().zip(&values).map(|(f, v)| (f.name.to_string(), v.to_json())).collect();
        prop_assert_eq!(parse(&fields, &Json::Object(again)).unwrap(), values);
    }

    #[test]
    fn no_form_makes_the_reader_fall(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(sent) = pairs(&bytes) {
            for (name, value) in sent {
                prop_assert!(name.len() + value.len() <= bytes.len());
            }
        }
    }
}

//! From the file as written to rules that can only mean one thing.

use super::raw::{Kind, Names, RawMapping, RawRule, Words};
use super::time::TimeRule;
use super::{Mapping, MappingError};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// Finer, and a city has more grids than reports; coarser, and a grid is a district.
const GRID_METRES: RangeInclusive<u32> = 100..=10_000;

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum From {
    Columns { columns: Vec<String>, join: String },
    Template(Vec<Part>),
    Constant(String),
    Point { lon: String, lat: String },
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Literal(String),
    Column(String),
}

/// One checked rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) kind: Kind,
    pub(super) from: From,
    pub(super) missing: Vec<String>,
    pub(super) map: Option<BTreeMap<String, String>>,
    pub(super) words: Option<Vec<Words>>,
    pub(super) default: Option<String>,
    pub(super) time: Option<TimeRule>,
    pub(super) plus_days: Option<String>,
    pub(super) required: bool,
}

impl Rule {
    /// The columns the rule reads.
    pub(super) fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = match &self.from {
            From::Columns { columns, .. } => columns.iter().map(String::as_str).collect(),
            From::Template(parts) => parts
                .iter()
                .filter_map(|p| match p {
                    Part::Column(c) => Some(c.as_str()),
                    Part::Literal(_) => None,
                })
                .collect(),
            From::Constant(_) => Vec::new(),
            From::Point { lon, lat } => vec![lon, lat],
        };
        columns.extend(self.plus_days.as_deref());
        columns
    }
}

type Check<T> = Result<T, (String, String)>;

fn fail<T>(key: impl Into<String>, reason: impl Into<String>) -> Check<T> {
    Err((key.into(), reason.into()))
}

pub(super) fn mapping(file: &Path, text: &str) -> Result<Mapping, MappingError> {
    let error = |(key, reason)| MappingError { file: file.to_path_buf(), key, reason };
    let raw: RawMapping = toml::from_str(text).map_err(|e| error(toml_error(text, &e)))?;
    checked(raw).map_err(error)
}

/// The line of a TOML error stands for its key.
fn toml_error(text: &str, e: &toml::de::Error) -> (String, String) {
    let line = e.span().and_then(|s| text.get(..s.start)).map_or(1, |before| before.matches('\n').count() + 1);
    (format!("line {line}"), e.message().to_owned())
}

fn checked(raw: RawMapping) -> Check<Mapping> {
    let source = raw.source;
    for (key, name) in
        [("source.name", &source.name), ("source.plugin", &source.plugin), ("source.command", &source.command)]
    {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
            return fail(key, format!("{name:?} must have 1 to 64 of a-z, 0-9 and -"));
        }
    }
    let key = match source.key {
        Names::One(one) => vec![one],
        Names::Several(several) => several,
    };
    if key.is_empty() || key.iter().any(String::is_empty) {
        return fail("source.key", "name the column (or columns) whose value is unique and never changes");
    }
    let delimiter = match source.delimiter.map(u8::try_from) {
        None => None,
        Some(Ok(b)) if b.is_ascii() && b != b'"' && b != b'\n' => Some(b),
        Some(_) => return fail("source.delimiter", "must be one ASCII character, not a quote"),
    };
    let zone = source.zone.as_deref();
    let mut area_level = "district".to_owned();
    let mut grid_metres = None;
    let (city, area) = match raw.place {
        None => (None, None),
        Some(place) => {
            if place.city.code.is_empty() || place.city.code.len() > 31 {
                return fail("place.city.code", "must have 1 to 31 bytes");
            }
            if let Some(level) = place.area_level {
                area_level = level;
            }
            grid_metres = place.grid_metres;
            let area = place.area.map(|a| rule("place.area", a, zone)).transpose()?;
            if area.as_ref().is_some_and(|a| a.kind != Kind::Text) {
                return fail("place.area.type", "a name of an area is text");
            }
            (Some(place.city), area)
        }
    };
    if raw.fields.is_empty() {
        return fail("fields", "map at least one field of the command");
    }
    let mut fields = Vec::with_capacity(raw.fields.len());
    for (name, raw) in raw.fields {
        if matches!(name.as_str(), "reference" | "digest" | "place") {
            return fail(format!("fields.{name}"), "is filled by the import itself: use source.key or [place]");
        }
        let rule = rule(&format!("fields.{name}"), raw, zone)?;
        fields.push((name, rule));
    }
    if let Some(metres) = grid_metres {
        if !GRID_METRES.contains(&metres) {
            let (least, most) = (GRID_METRES.start(), GRID_METRES.end());
            return fail("place.grid-metres", format!("must be {least} to {most} metres"));
        }
        if !fields.iter().any(|(_, rule)| rule.kind == Kind::Point) {
            return fail("place.grid-metres", "needs a field with lon and lat to make grids of");
        }
    }
    Ok(Mapping {
        source: source.name,
        plugin: source.plugin,
        command: source.command,
        key,
        known: source.known,
        delimiter,
        sheet: source.sheet,
        city,
        area,
        area_level,
        grid_metres,
        fields,
    })
}

fn rule(at: &str, raw: RawRule, zone: Option<&str>) -> Check<Rule> {
    let point = raw.lon.is_some() || raw.lat.is_some();
    let sources = [raw.column.is_some(), raw.columns.is_some(), raw.template.is_some(), raw.value.is_some(), point]
        .iter()
        .filter(|s| **s)
        .count();
    if sources != 1 {
        return fail(at, "say exactly one of column, columns, template, value, or lon with lat");
    }
    if point != (raw.kind == Kind::Point) {
        return fail(format!("{at}.type"), "lon and lat make a value of type = \"point\", and nothing else does");
    }
    if raw.join.is_some() && raw.columns.is_none() {
        return fail(format!("{at}.join"), "joins columns = [..], which is not there");
    }
    let from = match (raw.column, raw.columns, raw.template, raw.value, raw.lon, raw.lat) {
        (Some(column), ..) => From::Columns { columns: vec![column], join: String::new() },
        (_, Some(columns), ..) if !columns.is_empty() => {
            From::Columns { columns, join: raw.join.unwrap_or_else(|| " ".into()) }
        }
        (_, _, Some(template), ..) => From::Template(parts(at, &template)?),
        (_, _, _, Some(value), ..) => From::Constant(value),
        (.., Some(lon), Some(lat)) => From::Point { lon, lat },
        _ => return fail(at, "columns is empty, or one of lon and lat is missing"),
    };
    if raw.map.is_some() && raw.words.is_some() {
        return fail(format!("{at}.words"), "use map or words, not both");
    }
    if raw.words.as_ref().is_some_and(|w| w.iter().any(|w| w.any.is_empty() || w.any.iter().any(String::is_empty))) {
        return fail(format!("{at}.words"), "every entry needs words, and none may be empty");
    }
    let time = match raw.kind {
        Kind::Time => Some(TimeRule::new(at, raw.format.as_deref(), raw.zone.as_deref().or(zone))?),
        _ if raw.format.is_some() || raw.zone.is_some() || raw.plus_days.is_some() => {
            return fail(format!("{at}.format"), "format, zone and plus-days belong to type = \"time\"");
        }
        _ => None,
    };
    Ok(Rule {
        kind: raw.kind,
        from,
        missing: raw.missing,
        map: raw.map,
        words: raw.words,
        default: raw.default,
        time,
        plus_days: raw.plus_days,
        required: raw.required,
    })
}

fn parts(at: &str, template: &str) -> Check<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((column, next)) = after.split_once('}') else {
            return fail(format!("{at}.template"), "a { is never closed");
        };
        if column.is_empty() {
            return fail(format!("{at}.template"), "{} must hold the name of a column");
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        parts.push(Part::Column(column.to_owned()));
        rest = next;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Ok(parts)
}

//! Files that say how divisions were: a history of codes, and boundaries.
//!
//! ```text
//! old_code,new_code,effective[,old_name,new_name,note,old_ends,new_begins]    CSV, XLSX or JSON ─► rows of `record-successions`
//! GeoJSON FeatureCollection, a code in a property of each feature             ─► bodies of `record-boundary`
//! ```
//!
//! A day is `2019-12-01`, `2019-12` (its first day) or `2019`, and begins at midnight where the city is. A file is taken as a whole or
//! not at all: half a history leads codes astray. Of a shape its outer rings are kept; holes are counted, never filled in silence.

use crate::mapping::time::zone;
use crate::{Progress, ReadError, ReadOptions, Row, read};
use changzhi_model::Micros;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Bytes of a file of boundaries.
const BYTES: u64 = 64 << 20;
/// Rows of a history, features of a file of boundaries.
const ROWS: usize = 10_000;
/// Degrees are kept to this many decimals: a tenth of a metre.
const DECIMALS: usize = 6;
/// Bytes of the rings of one boundary: a long text.
const RINGS: usize = 60_000;

/// A file that cannot be used: which, where in it, why and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum DivisionsError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{file}: {at}: {why}", file = .file.display())]
    Bad { file: PathBuf, at: String, why: String },
}

/// Days of a place.
#[derive(Clone, Debug)]
pub struct Days(TimeZone);

impl Days {
    /// Of an offset (`+08:00`) or an IANA zone.
    ///
    /// # Errors
    /// It is neither.
    pub fn of(name: &str) -> Result<Days, String> {
        zone("zone", name).map(Days).map_err(|(_, why)| why)
    }

    /// The midnight a day begins with.
    ///
    /// # Errors
    /// It is no day.
    pub fn begin(&self, text: &str) -> Result<Micros, String> {
        let whole = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        let date: Date = whole.parse().map_err(|_| format!("{text:?} is no day: write 2019-12-01, 2019-12 or 2019"))?;
        let begin = self.0.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible();
        Ok(Micros(begin.map_err(|e| format!("{text:?}: {e}"))?.as_microsecond()))
    }
}

/// The rows of a history of codes, as `record-successions` takes them.
///
/// # Errors
/// The first row that does not read; a column that is missing.
pub fn code_history(file: &Path, days: &Days) -> Result<Vec<Map<String, Value>>, DivisionsError> {
    let mut rows = Vec::new();
    let mut wrong = None;
    read(file, &ReadOptions::default(), &Progress::default(), &mut |row| match one(&row, days) {
        Ok(_) if rows.len() == ROWS => {
            wrong = Some((row.line, format!("more than {ROWS} rows: leave out other provinces")));
            ControlFlow::Break(())
        }
        Ok(body) => {
            rows.push(body);
            ControlFlow::Continue(())
        }
        Err(why) => {
            wrong = Some((row.line, why));
            ControlFlow::Break(())
        }
    })?;
    match wrong {
        Some((line, why)) => Err(bad(file, format!("line {line}"), why)),
        None => Ok(rows),
    }
}

fn bad(file: &Path, at: impl Into<String>, why: impl Into<String>) -> DivisionsError {
    DivisionsError::Bad { file: file.to_path_buf(), at: at.into(), why: why.into() }
}

fn one(row: &Row, days: &Days) -> Result<Map<String, Value>, String> {
    if let Some(problem) = row.problem() {
        return Err(problem.to_string());
    }
    let cell = |column: &str| row.get(column).map(str::trim).filter(|c| !c.is_empty());
    let needed = |column: &str| {
        let have = || row.columns().join(", ");
        let missing = || match row.get(column) {
            Some(_) => format!("{column} is empty: fill it in, or leave the row out"),
            None => format!("there is no column {column}: its columns are {}", have()),
        };
        cell(column).ok_or_else(missing)
    };
    let mut body = Map::new();
    body.insert("old".into(), needed("old_code")?.into());
    body.insert("new".into(), needed("new_code")?.into());
    let effective = days.begin(needed("effective")?).map_err(|why| format!("effective: {why}"))?;
    body.insert("effective".into(), effective.to_rfc3339().into());
    for (column, field) in [("old_name", "old-name"), ("new_name", "new-name"), ("note", "note")] {
        body.extend(cell(column).map(|text| (field.to_owned(), text.into())));
    }
    for (column, field) in [("old_ends", "old-ends"), ("new_begins", "new-begins")] {
        let Some(word) = cell(column) else { continue };
        let flag = match word.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "是" => true,
            "no" | "false" | "0" | "否" => false,
            _ => return Err(format!("{column}: {word:?} is neither yes nor no")),
        };
        body.insert(field.into(), flag.into());
    }
    Ok(body)
}

/// A boundary of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Boundary {
    pub code: String,
    pub name: String,
    /// `lon,lat lon,lat …` in WGS84, the largest first.
    pub rings: Vec<String>,
    /// Holes that were left out.
    pub holes: usize,
}

impl Boundary {
    /// As `record-boundary` takes it. Without an end it is today's, of which the world keeps one ring: the largest.
    pub fn body(&self, since: Option<Micros>, until: Option<Micros>) -> Map<String, Value> {
        let kept = if until.is_some() { self.rings.len() } else { 1 };
        let rings: Vec<&str> = self.rings.iter().take(kept).map(String::as_str).collect();
        let mut body = Map::new();
        body.insert("code".into(), self.code.as_str().into());
        body.insert("rings".into(), rings.join("; ").into());
        if !self.name.is_empty() {
            body.insert("name".into(), self.name.as_str().into());
        }
        for (field, at) in [("since", since), ("until", until)] {
            body.extend(at.map(|at| (field.to_owned(), json!(at.to_rfc3339()))));
        }
        body
    }
}

/// Which properties of a feature say what.
#[derive(Clone, Debug)]
pub struct Properties {
    pub code: String,
    pub name: String,
}

/// The boundaries of a GeoJSON file; `wgs84` turns a longitude and latitude of the file into the world's.
///
/// # Errors
/// It is no such file, or a feature has no code or no polygon.
pub fn boundaries(
    file: &Path,
    properties: &Properties,
    wgs84: &dyn Fn(f64, f64) -> (f64, f64),
) -> Result<Vec<Boundary>, DivisionsError> {
    let failed = |e: std::io::Error| bad(file, "file", e.to_string());
    if std::fs::metadata(file).map_err(failed)?.len() > BYTES {
        return Err(bad(file, "file", format!("more than {} MiB: cut it to your own divisions", BYTES >> 20)));
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let root: Value =
        serde_json::from_str(&text).map_err(|e| bad(file, format!("{}:{}", e.line(), e.column()), e.to_string()))?;
    let features = root.get("features").and_then(Value::as_array);
    let features = features.ok_or_else(|| bad(file, "features", "missing: it must be a GeoJSON FeatureCollection"))?;
    if features.len() > ROWS {
        return Err(bad(file, "features", format!("more than {ROWS}: cut it to your own divisions")));
    }
    let each = features.iter().enumerate();
    each.map(|(n, f)| feature(f, properties, wgs84).map_err(|why| bad(file, format!("features[{n}]"), why))).collect()
}

fn feature(feature: &Value, names: &Properties, wgs84: &dyn Fn(f64, f64) -> (f64, f64)) -> Result<Boundary, String> {
    let property = |name: &str| match feature.get("properties").and_then(|p| p.get(name)) {
        Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let code = property(&names.code).ok_or_else(|| {
        format!("it has no property {:?} with a code: name the one that has it with --code", names.code)
    })?;
    let shape = feature.get("geometry").unwrap_or(&Value::Null);
    let coordinates = shape.get("coordinates");
    let polygons: Vec<&Value> = match (shape.get("type").and_then(Value::as_str), coordinates) {
        (Some("Polygon"), Some(one)) => vec![one],
        (Some("MultiPolygon"), Some(Value::Array(all))) => all.iter().collect(),
        _ => return Err(format!("{code}: its geometry is neither a Polygon nor a MultiPolygon")),
    };
    let mut rings: Vec<(f64, String)> = Vec::new();
    let mut holes = 0;
    for polygon in polygons {
        let parts = polygon.as_array().map(Vec::as_slice).unwrap_or_default();
        holes += parts.len().saturating_sub(1);
        let outer =
            parts.first().and_then(Value::as_array).ok_or_else(|| format!("{code}: a polygon without a ring"))?;
        rings.push(ring(outer, wgs84).ok_or_else(|| format!("{code}: a ring that is no list of [lon, lat]"))?);
    }
    rings.sort_by(|a, b| b.0.total_cmp(&a.0));
    let rings: Vec<String> = rings.into_iter().map(|(_, text)| text).collect();
    if rings.is_empty() {
        return Err(format!("{code}: it has no ring"));
    }
    let bytes: usize = rings.iter().map(String::len).sum();
    if bytes > RINGS {
        return Err(format!(
            "{code}: {bytes} bytes of rings, at most {RINGS}: simplify the shape to some 2,500 points"
        ));
    }
    Ok(Boundary { code, name: property(&names.name).unwrap_or_default(), rings, holes })
}

/// Twice its area in square degrees, and the ring without the point that closes it.
fn ring(points: &[Value], wgs84: &dyn Fn(f64, f64) -> (f64, f64)) -> Option<(f64, String)> {
    let pair = |p: &Value| Some(wgs84(p.get(0)?.as_f64()?, p.get(1)?.as_f64()?));
    let mut points: Vec<(f64, f64)> = points.iter().map(pair).collect::<Option<_>>()?;
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    if points.len() < 3 {
        return None;
    }
    let next = points.iter().cycle().skip(1);
    let area: f64 = points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    let texts: Vec<String> = points.iter().map(|(lon, lat)| format!("{lon:.DECIMALS$},{lat:.DECIMALS$}")).collect();
    Some((area.abs(), texts.join(" ")))
}

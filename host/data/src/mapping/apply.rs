//! One row through the rules.

use super::check::{From, Part, Rule};
use super::lattice::cell;
use super::raw::Kind;
use super::{Draft, Mapping, PlaceWish, RowProblem};
use crate::{Row, Said};
use changzhi_model::{Point, Value as Model};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

const KEY_MAX: usize = 200;

impl Mapping {
    /// Columns the mapping reads, for a check against the header before the first row is used.
    pub fn columns(&self) -> BTreeSet<&str> {
        let rules = self.fields.iter().map(|(_, rule)| rule).chain(&self.area);
        self.key.iter().map(String::as_str).chain(rules.flat_map(Rule::columns)).collect()
    }

    /// What the row asks for.
    pub fn apply(&self, row: &Row) -> Result<Draft, RowProblem> {
        if let Some(reason) = row.problem() {
            return Err(RowProblem { field: "row".into(), reason: reason.clone() });
        }
        let key = self.key_of(row)?;
        let mut body = Map::new();
        for (name, rule) in &self.fields {
            let value = value(rule, row).map_err(|reason| RowProblem { field: name.clone(), reason })?;
            match value {
                Some(value) => {
                    body.insert(name.clone(), value);
                }
                None if rule.required => {
                    let reason = Said::new("必填，但没有内容", "is required and empty");
                    return Err(RowProblem { field: name.clone(), reason });
                }
                None => {}
            }
        }
        let places = self.places(row)?;
        let digest = self.digest(&body, &places);
        Ok(Draft { reference: format!("{}:{key}", self.source), key, digest, body, places })
    }

    fn key_of(&self, row: &Row) -> Result<String, RowProblem> {
        let fail = |reason| Err(RowProblem { field: "key".into(), reason });
        let mut key = String::new();
        for column in &self.key {
            let part = row.get(column).unwrap_or_default().trim();
            if part.is_empty() {
                return fail(Said::new(format!("主键列 {column} 是空的"), format!("key column {column} is empty")));
            }
            if !key.is_empty() {
                key.push('/');
            }
            key.push_str(part);
        }
        if key.len() > KEY_MAX {
            return fail(Said::new(
                format!("主键超过 {KEY_MAX} 字节"),
                format!("the key is longer than {KEY_MAX} bytes"),
            ));
        }
        Ok(key)
    }

    fn places(&self, row: &Row) -> Result<Vec<PlaceWish>, RowProblem> {
        let Some(city) = &self.city else { return Ok(Vec::new()) };
        let name = Said::new(&city.zh, &city.en);
        let division = |code, level: &str, name, parent| PlaceWish {
            code,
            kind: "division",
            level: level.into(),
            name,
            parent,
            position: None,
        };
        let mut places = vec![division(city.code.clone(), "city", name, None)];
        if let Some(rule) = &self.area {
            let text = text(rule, row).map_err(|reason| RowProblem { field: "place.area".into(), reason })?;
            // A name longer than a name can be is cut, so that a place is never why a report is refused.
            let name: String = text.unwrap_or_default().chars().filter(|c| !c.is_control()).take(40).collect();
            if !name.trim().is_empty() {
                let name = name.trim();
                let code = place_code(&city.code, &name.to_lowercase().replace(' ', "-"));
                places.push(division(code, &self.area_level, Said::new(name, name), Some(city.code.clone())));
            }
        }
        places.extend(self.grid(row, &city.code, places.last())?);
        Ok(places)
    }

    /// The grid of the row's point, in the innermost place that its other columns name.
    fn grid(&self, row: &Row, city: &str, parent: Option<&PlaceWish>) -> Result<Option<PlaceWish>, RowProblem> {
        let (Some(metres), Some(parent)) = (self.grid_metres, parent) else { return Ok(None) };
        let rule = self.fields.iter().find(|(_, rule)| rule.kind == Kind::Point);
        let Some((field, rule)) = rule else { return Ok(None) };
        let at = point(rule, row).map_err(|reason| RowProblem { field: field.clone(), reason })?;
        let Some(at) = at else { return Ok(None) };
        let cell = cell(at, metres);
        let inner = parent.code.strip_prefix(city).unwrap_or_default().trim_start_matches('/');
        let centre = format!("{:.4},{:.4}", cell.centre.lat, cell.centre.lon);
        Ok(Some(PlaceWish {
            code: place_code(city, &format!("{inner}@{metres}:{}:{}", cell.row, cell.column)),
            kind: "grid",
            level: "grid".into(),
            name: Said::new(format!("{} {centre}", parent.name.zh), format!("{} {centre}", parent.name.en)),
            parent: Some(parent.code.clone()),
            position: Some(cell.centre),
        }))
    }

    fn digest(&self, body: &Map<String, Value>, places: &[PlaceWish]) -> String {
        let mut hash = Sha256::new();
        for (name, _) in &self.fields {
            // In the order of the mapping's names, which is sorted: no map's own order comes into it.
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update(body.get(name).map(Value::to_string).unwrap_or_default().as_bytes());
            hash.update([0]);
        }
        for place in places {
            hash.update(place.code.as_bytes());
            hash.update([0]);
        }
        let digest = hash.finalize();
        hex::encode(digest.get(..16).unwrap_or_default())
    }
}

/// Readable where it fits a code's 64 bytes, else the hash of the name in 32.
fn place_code(city: &str, name: &str) -> String {
    let code = format!("{city}/{name}");
    if code.len() <= 64 {
        return code;
    }
    let digest = Sha256::digest(name.as_bytes());
    format!("{city}/{}", hex::encode(digest.get(..16).unwrap_or_default()))
}

fn value(rule: &Rule, row: &Row) -> Result<Option<Value>, Said> {
    if let From::Point { .. } = &rule.from {
        return Ok(point(rule, row)?.map(|at| Model::Point(at).to_json()));
    }
    let Some(text) = text(rule, row)? else { return Ok(None) };
    let wrong = |what: &str, why: String| {
        Said::new(format!("{text:?} 不是{what}：{why}"), format!("{text:?} cannot be read: {why}"))
    };
    Ok(Some(match rule.kind {
        Kind::Text | Kind::Point => Value::String(clean(&text)),
        Kind::Int => {
            let whole = text.parse::<i64>().ok().or_else(|| text.strip_suffix(".0").and_then(|t| t.parse().ok()));
            whole.ok_or_else(|| wrong("整数", "it is not a whole number".into()))?.into()
        }
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "y" | "是" => true.into(),
            "0" | "false" | "no" | "n" | "否" => false.into(),
            _ => return Err(wrong("是/否", "write 1 or 0, yes or no".into())),
        },
        Kind::Time => {
            let Some(time) = &rule.time else { return Ok(None) };
            let days = match rule.plus_days.as_deref().and_then(|c| row.get(c)).map(str::trim) {
                None | Some("") => 0,
                Some(days) => days.parse::<i64>().map_err(|e| wrong("天数", e.to_string()))?,
            };
            Model::Time(time.parse(&text, days).map_err(|e| wrong("时间", e))?).to_json()
        }
    }))
}

/// Line ends of other systems become line feeds; other control characters, which no text may hold, become spaces.
fn clean(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c }).collect()
}

/// The rule's text, mapped; `None` when it says nothing.
fn text(rule: &Rule, row: &Row) -> Result<Option<String>, Said> {
    let cell = |column: &str| {
        let cell = row.get(column).unwrap_or_default().trim();
        (!cell.is_empty() && !rule.missing.iter().any(|m| m == cell)).then_some(cell)
    };
    let raw = match &rule.from {
        From::Constant(value) => value.clone(),
        From::Columns { columns, join } => columns.iter().filter_map(|c| cell(c)).collect::<Vec<_>>().join(join),
        From::Template(parts) => {
            let filled = parts.iter().any(|p| matches!(p, Part::Column(c) if cell(c).is_some()));
            let each = parts.iter().map(|p| match p {
                Part::Literal(s) => s.as_str(),
                Part::Column(c) => cell(c).unwrap_or_default(),
            });
            if filled { each.collect::<String>().trim().to_owned() } else { String::new() }
        }
        From::Point { .. } => String::new(),
    };
    if raw.is_empty() {
        return Ok(rule.default.clone());
    }
    if let Some(words) = &rule.words {
        let found = words.iter().find(|w| w.any.iter().any(|word| raw.contains(word.as_str())));
        return Ok(found.map(|w| w.value.clone()).or_else(|| rule.default.clone()));
    }
    let Some(map) = &rule.map else { return Ok(Some(raw)) };
    match map.get(&raw).or(rule.default.as_ref()) {
        Some(mapped) => Ok(Some(mapped.clone())),
        None => {
            let columns = rule.columns().join(", ");
            Err(Said::new(
                format!("列 {columns} 的值 {raw:?} 不在 map 中：请补上，或给出 default"),
                format!("column {columns} says {raw:?}, which the map does not hold: add it, or a default"),
            ))
        }
    }
}

fn point(rule: &Rule, row: &Row) -> Result<Option<Point>, Said> {
    let From::Point { lon, lat } = &rule.from else { return Ok(None) };
    let number = |column: &str| -> Result<Option<f64>, Said> {
        let cell = row.get(column).unwrap_or_default().trim();
        if cell.is_empty() || rule.missing.iter().any(|m| m == cell) {
            return Ok(None);
        }
        cell.parse::<f64>().map(Some).map_err(|_| {
            Said::new(
                format!("列 {column} 的值 {cell:?} 不是数字"),
                format!("column {column} says {cell:?}, which is no number"),
            )
        })
    };
    let (Some(lon), Some(lat)) = (number(lon)?, number(lat)?) else { return Ok(None) };
    let point = Point { lon, lat };
    if !point.is_valid() {
        return Err(Said::new(
            format!("经度 {lon}、纬度 {lat} 不在地球上"),
            format!("longitude {lon}, latitude {lat} is not on the globe"),
        ));
    }
    Ok(Some(point))
}

//! From the columns of a source to the body of a command, as data (TOML, see `data/mappings/README.md`).
//!
//! A mapping is checked when it is loaded: unknown keys, rules that say nothing or two things, zones and formats that do not
//! exist are refused with the file, the key and the reason, before the first row is read. Values are never guessed: a value
//! that is not in a `map` without `default` rejects its row and says so.

mod apply;
mod check;
mod lattice;
mod raw;
pub(crate) mod time;

use crate::Said;
use changzhi_model::{Point, Value as Model};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A checked mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub source: String,
    pub plugin: String,
    pub command: String,
    /// Columns whose values together name a row for ever.
    pub key: Vec<String>,
    /// Facet that keeps `reference` and `digest` of what was imported, for example `services.report`.
    pub known: Option<String>,
    pub delimiter: Option<u8>,
    pub sheet: Option<String>,
    city: Option<raw::City>,
    area: Option<check::Rule>,
    area_level: String,
    /// Side of the grids made of the rows' points; none are made when `None`.
    grid_metres: Option<u32>,
    fields: Vec<(String, check::Rule)>,
}

/// A row made ready: the command's body and the places it asks for.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    pub key: String,
    /// `SOURCE:KEY`: names the thing in the world.
    pub reference: String,
    /// SHA-256 (first 16 bytes, hex) of everything the mapping made of the row: tells a changed row from the same one.
    pub digest: String,
    pub body: Map<String, Value>,
    /// The place of the row, outermost first; empty when the mapping names none.
    pub places: Vec<PlaceWish>,
}

/// A place that must exist before the row is submitted: found by its code, or created under its parent.
#[derive(Clone, PartialEq, Debug)]
pub struct PlaceWish {
    /// At most 64 bytes.
    pub code: String,
    /// `division` or `grid`
    pub kind: &'static str,
    /// Level of the division: `city`, or what the mapping calls its areas (`district` when it does not say); `grid`.
    pub level: String,
    pub name: Said,
    /// Code of the place it lies in.
    pub parent: Option<String>,
    pub position: Option<Point>,
}

impl PlaceWish {
    /// The body of the host's command `create-place`.
    pub fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("kind".into(), self.kind.into());
        body.insert("category".into(), self.level.clone().into());
        body.insert("code".into(), self.code.clone().into());
        body.insert("name".into(), self.name.zh.clone().into());
        if let Some(parent) = &self.parent {
            body.insert("parent".into(), parent.clone().into());
        }
        if let Some(position) = self.position {
            body.insert("position".into(), Model::Point(position).to_json());
        }
        body
    }
}

/// Why a row does not fit the mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    /// Field of the body, or `key`.
    pub field: String,
    pub reason: Said,
}

/// A mapping file that is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {key}: {reason}", file.display())]
pub struct MappingError {
    pub file: PathBuf,
    /// As written in the file, for example `fields.state.map`.
    pub key: String,
    pub reason: String,
}

impl Mapping {
    pub fn load(file: &Path) -> Result<Mapping, MappingError> {
        let fail = |reason: String| MappingError { file: file.to_path_buf(), key: "file".into(), reason };
        let text = std::fs::read(file).map_err(|e| fail(format!("cannot be read: {e}")))?;
        let text = String::from_utf8(text).map_err(|e| fail(format!("is not UTF-8: {e}")))?;
        Mapping::parse(file, &text)
    }

    /// `file` only names the mapping in errors.
    pub fn parse(file: &Path, text: &str) -> Result<Mapping, MappingError> {
        check::mapping(file, text)
    }
}

//! The mapping file as written.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawMapping {
    pub(super) source: RawSource,
    pub(super) place: Option<RawPlace>,
    pub(super) fields: BTreeMap<String, RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawSource {
    pub(super) name: String,
    pub(super) plugin: String,
    pub(super) command: String,
    pub(super) key: Names,
    pub(super) known: Option<String>,
    pub(super) delimiter: Option<char>,
    pub(super) sheet: Option<String>,
    pub(super) zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Names {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawPlace {
    pub(super) city: City,
    pub(super) area: Option<RawRule>,
    /// Level of the areas in the tree of divisions, by which counts are raised.
    pub(super) area_level: Option<String>,
    /// Side of the grids made of the points of rows, in metres.
    pub(super) grid_metres: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct City {
    pub(super) code: String,
    pub(super) zh: String,
    pub(super) en: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    #[default]
    Text,
    Int,
    Flag,
    Time,
    Point,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawRule {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) column: Option<String>,
    /// Their values, without the missing ones, joined by `join`.
    pub(super) columns: Option<Vec<String>>,
    pub(super) join: Option<String>,
    /// `{column}` stands for the column's value.
    pub(super) template: Option<String>,
    pub(super) value: Option<String>,
    /// Cells that mean nothing, beside the empty one.
    pub(super) missing: Vec<String>,
    pub(super) map: Option<BTreeMap<String, String>>,
    /// The first whose any word is in the text.
    pub(super) words: Option<Vec<Words>>,
    pub(super) default: Option<String>,
    pub(super) format: Option<String>,
    pub(super) zone: Option<String>,
    /// A column with days to add.
    pub(super) plus_days: Option<String>,
    pub(super) lon: Option<String>,
    pub(super) lat: Option<String>,
    pub(super) required: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) value: String,
    pub(super) any: Vec<String>,
}

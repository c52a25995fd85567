//! Categories as data: name, lead unit, limit, questions, words that name it, and whether matters of it may be shown to everybody.
//!
//! ```text
//! set-category ──► an entity for each version, and one that holds what is in force ──► matters filed from now on keep its number
//! nothing set  ──► the built-in set ([`defaults`]), version 0
//! ```
//!
//! Invariants: a version never changes once it is made; a matter keeps the version it was filed under; of a code at most one
//! is in force; a retired code takes no new matters and keeps its old ones.

mod commands;
mod defaults;
mod questions;
mod view;

pub(crate) use commands::{retire_category, set_category};
pub(crate) use questions::{Datatype, Question, is_code};
pub(crate) use view::categories;

use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

/// Before a word that names its category outright.
const MARKS: [char; 2] = ['!', '！'];

/// One version of a category.
#[derive(Facet, Clone, Default)]
#[facet(name = "services.category", on = events, label = "service-category")]
pub struct Category {
    #[field(code, max_len = 48, label = "category-code")]
    pub code: String,
    #[field(min = 1)]
    pub version: i64,
    /// `CODE@VERSION` of a version; `CODE` of what is in force.
    #[field(unique, max_len = 64)]
    pub reference: String,
    #[field(max_len = 100, label = "name-zh")]
    pub zh: String,
    #[field(max_len = 100, label = "name-en")]
    pub en: String,
    #[field(max_len = 100)]
    pub group: Option<String>,
    #[field(code, max_len = 48)]
    pub parent: Option<String>,
    #[field(code, max_len = 128)]
    pub lead: Option<String>,
    #[field(min = 1, max = 8760)]
    pub hours: Option<i64>,
    pub open: bool,
    #[field(max_len = 250)]
    pub notice: Option<String>,
    #[field(long_text, internal)]
    pub words: Option<String>,
    #[field(long_text, internal)]
    pub questions: Option<String>,
    pub retired: bool,
}

/// A category in force.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Known {
    pub(crate) code: String,
    /// 0: built in.
    pub(crate) version: i64,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) group: String,
    pub(crate) parent: Option<String>,
    /// The unit that leads, by its name.
    pub(crate) lead: Option<String>,
    /// From filing to answer.
    pub(crate) hours: Option<i64>,
    /// Its matters may be shown to everybody, without words and names.
    pub(crate) open: bool,
    pub(crate) notice: Option<String>,
    /// Words people use for it, parted by commas or lines; one with a `!` before it names the category outright.
    pub(crate) words: String,
    pub(crate) questions: Vec<Question>,
}

impl Known {
    pub(crate) fn name(&self, locale: &str) -> &str {
        if locale.starts_with("en") { &self.en } else { &self.zh }
    }

    /// The words, without their marks.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.marked().map(|w| w.trim_start_matches(MARKS).trim()).filter(|w| !w.is_empty())
    }

    /// The words that name it outright, whatever else is said.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &str> {
        self.marked().filter_map(|w| w.strip_prefix(MARKS)).map(str::trim).filter(|w| !w.is_empty())
    }

    fn marked(&self) -> impl Iterator<Item = &str> {
        self.words.split([',', '，', '、', '\n', ';', '；']).map(str::trim)
    }
}

/// The version in force; `None`: there is none of this code, or it is retired.
pub(crate) fn of_code(code: &str) -> Result<Option<Known>, Refusal> {
    match find(Category::REFERENCE, code)? {
        Some(entity) => read(entity),
        None => Ok(defaults::all().find(|k| k.code == code)),
    }
}

/// Number of the version in force: one look-up, nothing is read where nothing was set.
pub(crate) fn version(code: &str) -> Result<Option<i64>, Refusal> {
    match find(Category::REFERENCE, code)? {
        Some(entity) => Ok(get(entity, Category::VERSION)?),
        None => Ok(None),
    }
}

/// Every category in force, in the order of the built-in set, then by code.
pub(crate) fn all() -> Result<Vec<Known>, Refusal> {
    let rows = Query::kind("service-category").field(Category::CODE).field(Category::REFERENCE).limit(10_000).run()?;
    let (codes, references) = (rows.column(Category::CODE)?, rows.column(Category::REFERENCE)?);
    let mut set: BTreeMap<String, Option<Known>> = BTreeMap::new();
    for (row, id) in rows.ids().enumerate() {
        if let Some(code) = codes.get(row).filter(|code| references.get(row) == Some(*code)) {
            set.insert(code.to_owned(), read(id)?);
        }
    }
    let mut out: Vec<Known> = Vec::new();
    for known in defaults::all() {
        match set.remove(&known.code) {
            Some(set) => out.extend(set),
            None => out.push(known),
        }
    }
    out.extend(set.into_values().flatten());
    Ok(out)
}

fn read(entity: EntityId) -> Result<Option<Known>, Refusal> {
    let (code, version, zh, en, group, parent, lead, hours) = get(
        entity,
        (
            Category::CODE,
            Category::VERSION,
            Category::ZH,
            Category::EN,
            Category::GROUP,
            Category::PARENT,
            Category::LEAD,
            Category::HOURS,
        ),
    )?;
    let (open, notice, words, questions, retired) =
        get(entity, (Category::OPEN, Category::NOTICE, Category::WORDS, Category::QUESTIONS, Category::RETIRED))?;
    if retired == Some(true) {
        return Ok(None);
    }
    Ok(Some(Known {
        code: code.unwrap_or_default(),
        version: version.unwrap_or_default(),
        zh: zh.unwrap_or_default(),
        en: en.unwrap_or_default(),
        group: group.unwrap_or_default(),
        parent,
        lead,
        hours,
        open: open.unwrap_or(false),
        notice,
        words: words.unwrap_or_default(),
        // It was checked when it was set.
        questions: questions::parse(questions.as_deref().unwrap_or("")).unwrap_or_default(),
    }))
}

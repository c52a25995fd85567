//! Proposals at intake: category and lead unit with reasons, and open matters that may be the same. A person decides each.
//!
//! ```text
//! categories (names, groups, words) ──► seeds and rules ─┐
//! decided and closed matters (titles) ──► learned ───────┴──► Model, Calibration ──► top three, or no proposal
//! ```
//!
//! There is no stored model: it is a function of the world, made anew from at most [`LEARNED`] matters when a report is looked at. So
//! it survives replay, learns from a correction with the next look, and forgets a matter when the matter is erased. Titles only: the
//! words of a resident are sealed and are not learned from. Nothing about a person goes in; there is no such column.
//! Price: some 4 µs a learned matter, natively; views are not write paths.

mod decide;
mod propose;
mod repeats;

pub(crate) use decide::decide_category;
pub(crate) use propose::section as proposal;
pub(crate) use repeats::{About, alike, parts, section as same, sight, verdict};

use crate::category::{self, Known};
use crate::report::Report;
use changzhi_routing::{Calibration, Class, LEAST, Model, PRECISION, Profile, Rules};
use changzhi_sdk::prelude::*;
use std::collections::BTreeSet;

/// Matters learned from at most, the newest first: of those somebody decided, and as many closed ones.
const LEARNED: u32 = 1_500;

/// What the city's own decisions say.
pub(crate) struct Taught {
    pub(crate) categories: Vec<Known>,
    pub(crate) model: Model,
    pub(crate) rules: Rules,
    /// `None`: too little is decided yet to be sure of anything but rules.
    pub(crate) threshold: Option<f64>,
}

fn class(categories: &[Known], code: &str) -> Option<Class> {
    categories.iter().position(|k| k.code == code).and_then(|at| u16::try_from(at).ok()).map(Class)
}

impl Taught {
    /// Of everything decided, but without this matter: what is to be judged is not its own witness.
    pub(crate) fn of_the_city(but: Option<EntityId>) -> Result<Taught, Refusal> {
        let categories = category::all()?;
        let mut model = Model::new(u16::try_from(categories.len()).unwrap_or(u16::MAX));
        let mut rules = Rules::new();
        for (known, at) in categories.iter().zip(0_u16..) {
            // `other` is what nothing else fits: it has no words of its own.
            if known.code == "other" {
                continue;
            }
            for name in
                [format!("{} {}", known.group, known.zh), known.en.clone(), known.words().collect::<Vec<_>>().join(" ")]
            {
                model.seed(Class(at), &name);
            }
            known.rules().for_each(|word| rules.add(Class(at), word));
        }
        let mut learned: Vec<(Class, Profile)> = Vec::new();
        let mut seen: BTreeSet<EntityId> = but.into_iter().collect();
        for condition in [Report::CATEGORY_DECIDED.is(true), core_fields::STATE.is("closed")] {
            let query = Query::kind("matter").field(Report::TITLE).field(core_fields::CATEGORY).filter(condition);
            let rows = query.newest().limit(LEARNED).run()?;
            let (titles, codes) = (rows.column(Report::TITLE)?, rows.column(core_fields::CATEGORY)?);
            for (row, id) in rows.ids().enumerate() {
                let (Some(title), Some(code)) = (titles.get(row), codes.get(row)) else { continue };
                if let Some(class) = class(&categories, code)
                    && seen.insert(id)
                {
                    learned.push((class, Profile::of(title, "")));
                }
            }
        }
        learned.iter().for_each(|(class, profile)| model.learn(*class, profile));
        let mut calibration = Calibration::new();
        for (class, profile) in &learned {
            if let Some((margin, right)) = model.judged(profile, *class) {
                calibration.add(margin, right);
            }
        }
        let threshold = calibration.threshold(PRECISION, LEAST);
        Ok(Taught { categories, model, rules, threshold })
    }

    pub(crate) fn category(&self, class: Class) -> Option<&Known> {
        self.categories.get(usize::from(class.0))
    }
}

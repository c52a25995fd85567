//! What is shown to whoever decides: at most three categories, why, and whether the first is sure enough to be proposed.

use crate::{Class, Model, Profile, Ranked, Rules};

/// Categories shown.
pub const TOP: usize = 3;
/// Reasons shown for a category.
const REASONS: usize = 3;

/// Why a category was put forward.
#[derive(Clone, PartialEq, Debug)]
pub enum Reason {
    /// A word that people wrote down for the category.
    Rule(String),
    /// Words of the message itself, with how much they weigh (natural log odds).
    Words(String, f64),
}

/// One category with its reasons, the strongest first.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    pub class: Class,
    pub score: f64,
    pub reasons: Vec<Reason>,
}

/// The likeliest categories. People decide; nothing is decided by this.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    /// At most three, the likeliest first. Empty: nothing in the message is known.
    pub top: Vec<Choice>,
    /// How far the first is ahead of the second.
    pub margin: f64,
    /// True when the first may be proposed: a rule named it and no other, or its margin reaches the threshold.
    pub sure: bool,
}

impl Proposal {
    /// `threshold` as [`crate::Calibration::threshold`] has it; `None` leaves it to the rules.
    pub fn of(model: &Model, rules: &Rules, profile: &Profile, threshold: Option<f64>) -> Proposal {
        let mut ranked = model.rank(profile);
        let margin = margin(&ranked);
        let fired: Vec<(Class, &str)> = rules.fired(profile).collect();
        // Rules of one category put it first; rules that disagree are reasons and no more.
        let by_rule = fired.first().map(|f| f.0).filter(|first| fired.iter().all(|(class, _)| class == first));
        if let Some(class) = by_rule {
            let score = ranked.iter().find(|r| r.class == class).map_or(0.0, |r| r.score);
            ranked.retain(|r| r.class != class);
            ranked.insert(0, Ranked { class, score });
        }
        let sure = by_rule.is_some() || threshold.is_some_and(|t| !ranked.is_empty() && margin >= t);
        let top = ranked.iter().take(TOP).map(|r| {
            let rival = ranked.iter().find(|other| other.class != r.class).map_or(r.class, |other| other.class);
            let rules = fired.iter().filter(|(c, _)| *c == r.class).map(|(_, word)| Reason::Rule((*word).to_owned()));
            let mut reasons: Vec<Reason> = rules.take(REASONS).collect();
            reasons.extend(words(model, profile, r.class, rival).into_iter().take(REASONS - reasons.len()));
            Choice { class: r.class, score: r.score, reasons }
        });
        Proposal { top: top.collect(), margin, sure }
    }
}

/// How far the first is ahead.
pub(crate) fn margin(ranked: &[Ranked]) -> f64 {
    match ranked {
        [first, second, ..] => first.score - second.score,
        [only] => only.score,
        [] => 0.0,
    }
}

impl Model {
    /// The margin of a learned message by what the model would know without it, and whether its first choice is right: for
    /// [`crate::Calibration::add`].
    pub fn judged(&self, profile: &Profile, own: Class) -> Option<(f64, bool)> {
        let ranked = self.rank_without(profile, own);
        ranked.first().map(|first| (margin(&ranked), first.class == own))
    }
}

/// The pieces of the message that weigh most, none inside or across another.
fn words(model: &Model, profile: &Profile, class: Class, rather_than: Class) -> Vec<Reason> {
    let mut evidence = model.evidence(profile, class, rather_than);
    evidence.retain(|(.., weight)| *weight > 0.0);
    evidence.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
    let mut taken: Vec<(u32, u32, f64)> = Vec::new();
    for (start, end, weight) in evidence {
        if taken.len() == REASONS {
            break;
        }
        // A single letter with its edge says nothing to a reader.
        let readable = profile.said(start, end).chars().count() > 1;
        if readable && taken.iter().all(|(s, e, _)| end <= *s || *e <= start) {
            taken.push((start, end, weight));
        }
    }
    taken.into_iter().map(|(start, end, weight)| Reason::Words(profile.said(start, end), weight)).collect()
}

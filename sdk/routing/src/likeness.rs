//! Whether two messages are about the same matter: words, place, time and category, each with its part in the answer.
//!
//! Text alone does not tell (two reports of noise are alike wherever they are), so each part has its own log odds and they are
//! summed (Fellegi and Sunter 1969). The odds are the deployment's own judgement, written in the tables below; a person merges, never this.

use crate::{Model, Profile};

/// Where, when and what of a message.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    pub profile: &'a Profile,
    /// Microseconds UTC.
    pub at: i64,
    /// Any number that stands for its place (grid, compound); 0 for none.
    pub place: u64,
    pub category: &'a str,
}

/// How far two messages are apart, as far as it is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Near {
    Metres(f64),
    SamePlace,
    OtherPlace,
    Unknown,
}

/// What the sum says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    Different,
    Maybe,
    Probably,
}

/// How alike two messages are, part by part; every part in natural log odds, positive for "the same".
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Likeness {
    /// Cosine of the words, 0 to 1.
    pub words: f64,
    pub near: Near,
    /// Between the two, in hours.
    pub hours: f64,
    pub same_category: bool,
    pub by_words: f64,
    pub by_place: f64,
    pub by_time: f64,
    pub by_category: f64,
}

const MAYBE: f64 = 2.0;
const PROBABLY: f64 = 5.0;
const HOUR: i64 = 3_600_000_000;

/// At least so alike: log odds.
const WORDS: [(f64, f64); 6] = [(0.8, 5.0), (0.6, 4.0), (0.4, 3.0), (0.25, 1.5), (0.12, 0.0), (0.0, -4.0)];
/// At most so many metres: log odds.
const METRES: [(f64, f64); 5] = [(30.0, 2.5), (100.0, 2.0), (300.0, 1.0), (1_000.0, -1.0), (f64::INFINITY, -4.0)];
/// At most so many hours: log odds.
const HOURS: [(f64, f64); 5] = [(24.0, 1.5), (72.0, 1.0), (168.0, 0.5), (720.0, 0.0), (f64::INFINITY, -3.0)];

fn at_least(table: &[(f64, f64)], value: f64) -> f64 {
    table.iter().find(|(bound, _)| value >= *bound).map_or(0.0, |(_, odds)| *odds)
}

fn at_most(table: &[(f64, f64)], value: f64) -> f64 {
    table.iter().find(|(bound, _)| value <= *bound).map_or(0.0, |(_, odds)| *odds)
}

impl Likeness {
    /// Compares two. `metres` where the distance is known; else their places are compared.
    pub fn of(model: &Model, a: Sight<'_>, b: Sight<'_>, metres: Option<f64>) -> Likeness {
        let near = match metres {
            Some(metres) => Near::Metres(metres),
            None if a.place == 0 || b.place == 0 => Near::Unknown,
            None if a.place == b.place => Near::SamePlace,
            None => Near::OtherPlace,
        };
        #[allow(clippy::cast_precision_loss)]
        let hours = a.at.abs_diff(b.at) as f64 / HOUR as f64;
        let words = cosine(model, a.profile, b.profile);
        let same_category = a.category == b.category;
        Likeness {
            words,
            near,
            hours,
            same_category,
            by_words: at_least(&WORDS, words),
            by_place: match near {
                Near::Metres(metres) => at_most(&METRES, metres),
                Near::SamePlace => 1.5,
                Near::OtherPlace => -2.0,
                Near::Unknown => 0.0,
            },
            by_time: at_most(&HOURS, hours),
            by_category: if same_category { 0.5 } else { -0.5 },
        }
    }

    /// The sum of all parts.
    pub fn odds(&self) -> f64 {
        self.by_words + self.by_place + self.by_time + self.by_category
    }

    pub fn verdict(&self) -> Verdict {
        match self.odds() {
            odds if odds >= PROBABLY => Verdict::Probably,
            odds if odds >= MAYBE => Verdict::Maybe,
            _ => Verdict::Different,
        }
    }
}

/// Cosine of the rare n-grams' shares. Both lists are in the order of their hashes.
fn cosine(model: &Model, a: &Profile, b: &Profile) -> f64 {
    let weighed = |p: &Profile| -> Vec<(u32, f64)> {
        p.terms().iter().map(|t| (t.hash, f64::from(t.weight) * model.rarity(t.hash))).collect()
    };
    let (a, b) = (weighed(a), weighed(b));
    let length = |all: &[(u32, f64)]| all.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
    let both = length(&a) * length(&b);
    let (mut left, mut right, mut sum) = (a.iter().peekable(), b.iter().peekable(), 0.0);
    while let (Some((x, v)), Some((y, w))) = (left.peek(), right.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => _ = left.next(),
            std::cmp::Ordering::Greater => _ = right.next(),
            std::cmp::Ordering::Equal => {
                sum += v * w;
                _ = (left.next(), right.next());
            }
        }
    }
    if both > 0.0 { (sum / both).min(1.0) } else { 0.0 }
}

//! Complement naive Bayes over hashed n-grams: how much each n-gram speaks against the other categories.
//!
//! For an n-gram i and a category c, with N the summed shares of all messages: weight = ln((T − T_c) + αV) − ln((N_i − N_ic) + α), and a
//! message scores the sum of its shares times inverse document frequency times weight. Everything that is kept is a sum.

use crate::grams::{cut, normal};
use crate::profile::{Profile, Term, UNIT};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// An n-gram that fewer messages hold weighs nothing.
pub const VOICES: u32 = 3;
/// A name of the category tree counts as so many messages: it is what people agreed on.
pub const SEED_WEIGHT: u32 = 10;
/// Smoothing: what an n-gram that was never seen weighs.
const ALPHA: f64 = 0.3;

/// A category, by its place in the list the model was made with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Class(pub u16);

/// Forgetting something that was not learned would leave a model that never was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotLearned;

impl std::fmt::Display for NotLearned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this message was not learned under this category: the model stays as it was")
    }
}

impl std::error::Error for NotLearned {}

/// A category with its score; higher is likelier. Scores compare within one ranking only.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ranked {
    pub class: Class,
    pub score: f64,
}

/// Hashes are hashed already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 << 8) | u64::from(*b);
        }
    }
    fn write_u32(&mut self, n: u32) {
        // The table looks at the highest bits too.
        self.0 = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// What is known of one n-gram; its sums by category are in [`Model::sums`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    row: u32,
    /// Messages that hold it.
    messages: u32,
    /// Names of the category tree that hold it.
    names: u32,
    sum: u64,
}

/// Sums over what was learned.
#[derive(Clone, Debug)]
pub struct Model {
    classes: u16,
    entries: HashMap<u32, Entry, BuildHasherDefault<Same>>,
    /// One row of `classes` sums for each entry.
    sums: Vec<u64>,
    /// Rows of entries that were forgotten wholly.
    free: Vec<u32>,
    by_class: Vec<u64>,
    total: u64,
    /// Messages and names.
    documents: u32,
    learned: u32,
}

/// Equal when everything that is known is equal, wherever it lies in memory.
impl PartialEq for Model {
    fn eq(&self, other: &Model) -> bool {
        let known =
            |m: &Model, hash: &u32| m.entries.get(hash).map(|e| (e.messages, e.names, e.sum, m.row(e.row).to_vec()));
        (self.classes, self.total, self.documents, self.learned)
            == (other.classes, other.total, other.documents, other.learned)
            && self.by_class == other.by_class
            && self.entries.len() == other.entries.len()
            && self.entries.keys().all(|hash| known(self, hash) == known(other, hash))
    }
}

impl Model {
    /// Knows nothing yet of so many categories.
    pub fn new(classes: u16) -> Model {
        Model {
            classes,
            entries: HashMap::default(),
            sums: Vec::new(),
            free: Vec::new(),
            by_class: vec![0; usize::from(classes)],
            total: 0,
            documents: 0,
            learned: 0,
        }
    }

    /// A name of the category tree: `城乡建设 城市建设和市政管理 园林绿化环卫`, whole paths, one call for each node.
    pub fn seed(&mut self, class: Class, name: &str) {
        let profile = Profile::of("", name);
        if class.0 < self.classes && !profile.is_empty() {
            self.add(class, &profile, SEED_WEIGHT, true);
        }
    }

    /// Somebody decided that the message belongs to the category.
    pub fn learn(&mut self, class: Class, profile: &Profile) {
        if class.0 < self.classes && !profile.is_empty() {
            self.learned = self.learned.saturating_add(1);
            self.add(class, profile, 1, false);
        }
    }

    /// Undoes [`Model::learn`] of the same message under the same category.
    ///
    /// # Errors
    /// When it cannot have been learned; nothing is changed then.
    pub fn forget(&mut self, class: Class, profile: &Profile) -> Result<(), NotLearned> {
        if class.0 >= self.classes || profile.is_empty() {
            return Ok(());
        }
        let known = |term: &Term| {
            self.entries.get(&term.hash).is_some_and(|e| {
                e.messages > 0
                    && self.row(e.row).get(usize::from(class.0)).is_some_and(|s| *s >= u64::from(term.weight))
            })
        };
        if self.learned == 0 || !profile.terms().iter().all(known) {
            return Err(NotLearned);
        }
        (self.learned, self.documents) = (self.learned - 1, self.documents - 1);
        for term in profile.terms() {
            let weight = u64::from(term.weight);
            let Some(entry) = self.entries.get_mut(&term.hash) else { continue };
            (entry.messages, entry.sum) = (entry.messages - 1, entry.sum - weight);
            let (row, gone) = (entry.row, entry.messages == 0 && entry.names == 0);
            if let Some(sum) = self.cell(row, class) {
                *sum -= weight;
            }
            if let Some(sum) = self.by_class.get_mut(usize::from(class.0)) {
                *sum -= weight;
            }
            self.total -= weight;
            if gone {
                self.entries.remove(&term.hash);
                self.free.push(row);
            }
        }
        Ok(())
    }

    /// Messages learned, the tree's names not counted.
    pub fn learned(&self) -> u32 {
        self.learned
    }

    fn add(&mut self, class: Class, profile: &Profile, times: u32, name: bool) {
        self.documents = self.documents.saturating_add(1);
        for term in profile.terms() {
            let weight = u64::from(term.weight) * u64::from(times);
            let row = self.entry(term.hash, name, weight);
            if let Some(sum) = self.cell(row, class) {
                *sum += weight;
            }
            if let Some(sum) = self.by_class.get_mut(usize::from(class.0)) {
                *sum += weight;
            }
            self.total += weight;
        }
    }

    fn entry(&mut self, hash: u32, name: bool, weight: u64) -> u32 {
        let (messages, names) = (u32::from(!name), u32::from(name));
        if let Some(entry) = self.entries.get_mut(&hash) {
            entry.messages = entry.messages.saturating_add(messages);
            entry.names = entry.names.saturating_add(names);
            entry.sum += weight;
            return entry.row;
        }
        let row = self.free.pop().unwrap_or_else(|| {
            let rows = self.sums.len().checked_div(usize::from(self.classes)).unwrap_or(0);
            self.sums.resize(self.sums.len() + usize::from(self.classes), 0);
            u32::try_from(rows).unwrap_or(u32::MAX)
        });
        self.entries.insert(hash, Entry { row, messages, names, sum: weight });
        row
    }

    fn start(&self, row: u32) -> usize {
        usize::try_from(row).unwrap_or(usize::MAX).saturating_mul(usize::from(self.classes))
    }

    fn row(&self, row: u32) -> &[u64] {
        let start = self.start(row);
        self.sums.get(start..start + usize::from(self.classes)).unwrap_or(&[])
    }

    fn cell(&mut self, row: u32, class: Class) -> Option<&mut u64> {
        let at = self.start(row) + usize::from(class.0);
        self.sums.get_mut(at)
    }

    /// Every category, the likeliest first; of equals the first in the list. Empty when nothing in the message is known.
    pub fn rank(&self, profile: &Profile) -> Vec<Ranked> {
        self.ranked(profile, None)
    }

    /// The ranking of a message that was learned under `own`, by what the model would know without it.
    pub fn rank_without(&self, profile: &Profile, own: Class) -> Vec<Ranked> {
        self.ranked(profile, Some(own))
    }

    fn ranked(&self, profile: &Profile, own: Option<Class>) -> Vec<Ranked> {
        let mut scores = vec![0.0; usize::from(self.classes)];
        let mut weights = vec![0.0; usize::from(self.classes)];
        let whole: Vec<f64> = self.denominators(profile, own);
        let mut known = false;
        for term in profile.terms() {
            let Some(share) = self.weights(term, own, &whole, &mut weights) else { continue };
            known = true;
            for (score, weight) in scores.iter_mut().zip(&weights) {
                *score += share * weight;
            }
        }
        if !known {
            return Vec::new();
        }
        let mut ranked: Vec<Ranked> =
            (0..self.classes).zip(scores).map(|(c, score)| Ranked { class: Class(c), score }).collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.class.cmp(&b.class)));
        ranked
    }

    /// For each category, what all n-grams together weigh in the others.
    fn denominators(&self, profile: &Profile, own: Option<Class>) -> Vec<f64> {
        let held: u64 = own.map_or(0, |_| profile.terms().iter().map(|t| u64::from(t.weight)).sum());
        #[allow(clippy::cast_precision_loss)]
        let vocabulary = ALPHA * self.entries.len() as f64;
        let rest = |(c, sum): (usize, &u64)| {
            // A message of this category is in T and in T_c: without it the rest is the same.
            let without = if own.is_some_and(|o| usize::from(o.0) != c) { held } else { 0 };
            (shares(self.total.saturating_sub(*sum).saturating_sub(without)) + vocabulary).ln()
        };
        self.by_class.iter().enumerate().map(rest).collect()
    }

    /// Fills in what the n-gram weighs for each category; its share of the message. `None`: it weighs nothing.
    fn weights(&self, term: &Term, own: Option<Class>, whole: &[f64], out: &mut [f64]) -> Option<f64> {
        let entry = self.entries.get(&term.hash)?;
        let held = u32::from(own.is_some());
        let messages = entry.messages.saturating_sub(held);
        if messages < VOICES && entry.names == 0 {
            return None;
        }
        let own_weight = if own.is_some() { u64::from(term.weight) } else { 0 };
        let sum = entry.sum.saturating_sub(own_weight);
        for (c, (out, in_class)) in out.iter_mut().zip(self.row(entry.row)).enumerate() {
            let mine = if own.is_some_and(|o| usize::from(o.0) == c) { own_weight } else { 0 };
            let others = sum.saturating_sub(in_class.saturating_sub(mine));
            *out = whole.get(c).copied().unwrap_or(0.0) - (shares(others) + ALPHA).ln();
        }
        let documents = f64::from(self.documents.saturating_sub(held)) + 1.0;
        let rare = (documents / (f64::from(messages.saturating_add(entry.names)) + 1.0)).ln() + 1.0;
        Some(f64::from(term.weight) / UNIT * rare)
    }

    /// How much each n-gram of a message speaks for one category rather than another, as (start, end, weight).
    pub(crate) fn evidence(&self, profile: &Profile, class: Class, rather_than: Class) -> Vec<(u32, u32, f64)> {
        let mut weights = vec![0.0; usize::from(self.classes)];
        let whole = self.denominators(profile, None);
        let mut out = Vec::new();
        for term in profile.terms() {
            let Some(share) = self.weights(term, None, &whole, &mut weights) else { continue };
            let of = |c: Class| weights.get(usize::from(c.0)).copied().unwrap_or(0.0);
            out.push((term.start, term.end, share * (of(class) - of(rather_than))));
        }
        out
    }

    /// How rare an n-gram is among what was learned; for comparing two messages.
    pub(crate) fn rarity(&self, hash: u32) -> f64 {
        let held = self.entries.get(&hash).map_or(0, |e| e.messages.saturating_add(e.names));
        ((f64::from(self.documents) + 1.0) / (f64::from(held) + 1.0)).ln() + 1.0
    }

    /// True when a name of the tree, or enough messages, hold every piece of the word.
    pub fn knows(&self, word: &str) -> bool {
        let text = normal(word);
        let known = |hash| self.entries.get(&hash).is_some_and(|e| e.names > 0 || e.messages >= VOICES);
        let grams = cut(&text);
        !grams.is_empty() && grams.iter().all(|g| known(g.hash))
    }
}

/// A sum as shares of messages. Beyond 2^53 the last digits do not matter.
#[allow(clippy::cast_precision_loss)]
fn shares(sum: u64) -> f64 {
    sum as f64 / UNIT
}

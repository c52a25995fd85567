//! A message as the model sees it: its n-grams with their weights, and its own words for reasons.

use crate::grams::{cut, normal};

/// A title says what a message is about; its body says it with everything else. Each piece of the title counts so often.
pub const TITLE_WEIGHT: u32 = 3;
/// The fixed point of weights: sums of whole numbers come out the same in any order.
pub(crate) const UNIT: f64 = 65_536.0;

/// One n-gram of a message.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Term {
    pub(crate) hash: u32,
    /// Its share of the message, in 1/65536; the squares of all shares sum up to one.
    pub(crate) weight: u32,
    /// Where it stands first, in characters of the text.
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A message cut into n-grams. It lives as long as the question; the model keeps nothing of its text.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    text: Vec<char>,
    /// Each n-gram once, by its hash.
    terms: Vec<Term>,
}

impl Profile {
    /// Of a title and a body; either may be empty.
    pub fn of(title: &str, body: &str) -> Profile {
        let mut text = normal(title);
        let title_end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        text.push('\n');
        text.extend(normal(body));
        let mut grams = cut(&text);
        // Stable: of the same pieces the first one in the text comes first.
        grams.sort_by_key(|g| g.hash);
        let mut counted: Vec<(Term, u32)> = Vec::new();
        for gram in grams {
            let times = if gram.end <= title_end { TITLE_WEIGHT } else { 1 };
            match counted.last_mut() {
                Some((term, count)) if term.hash == gram.hash => *count = count.saturating_add(times),
                _ => counted.push((Term { hash: gram.hash, weight: 0, start: gram.start, end: gram.end }, times)),
            }
        }
        let raw = |count: u32| 1.0 + f64::from(count).ln();
        let length = counted.iter().map(|(_, n)| raw(*n) * raw(*n)).sum::<f64>().sqrt();
        let terms = counted.into_iter().map(|(term, n)| Term { weight: whole(raw(n) / length * UNIT), ..term });
        Profile { terms: terms.collect(), text }
    }

    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// True when there is nothing to go by.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words a term stands for, as this message has them.
    pub(crate) fn said(&self, start: u32, end: u32) -> String {
        let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
        self.text.get(range).unwrap_or(&[]).iter().collect()
    }

    /// True when the normal form of `word` stands in the message.
    pub(crate) fn says(&self, word: &[char]) -> bool {
        !word.is_empty() && self.text.windows(word.len()).any(|w| w == word)
    }
}

/// A share is between 0 and 1: it fits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(share: f64) -> u32 {
    if share.is_finite() { share.round().clamp(0.0, f64::from(u32::MAX)) as u32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_squares_of_the_shares_sum_up_to_one_and_the_title_weighs_more() {
        let p = Profile::of("路灯不亮", "晚上很黑");
        let sum: f64 = p.terms().iter().map(|t| (f64::from(t.weight) / UNIT).powi(2)).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        let weight = |said: &str| p.terms().iter().find(|t| p.said(t.start, t.end) == said).unwrap().weight;
        assert!(weight("路灯") > weight("晚上"));
        assert!(Profile::of("", "！？").is_empty());
    }
}

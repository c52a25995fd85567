//! What a code that was written at some moment means today.

use std::collections::{HashSet, VecDeque};

/// Codes looked at for one answer; a county has fewer successors than that.
pub const MOST: usize = 256;

/// From a moment on, `new` has what `old` had, or a part of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Step {
    pub old: String,
    /// What the old one was called, where that is known.
    pub old_name: String,
    pub new: String,
    /// Microseconds since 1970 in UTC.
    pub at: i64,
    /// Whether the old code ended with it. Unsaid: it did when it was the last step of a code that no place has.
    pub ends: Option<bool>,
    /// Whether the new code began with it. Unsaid: it did when nothing earlier is known of it.
    pub begins: Option<bool>,
    pub note: String,
}

/// What is known of codes. All codes are [`crate::plain`].
pub trait Codes {
    type Error;

    /// Steps that lead away from a code.
    ///
    /// # Errors
    /// As whoever keeps them has it.
    fn after(&self, code: &str) -> Result<Vec<Step>, Self::Error>;

    /// Steps that lead to a code.
    ///
    /// # Errors
    /// As whoever keeps them has it.
    fn before(&self, code: &str) -> Result<Vec<Step>, Self::Error>;

    /// Whether a place has the code now.
    ///
    /// # Errors
    /// As whoever keeps them has it.
    fn held(&self, code: &str) -> Result<bool, Self::Error>;

    /// Until when an older boundary of the code held, the earliest of them: the code was in force before that.
    ///
    /// # Errors
    /// As whoever keeps them has it.
    fn drawn(&self, code: &str) -> Result<Option<i64>, Self::Error>;
}

/// A code a place has today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Now {
    pub code: String,
    /// How it was come to, the oldest first; none when it is the code itself.
    pub through: Vec<Step>,
}

/// Why there is no place of today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lost {
    /// It came in force later.
    NotYet { code: String, since: i64 },
    /// No place has it and no step leads away from it.
    Unknown { code: String },
    /// This took its place, and no place has it.
    Nowhere { code: String, through: Vec<Step> },
}

/// Where a code is now. A code may have become several, of which some may have no place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Today {
    pub now: Vec<Now>,
    pub lost: Vec<Lost>,
}

/// Since when a code is in force; `None` when nothing says that it was not always.
///
/// # Errors
/// As whoever keeps the steps has it.
pub fn since<C: Codes>(codes: &C, code: &str) -> Result<Option<i64>, C::Error> {
    let before = codes.before(code)?;
    let Some(first) = before.iter().map(|s| s.at).min() else { return Ok(None) };
    let said = |wanted| before.iter().any(|s| s.at == first && s.begins == Some(wanted));
    if said(false) {
        return Ok(None);
    }
    let known = codes.after(code)?.iter().any(|s| s.at < first) || codes.drawn(code)?.is_some_and(|at| at < first);
    Ok((said(true) || !known).then_some(first))
}

/// When a code ended; `None` while it is in force. Steps after `now` are not done yet.
///
/// # Errors
/// As whoever keeps the steps has it.
pub fn until<C: Codes>(codes: &C, code: &str, now: i64) -> Result<Option<i64>, C::Error> {
    ended(codes, code, &done(codes.after(code)?, now))
}

fn done(mut steps: Vec<Step>, now: i64) -> Vec<Step> {
    steps.retain(|s| s.at <= now);
    steps
}

fn ended<C: Codes>(codes: &C, code: &str, after: &[Step]) -> Result<Option<i64>, C::Error> {
    let Some(last) = after.iter().map(|s| s.at).max() else { return Ok(None) };
    let said = |wanted| after.iter().any(|s| s.at == last && s.ends == Some(wanted));
    let ends = said(true) || (!said(false) && !codes.held(code)?);
    Ok(ends.then_some(last))
}

/// What a code means today that was written at a moment. A code that had ended by then means what it last meant.
///
/// # Errors
/// As whoever keeps the steps has it.
pub fn today<C: Codes>(codes: &C, code: &str, at: i64, now: i64) -> Result<Today, C::Error> {
    let mut out = Today::default();
    if let Some(since) = since(codes, code)?.filter(|since| *since > at) {
        out.lost.push(Lost::NotYet { code: code.to_owned(), since });
        return Ok(out);
    }
    let mut seen: HashSet<(String, i64)> = HashSet::new();
    let mut open: VecDeque<(String, i64, Vec<Step>)> = VecDeque::from([(code.to_owned(), at, Vec::new())]);
    while let Some((code, at, through)) = open.pop_front() {
        if !seen.insert((code.clone(), at)) {
            continue;
        }
        if seen.len() > MOST {
            out.lost.push(Lost::Nowhere { code, through });
            break;
        }
        let after = done(codes.after(&code)?, now);
        let ended = ended(codes, &code, &after)?;
        // Of a code that had ended the last steps are taken too: its writer did not know of them.
        let at = ended.map_or(at, |ended| at.min(ended.saturating_sub(1)));
        let mut next: Vec<Step> = after.into_iter().filter(|s| s.at > at).collect();
        next.sort_by(|a, b| (a.at, &a.new).cmp(&(b.at, &b.new)));
        if ended.is_none() {
            if codes.held(&code)? {
                if !out.now.iter().any(|n| n.code == code) {
                    out.now.push(Now { code: code.clone(), through: through.clone() });
                }
            } else if !through.is_empty() || !next.is_empty() {
                out.lost.push(Lost::Nowhere { code: code.clone(), through: through.clone() });
            } else {
                out.lost.push(Lost::Unknown { code: code.clone() });
            }
        }
        for step in next {
            let mut through = through.clone();
            through.push(step.clone());
            open.push_back((step.new, step.at, through));
        }
    }
    if out == Today::default() {
        // Nothing but a circle: it is refused when it is written, and here it ends.
        out.lost.push(Lost::Nowhere { code: code.to_owned(), through: Vec::new() });
    }
    Ok(out)
}

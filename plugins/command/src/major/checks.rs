//! What is wrong with a plan, in words with reasons: a pure function of its posts, shifts and who is assigned.
//!
//! Nothing is decided here. Whoever approves sees it, and says why it is accepted or sends the plan back.

use super::plan::{DutyRow, PostRow, ShiftRow, Standing};
use changzhi_sdk::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One thing wrong.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Finding {
    /// What it is, as a key.
    pub(super) key: &'static str,
    /// The same in words, with what it is about.
    pub(super) text: Text,
    /// The stretch of time it is about, if it is about one.
    pub(super) span: Option<(Micros, Micros)>,
}

fn finding(key: &'static str, with: &[(&str, &str)]) -> Finding {
    let text = with.iter().fold(Text::key(key), |text, (name, value)| text.with(name, *value));
    Finding { key, text, span: None }
}

/// The time a plan is for, and the rest it asks for between two shifts of one person.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) from: Micros,
    pub(super) to: Micros,
    pub(super) rest_hours: i64,
}

/// Two stretches of time share a moment. Where one ends the next may begin.
pub(super) fn overlap(a: (Micros, Micros), b: (Micros, Micros)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

/// Everything that is found, gaps of posts first.
pub(super) fn findings(
    frame: Frame,
    posts: &[PostRow],
    shifts: &[ShiftRow],
    duties: &[DutyRow],
    known: &BTreeMap<EntityId, Standing>,
) -> Vec<Finding> {
    let mut all = Vec::new();
    if posts.is_empty() {
        all.push(finding("gap-major-no-post", &[]));
    }
    if shifts.is_empty() {
        all.push(finding("gap-major-no-shift", &[]));
    }
    for post in posts {
        for shift in shifts {
            all.extend(manned(post, shift, duties, known));
        }
    }
    uncovered(frame, shifts, &mut all);
    persons(frame, posts, shifts, duties, known, &mut all);
    all
}

/// Whether somebody is what a post asks for.
pub(super) fn fits(post: &PostRow, known: Option<&Standing>) -> bool {
    let Some(known) = known else { return post.post.sort.is_none() && post.post.skills.is_none() };
    let sort = post.post.sort.as_deref().is_none_or(|s| known.sort.as_deref() == Some(s));
    let mut skills = post.post.skills.as_deref().unwrap_or_default().split_whitespace();
    known.open && sort && skills.all(|s| known.skills.iter().any(|k| k == s))
}

/// A post with fewer than it asks for; whoever is there without the kind or the skill does not count.
fn manned(
    post: &PostRow,
    shift: &ShiftRow,
    duties: &[DutyRow],
    known: &BTreeMap<EntityId, Standing>,
) -> Option<Finding> {
    let there = duties.iter().filter(|d| d.post == post.id && d.shift == shift.id);
    let (fit, other): (Vec<&DutyRow>, Vec<&DutyRow>) = there.partition(|d| fits(post, known.get(&d.who)));
    let short = post.post.need - i64::try_from(fit.len()).unwrap_or(i64::MAX);
    if short <= 0 {
        return None;
    }
    let (asked, missing) = (post.post.need.to_string(), short.to_string());
    let names = other.iter().map(|d| d.shown.as_str()).collect::<Vec<_>>().join("、");
    let key = if other.is_empty() { "gap-major-short" } else { "gap-major-unfit" };
    let found = finding(
        key,
        &[
            ("post", &post.post.name),
            ("shift", &shift.shift.name),
            ("asked", &asked),
            ("missing", &missing),
            ("names", &names),
        ],
    );
    Some(Finding { span: Some((shift.shift.from, shift.shift.to)), ..found })
}

/// Times of the event that no shift covers.
fn uncovered(frame: Frame, shifts: &[ShiftRow], all: &mut Vec<Finding>) {
    if shifts.is_empty() {
        return;
    }
    let mut gap = |from: Micros, to: Micros| {
        all.push(Finding { span: Some((from, to)), ..finding("gap-major-uncovered", &[]) });
    };
    let mut covered = frame.from;
    for shift in shifts {
        if shift.shift.from > covered && covered < frame.to {
            gap(covered, shift.shift.from.min(frame.to));
        }
        covered = covered.max(shift.shift.to);
    }
    if covered < frame.to {
        gap(covered, frame.to);
    }
}

/// Of each person who is assigned: two posts at once, too little rest, an account that was closed.
fn persons(
    frame: Frame,
    posts: &[PostRow],
    shifts: &[ShiftRow],
    duties: &[DutyRow],
    known: &BTreeMap<EntityId, Standing>,
    all: &mut Vec<Finding>,
) {
    let time = |shift: EntityId| shifts.iter().find(|s| s.id == shift).map(|s| (s.shift.from, s.shift.to));
    let post = |id: EntityId| posts.iter().find(|p| p.id == id).map_or("", |p| p.post.name.as_str());
    let mut of: BTreeMap<EntityId, Vec<(Micros, Micros, &DutyRow)>> = BTreeMap::new();
    for duty in duties {
        if let Some((from, to)) = time(duty.shift) {
            of.entry(duty.who).or_default().push((from, to, duty));
        }
    }
    for (who, mut own) in of {
        own.sort_by_key(|(from, to, duty)| (*from, *to, duty.id));
        let shown = own.first().map_or("", |(.., duty)| duty.shown.as_str());
        if known.get(&who).is_some_and(|s| !s.open) {
            all.push(finding("gap-major-left", &[("name", shown)]));
        }
        let mut said = BTreeSet::new();
        for pair in own.windows(2) {
            let [(_, ends, one), (begins, _, two)] = pair else { continue };
            let rest = begins.since(*ends);
            let with = [("name", shown), ("one", post(one.post)), ("two", post(two.post))];
            if rest < 0 {
                all.push(finding("gap-major-twice", &with));
            } else if rest < frame.rest_hours.saturating_mul(Micros::HOUR) && said.insert((one.shift, two.shift)) {
                let (hours, asked) = ((rest / Micros::HOUR).to_string(), frame.rest_hours.to_string());
                let with = [("name", shown), ("hours", hours.as_str()), ("asked", asked.as_str())];
                all.push(finding("gap-major-rest", &with));
            }
        }
    }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;

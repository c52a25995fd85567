//! The proposal: a pure function of who stands how, what is asked for, where, and when. It proposes; a person sends.
//!
//! Order is by distance in steps of a hundred metres, then by who has been free longest, then by number: the same for the same city,
//! whatever order it is read in. Nothing that was ever declined, missed or done weighs. Distances are between places: from where
//! somebody stands by to where it rang, in a straight line.

use super::needs::{Need, pace};
use changzhi_sdk::{EntityId, Micros};
use std::collections::{BTreeMap, BTreeSet};

/// Distances this alike count as the same.
const STEP: u32 = 100;
/// How many others are offered to choose from for a need.
const OTHERS: usize = 12;
/// Metres of a degree of latitude.
const DEGREE: f64 = 111_195.0;

/// Longitude and latitude.
pub(super) type At = (f64, f64);

/// How somebody stands to an alarm now. Read from what there is, never kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stand {
    Free(Micros),
    Off,
    Busy,
    /// This alarm: declined, handed back.
    Declined,
    /// This alarm.
    NoAnswer,
}

/// One responder as the proposal sees them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Standing<'a> {
    pub(super) id: EntityId,
    pub(super) sort: &'a str,
    pub(super) skills: &'a str,
    pub(super) division: Option<EntityId>,
    pub(super) at: Option<At>,
    pub(super) stand: Stand,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pick {
    pub(super) id: EntityId,
    /// `None`: it is not known where they stand by.
    pub(super) metres: Option<u32>,
    pub(super) since: Micros,
}

/// Why there are not more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Because {
    /// Nobody else of the kind is known.
    Unknown,
    Off,
    Busy,
    Declined,
    NoAnswer,
    TooFar,
    Unskilled,
    /// Proposed for another line.
    Elsewhere,
}

impl Because {
    /// The key of the message.
    pub(super) fn key(self) -> &'static str {
        match self {
            Because::Unknown => "short-unknown",
            Because::Off => "short-off",
            Because::Busy => "short-busy",
            Because::Declined => "short-declined",
            Because::NoAnswer => "short-no-answer",
            Because::TooFar => "short-too-far",
            Because::Unskilled => "short-unskilled",
            Because::Elsewhere => "short-elsewhere",
        }
    }
}

/// One line of the card.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Line {
    pub(super) need: Need,
    /// Tasks that stand for it already.
    pub(super) standing: u32,
    pub(super) picks: Vec<Pick>,
    /// How many are missing, and why: how many of the kind each reason keeps away.
    pub(super) short: u32,
    pub(super) because: Vec<(Because, u32)>,
    /// Free and fit as well, in the same order.
    pub(super) others: Vec<Pick>,
}

/// What stays behind in a division from which somebody is picked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cover {
    pub(super) division: Option<EntityId>,
    pub(super) sort: String,
    pub(super) left: u32,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Proposal {
    pub(super) lines: Vec<Line>,
    pub(super) cover: Vec<Cover>,
}

impl Proposal {
    /// Everybody proposed, by line.
    pub(super) fn picks(&self) -> impl Iterator<Item = (&Need, &Pick)> {
        self.lines.iter().flat_map(|l| l.picks.iter().map(move |p| (&l.need, p)))
    }
}

/// Metres between two places: flat, which a city is near enough.
pub(super) fn metres(a: At, b: At) -> u32 {
    let across = (a.0 - b.0) * DEGREE * ((a.1 + b.1) / 2.0).to_radians().cos();
    let along = (a.1 - b.1) * DEGREE;
    let metres = across.hypot(along).round();
    // Cut at the ends of the type; what is no number is far away.
    if metres.is_finite() { metres as u32 } else { u32::MAX }
}

/// Minutes at the pace of a kind, begun ones counted whole.
pub(super) fn minutes(sort: &str, metres: u32) -> u32 {
    metres.div_ceil(pace(sort)).max(1)
}

fn skilled(who: &Standing<'_>, need: &Need) -> bool {
    need.skills.iter().all(|wanted| who.skills.split(' ').any(|has| has == wanted))
}

/// Nearest first in steps, then whoever has been free longest. An unknown distance comes last.
fn order(pick: &Pick) -> (u32, Micros, EntityId) {
    (pick.metres.map_or(u32::MAX, |m| m / STEP), pick.since, pick.id)
}

/// `standing` is how many tasks stand already for a line, by [`Need::name`].
pub(super) fn propose(
    all: &[Standing<'_>],
    needs: &[Need],
    standing: &BTreeMap<String, u32>,
    at: Option<At>,
) -> Proposal {
    let mut taken: BTreeSet<EntityId> = BTreeSet::new();
    let mut lines = Vec::with_capacity(needs.len());
    for need in needs {
        let there = standing.get(&need.name()).copied().unwrap_or(0).min(need.count);
        let line = line(all, need, there, at, &taken);
        taken.extend(line.picks.iter().map(|p| p.id));
        lines.push(line);
    }
    let cover = cover(all, &taken);
    Proposal { lines, cover }
}

fn line(all: &[Standing<'_>], need: &Need, standing: u32, at: Option<At>, taken: &BTreeSet<EntityId>) -> Line {
    let limit = need.metres();
    let mut fit: Vec<Pick> = Vec::new();
    let mut away: BTreeMap<Because, u32> = BTreeMap::new();
    for who in all.iter().filter(|w| w.sort == need.sort) {
        let metres = at.zip(who.at).map(|(a, b)| metres(a, b));
        let because = match who.stand {
            Stand::Off => Because::Off,
            Stand::Busy => Because::Busy,
            Stand::Declined => Because::Declined,
            Stand::NoAnswer => Because::NoAnswer,
            Stand::Free(_) if !skilled(who, need) => Because::Unskilled,
            Stand::Free(_) if limit.zip(metres).is_some_and(|(most, far)| far > most) => Because::TooFar,
            Stand::Free(_) if taken.contains(&who.id) => Because::Elsewhere,
            Stand::Free(since) => {
                fit.push(Pick { id: who.id, metres, since });
                continue;
            }
        };
        *away.entry(because).or_default() += 1;
    }
    let wanted = need.count.saturating_sub(standing);
    let count = usize::try_from(wanted).unwrap_or(usize::MAX);
    // Only the first few are ever shown: the rest need no order.
    let shown = count.saturating_add(OTHERS);
    if fit.len() > shown {
        fit.select_nth_unstable_by_key(shown, order);
        fit.truncate(shown);
    }
    fit.sort_unstable_by_key(order);
    let others = fit.split_off(count.min(fit.len()));
    let short = wanted.saturating_sub(u32::try_from(fit.len()).unwrap_or(u32::MAX));
    if away.is_empty() {
        away.insert(Because::Unknown, 0);
    }
    let because = if short > 0 { away.into_iter().collect() } else { Vec::new() };
    Line { need: need.clone(), standing, picks: fit, short, because, others }
}

/// How many of a kind stay free where somebody of it is taken away.
fn cover(all: &[Standing<'_>], taken: &BTreeSet<EntityId>) -> Vec<Cover> {
    let mut left: BTreeMap<(Option<EntityId>, &str), u32> = BTreeMap::new();
    for who in all.iter().filter(|w| taken.contains(&w.id)) {
        left.insert((who.division, who.sort), 0);
    }
    for who in all.iter().filter(|w| !taken.contains(&w.id) && matches!(w.stand, Stand::Free(_))) {
        if let Some(count) = left.get_mut(&(who.division, who.sort)) {
            *count += 1;
        }
    }
    left.into_iter().map(|((division, sort), left)| Cover { division, sort: sort.to_owned(), left }).collect()
}

#[cfg(test)]
#[path = "propose_tests.rs"]
mod tests;

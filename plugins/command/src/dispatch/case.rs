//! One alarm as sending somebody to it sees it, and what is proposed for it now.

use super::cards::{self, Source};
use super::merge;
use super::propose::{Proposal, propose};
use super::stand::{Busy, People};
use crate::alarm::{Alarm, position};
use changzhi_sdk::prelude::*;

/// States in which somebody has taken an alarm and it is not over.
pub(crate) const WORKED_ON: [&str; 5] = ["acknowledged", "judged", "dispatched", "attended", "controlled"];

pub(super) struct Case {
    pub(super) category: String,
    pub(super) state: String,
    pub(super) within: Option<EntityId>,
    pub(super) level: i64,
    pub(super) exercise: bool,
    /// The alarm it is part of: there somebody is sent, not here.
    pub(super) into: Option<EntityId>,
}

impl Case {
    pub(super) fn read(alarm: EntityId) -> Result<Case, Refusal> {
        let (kind, category, state, within) =
            get(alarm, (core_fields::KIND, core_fields::CATEGORY, core_fields::STATE, core_fields::WITHIN))?;
        if kind.as_deref() != Some("alarm") {
            return Err(Refusal::not_found("no-such-alarm"));
        }
        let (level, exercise) = get(alarm, (Alarm::LEVEL, Alarm::EXERCISE))?;
        Ok(Case {
            category: category.unwrap_or_default(),
            state: state.unwrap_or_default(),
            within,
            level: level.unwrap_or(1).clamp(1, 4),
            exercise: exercise == Some(true),
            into: merge::into(alarm)?,
        })
    }

    pub(super) fn is_open(&self) -> bool {
        WORKED_ON.contains(&self.state.as_str())
    }
}

/// What is proposed at a level: where the card comes from, the proposal, and everybody's tasks it was made from.
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) proposal: Proposal,
    pub(super) busy: Busy,
}

pub(super) fn found(now: Micros, alarm: EntityId, case: &Case, level: i64) -> Result<Found, Refusal> {
    let (source, needs) = cards::asked(case.within, &case.category, level)?;
    let busy = Busy::read(now, Some(alarm))?;
    let people = People::read()?;
    let all = people.standings(&busy, case.exercise)?;
    let at = position(alarm, case.within)?;
    let proposal = propose(&all, &needs, &busy.standing, at);
    Ok(Found { source, proposal, busy })
}

//! How everybody stands now: read from sign-ons and tasks, in columns, and never kept.

use super::facet::{Responder, Task};
use super::flow::table::OPEN;
use super::propose::{Stand, Standing};
use changzhi_sdk::Rows;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

/// Responders of one question, which is the host's most.
const PAGE: u32 = 10_000;
/// Open tasks of a city, and tasks of one alarm.
const TASKS: u32 = 10_000;
/// A task that ended longer ago than this says nothing about who has been free longest.
const RECENT: i64 = Micros::DAY;

/// What tasks say about responders.
#[derive(Default)]
pub(super) struct Busy {
    /// Who has an open task, and whether one of them is not an exercise.
    open: BTreeMap<EntityId, bool>,
    /// When the last one ended.
    ended: BTreeMap<EntityId, Micros>,
    /// Of this alarm: who said no, or nothing.
    not: BTreeMap<EntityId, Stand>,
    /// Of this alarm: tasks that stand for a line of the card.
    pub(super) standing: BTreeMap<String, u32>,
}

impl Busy {
    /// Without an alarm: who has an open task at all.
    pub(super) fn read(now: Micros, alarm: Option<EntityId>) -> Result<Busy, Refusal> {
        let mut busy = Busy::default();
        for state in OPEN {
            let rows = Query::kind("task")
                .fields(&[&Task::RESPONDER, &Task::EXERCISE])
                .filter(core_fields::STATE.is(state))
                .limit(TASKS)
                .run()?;
            let (who, exercise) = (rows.column(Task::RESPONDER)?, rows.column(Task::EXERCISE)?);
            for row in 0..rows.len() {
                if let Some(who) = who.get(row) {
                    *busy.open.entry(who).or_default() |= !exercise.get(row).unwrap_or(false);
                }
            }
        }
        let rows = Query::kind("task")
            .fields(&[&Task::RESPONDER, &Task::ENDED])
            .filter(Task::ENDED.at_least(now.plus(-RECENT)))
            .limit(TASKS)
            .run()?;
        let (who, ended) = (rows.column(Task::RESPONDER)?, rows.column(Task::ENDED)?);
        for row in 0..rows.len() {
            if let Some((who, at)) = who.get(row).zip(ended.get(row)) {
                let last = busy.ended.entry(who).or_insert(at);
                *last = (*last).max(at);
            }
        }
        if let Some(alarm) = alarm {
            busy.of_alarm(alarm)?;
        }
        Ok(busy)
    }

    fn of_alarm(&mut self, alarm: EntityId) -> Result<(), Refusal> {
        let rows = Query::kind("task")
            .fields(&[&Task::RESPONDER, &Task::NEED, &core_fields::STATE])
            .filter(Task::ALARM.is(alarm))
            .oldest()
            .limit(TASKS)
            .run()?;
        let (who, need) = (rows.column(Task::RESPONDER)?, rows.column(Task::NEED)?);
        let state = rows.column(core_fields::STATE)?;
        for row in 0..rows.len() {
            let (Some(who), Some(state)) = (who.get(row), state.get(row)) else { continue };
            match state {
                "declined" | "handed-back" => _ = self.not.insert(who, Stand::Declined),
                "no-answer" => _ = self.not.insert(who, Stand::NoAnswer),
                // What was done was asked for and is there no more; what was taken back by us may be asked for again.
                "recalled" | "released" => {}
                _ => *self.standing.entry(need.get(row).unwrap_or_default().to_owned()).or_default() += 1,
            }
        }
        Ok(())
    }

    /// An exercise touches nobody's real task, and a real alarm is held up by no exercise.
    fn is_busy(&self, responder: EntityId, exercise: bool) -> bool {
        self.open.get(&responder).is_some_and(|real| *real || exercise)
    }

    pub(super) fn has_task(&self, responder: EntityId) -> bool {
        self.open.contains_key(&responder)
    }

    /// Since when somebody who is signed on is free.
    pub(super) fn since(&self, responder: EntityId, on: Micros) -> Micros {
        self.ended.get(&responder).map_or(on, |ended| (*ended).max(on))
    }

    /// `none` weighs as signed off.
    pub(super) fn stand(&self, responder: EntityId, on: Option<Micros>, exercise: bool) -> Stand {
        match (on, self.not.get(&responder)) {
            (None, _) => Stand::Off,
            _ if self.is_busy(responder, exercise) => Stand::Busy,
            (_, Some(not)) => *not,
            (Some(on), None) => Stand::Free(self.since(responder, on)),
        }
    }
}

/// Everybody who is known, in columns.
pub(super) struct People(Vec<Rows>);

impl People {
    pub(super) fn read() -> Result<People, Refusal> {
        let (mut pages, mut after) = (Vec::new(), EntityId::default());
        loop {
            let rows = Query::kind("responder")
                .fields(&[&Responder::SORT, &Responder::SKILLS, &Responder::DIVISION, &Responder::ON_SINCE])
                .fields(&[&Responder::ENDED, &core_fields::LON, &core_fields::LAT])
                .after(after)
                .limit(PAGE)
                .run()?;
            let full = rows.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
            after = rows.ids().max().unwrap_or(after);
            pages.push(rows);
            if !full {
                return Ok(People(pages));
            }
        }
    }

    /// How each stands to an alarm; texts are borrowed from the columns.
    pub(super) fn standings(&self, busy: &Busy, exercise: bool) -> Result<Vec<Standing<'_>>, Refusal> {
        let mut all = Vec::with_capacity(self.0.iter().map(Rows::len).sum());
        for rows in &self.0 {
            let (sort, skills) = (rows.column(Responder::SORT)?, rows.column(Responder::SKILLS)?);
            let (division, on) = (rows.column(Responder::DIVISION)?, rows.column(Responder::ON_SINCE)?);
            let (ended, lon, lat) =
                (rows.column(Responder::ENDED)?, rows.column(core_fields::LON)?, rows.column(core_fields::LAT)?);
            for (row, id) in rows.ids().enumerate() {
                if ended.get(row).unwrap_or(false) {
                    continue;
                }
                let (sort, skills) = (sort.get(row).unwrap_or_default(), skills.get(row).unwrap_or_default());
                let stand = busy.stand(id, on.get(row), exercise);
                let at = lon.get(row).zip(lat.get(row));
                all.push(Standing { id, sort, skills, division: division.get(row), at, stand });
            }
        }
        Ok(all)
    }
}

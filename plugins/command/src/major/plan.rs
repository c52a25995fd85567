//! A plan as it is kept: the version itself, and its rows, each read in one question.

use super::facet::{Duty, Hazard, Major, Post, Shift};
use crate::alarm::LOGIN;
use crate::dispatch::Responder;
use changzhi_sdk::prelude::*;

/// Rows of one plan, of each kind.
pub(super) const ROWS: u32 = 1_000;

/// What most pages and steps need of a version.
pub(super) struct Head {
    pub(super) id: EntityId,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) within: Option<EntityId>,
    pub(super) first: EntityId,
    pub(super) version: i64,
    pub(super) from: Micros,
    pub(super) to: Micros,
    pub(super) commander: EntityId,
    pub(super) deputy: Option<EntityId>,
    pub(super) interval: i64,
    pub(super) grace: i64,
    pub(super) rest: i64,
    pub(super) briefed: Option<Micros>,
}

impl Head {
    pub(super) fn read(plan: EntityId) -> Result<Head, Refusal> {
        let (kind, state, within) = get(plan, (core_fields::KIND, core_fields::STATE, core_fields::WITHIN))?;
        let (title, first, version, from, to, commander, deputy, briefed) = get(
            plan,
            (
                Major::TITLE,
                Major::FIRST,
                Major::VERSION,
                Major::FROM,
                Major::TO,
                Major::COMMANDER,
                Major::DEPUTY,
                Major::BRIEFED,
            ),
        )?;
        let (interval, grace, rest) = get(plan, (Major::INTERVAL, Major::GRACE, Major::REST))?;
        match (kind.as_deref(), state, title, from, to, commander) {
            (Some("major"), Some(state), Some(title), Some(from), Some(to), Some(commander)) => Ok(Head {
                id: plan,
                title,
                state,
                within,
                first: first.unwrap_or(plan),
                version: version.unwrap_or(1),
                from,
                to,
                commander,
                deputy,
                interval: interval.unwrap_or(30),
                grace: grace.unwrap_or(10),
                rest: rest.unwrap_or(8),
                briefed,
            }),
            _ => Err(Refusal::not_found("no-such-major")),
        }
    }

    /// Whoever commands it: the commander or the deputy.
    pub(super) fn is_commanded_by(&self, account: EntityId) -> bool {
        account != EntityId::default() && (account == self.commander || self.deputy == Some(account))
    }
}

pub(super) struct PostRow {
    pub(super) id: EntityId,
    pub(super) within: Option<EntityId>,
    pub(super) post: Post,
}

pub(super) struct ShiftRow {
    pub(super) id: EntityId,
    pub(super) shift: Shift,
}

pub(super) struct DutyRow {
    pub(super) id: EntityId,
    pub(super) post: EntityId,
    pub(super) shift: EntityId,
    pub(super) who: EntityId,
    pub(super) shown: String,
    pub(super) read: Option<Micros>,
}

fn own(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned).filter(|t| !t.is_empty())
}

/// Posts in the order they were written.
pub(super) fn posts(plan: EntityId) -> Result<Vec<PostRow>, Refusal> {
    let rows = Query::kind("major-post")
        .fields(&[&Post::NAME, &Post::SPOT, &Post::NEED, &Post::SORT, &Post::SKILLS, &Post::EQUIPMENT])
        .fields(&[&Post::ENDED, &core_fields::WITHIN])
        .filter(Post::PLAN.is(plan))
        .after(EntityId::default())
        .limit(ROWS)
        .run()?;
    let (name, spot) = (rows.column(Post::NAME)?, rows.column(Post::SPOT)?);
    let (need, sort, skills) = (rows.column(Post::NEED)?, rows.column(Post::SORT)?, rows.column(Post::SKILLS)?);
    let (equipment, ended) = (rows.column(Post::EQUIPMENT)?, rows.column(Post::ENDED)?);
    let within = rows.column(core_fields::WITHIN)?;
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate().filter(|(row, _)| ended.get(*row) != Some(true)) {
        let Some(name) = own(name.get(row)) else { continue };
        let post = Post {
            plan,
            name,
            spot: own(spot.get(row)),
            task: get(id, Post::TASK)?.unwrap_or_default(),
            need: need.get(row).unwrap_or(1),
            sort: own(sort.get(row)),
            skills: own(skills.get(row)),
            equipment: own(equipment.get(row)),
            ended: ended.get(row),
        };
        all.push(PostRow { id, within: within.get(row), post });
    }
    Ok(all)
}

/// Shifts in the order of time.
pub(super) fn shifts(plan: EntityId) -> Result<Vec<ShiftRow>, Refusal> {
    let rows = Query::kind("major-shift")
        .fields(&[&Shift::NAME, &Shift::FROM, &Shift::TO, &Shift::ENDED])
        .filter(Shift::PLAN.is(plan))
        .after(EntityId::default())
        .limit(ROWS)
        .run()?;
    let (name, from) = (rows.column(Shift::NAME)?, rows.column(Shift::FROM)?);
    let (to, ended) = (rows.column(Shift::TO)?, rows.column(Shift::ENDED)?);
    let shift = |(row, id)| {
        let (from, to) = (from.get(row)?, to.get(row)?);
        let shift = Shift { plan, name: own(name.get(row))?, from, to, ended: ended.get(row) };
        (shift.ended != Some(true)).then_some(ShiftRow { id, shift })
    };
    let mut all: Vec<ShiftRow> = rows.ids().enumerate().filter_map(shift).collect();
    all.sort_by_key(|s| (s.shift.from, s.id));
    Ok(all)
}

pub(super) fn duties(plan: EntityId) -> Result<Vec<DutyRow>, Refusal> {
    let rows = Query::kind("major-duty")
        .fields(&[&Duty::POST, &Duty::SHIFT, &Duty::WHO, &Duty::SHOWN, &Duty::READ, &Duty::ENDED])
        .filter(Duty::PLAN.is(plan))
        .after(EntityId::default())
        .limit(ROWS)
        .run()?;
    let (post, shift, who) = (rows.column(Duty::POST)?, rows.column(Duty::SHIFT)?, rows.column(Duty::WHO)?);
    let (shown, read, ended) = (rows.column(Duty::SHOWN)?, rows.column(Duty::READ)?, rows.column(Duty::ENDED)?);
    let duty = |(row, id)| {
        let (post, shift, who) = (post.get(row)?, shift.get(row)?, who.get(row)?);
        let shown = own(shown.get(row)).unwrap_or_default();
        let duty = DutyRow { id, post, shift, who, shown, read: read.get(row) };
        (ended.get(row) != Some(true)).then_some(duty)
    };
    Ok(rows.ids().enumerate().filter_map(duty).collect())
}

pub(super) struct HazardRow {
    pub(super) id: EntityId,
    pub(super) what: String,
    pub(super) measure: String,
}

pub(super) fn hazards(plan: EntityId) -> Result<Vec<HazardRow>, Refusal> {
    let rows = Query::kind("major-hazard")
        .fields(&[&Hazard::WHAT, &Hazard::ENDED])
        .filter(Hazard::PLAN.is(plan))
        .after(EntityId::default())
        .limit(ROWS)
        .run()?;
    let (what, ended) = (rows.column(Hazard::WHAT)?, rows.column(Hazard::ENDED)?);
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate().filter(|(row, _)| ended.get(*row) != Some(true)) {
        let Some(what) = own(what.get(row)) else { continue };
        all.push(HazardRow { id, what, measure: get(id, Hazard::MEASURE)?.unwrap_or_default() });
    }
    Ok(all)
}

/// The kind and skills somebody is registered with, and whether their account is open still.
#[derive(Clone, Default)]
pub(super) struct Standing {
    pub(super) sort: Option<String>,
    pub(super) skills: Vec<String>,
    pub(super) open: bool,
}

pub(super) fn standing(account: EntityId) -> Result<Standing, Refusal> {
    let open = is_open(account)?;
    let Some(responder) = find(Responder::ACCOUNT, account.to_string())? else {
        return Ok(Standing { open, ..Standing::default() });
    };
    let (sort, skills, ended) = get(responder, (Responder::SORT, Responder::SKILLS, Responder::ENDED))?;
    if ended == Some(true) {
        return Ok(Standing { open, ..Standing::default() });
    }
    let skills = skills.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Ok(Standing { sort, skills, open })
}

/// An account that was not closed: a closed one has no sign-in, and nothing but an account has one.
pub(super) fn is_open(account: EntityId) -> Result<bool, Refusal> {
    Ok(get(account, LOGIN)?.is_some_and(|login| !login.is_empty()))
}

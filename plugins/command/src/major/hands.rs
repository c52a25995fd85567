//! Through whose hands a plan went, and who may do what with it besides their role.

use super::facet::{Duty, Major};
use super::flow::table::{APPROVER, IN_FORCE, PLANNER};
use super::plan::{Head, ROWS};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Which {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
}

#[derive(Body)]
pub struct WhichAndWhy {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    #[field(max_len = 240, label = "reason")]
    pub reason: String,
}

/// Whoever does it, by name.
pub(super) fn named(ctx: &Context) -> Result<EntityId, Refusal> {
    match ctx.actor.id {
        id if id == EntityId::default() => Err(Refusal::denied("major-by-name")),
        id => Ok(id),
    }
}

/// Everybody who wrote at a version.
fn hands(plan: EntityId) -> Result<Vec<String>, Refusal> {
    Ok(get(plan, Major::HANDS)?.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
}

pub(super) fn wrote(plan: EntityId, account: EntityId) -> Result<bool, Refusal> {
    Ok(hands(plan)?.contains(&account.to_string()))
}

/// Somebody writes at a draft: the event is refused when it is none, and the hand is kept.
pub(super) fn edit(ctx: &Context, changes: &mut Changes, plan: EntityId) -> Result<Head, Refusal> {
    let (actor, head) = (named(ctx)?, Head::read(plan)?);
    changes.advance(plan, "edit", "");
    let mut all = hands(plan)?;
    if !all.contains(&actor.to_string()) {
        all.push(actor.to_string());
        changes.set(plan, Major::HANDS, all.join(" "));
    }
    Ok(head)
}

/// Whoever plans, approves or keeps watch: the desk's pages are theirs.
pub(super) fn desk(ctx: &Context) -> bool {
    PLANNER.iter().chain(APPROVER).any(|role| ctx.actor.has_role(role))
}

/// Only who commands.
pub(super) fn commands(ctx: &Context, head: &Head) -> Result<(), Refusal> {
    if head.is_commanded_by(named(ctx)?) { Ok(()) } else { Err(Refusal::denied("major-commander-only")) }
}

/// Whether somebody has a duty of a version.
pub(super) fn is_assigned(plan: EntityId, account: EntityId) -> Result<bool, Refusal> {
    if account == EntityId::default() {
        return Ok(false);
    }
    let rows = Query::kind("major-duty")
        .field(Duty::ENDED)
        .filter(Duty::PLAN.is(plan))
        .filter(Duty::WHO.is(account))
        .limit(ROWS)
        .run()?;
    let ended = rows.column(Duty::ENDED)?;
    Ok((0..rows.len()).any(|row| ended.get(row) != Some(true)))
}

/// The version of an event that holds now, if one does.
pub(super) fn in_force(first: EntityId) -> Result<Option<EntityId>, Refusal> {
    for plan in versions(first)? {
        if get(plan, core_fields::STATE)?.is_some_and(|s| IN_FORCE.contains(&s.as_str())) {
            return Ok(Some(plan));
        }
    }
    Ok(None)
}

/// Every version of an event, the first one first.
pub(super) fn versions(first: EntityId) -> Result<Vec<EntityId>, Refusal> {
    let rows = Query::kind("major").filter(Major::FIRST.is(first)).after(EntityId::default()).limit(ROWS).run()?;
    Ok(std::iter::once(first).chain(rows.ids()).collect())
}

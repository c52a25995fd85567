//! From a draft to a plan that holds: written by one, approved by another, changed only by a next version.

use super::assign::everybody;
use super::brief;
use super::checks::{Finding, Frame, findings};
use super::facet::{Duty, Hazard, Major, Post, Shift};
use super::flow::table::IN_FORCE;
use super::hands::{Which, WhichAndWhy, in_force, named, versions, wrote};
use super::live;
use super::plan::{self, Head, standing};
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Everybody has the briefing so long before it begins.
const BRIEFED_BEFORE: i64 = Micros::DAY;
/// A plan approved at the last moment: the briefing is due at once, not before it was approved.
const AT_LEAST: i64 = Micros::HOUR;

/// What the checks find in a version now.
pub(super) fn checked(head: &Head) -> Result<Vec<Finding>, Refusal> {
    let (posts, shifts, duties) = (plan::posts(head.id)?, plan::shifts(head.id)?, plan::duties(head.id)?);
    let mut known = BTreeMap::new();
    for who in duties.iter().map(|d| d.who) {
        if let Entry::Vacant(new) = known.entry(who) {
            new.insert(standing(who)?);
        }
    }
    let frame = Frame { from: head.from, to: head.to, rest_hours: head.rest };
    Ok(findings(frame, &posts, &shifts, &duties, &known))
}

#[command(label = "submit-major", roles = ["operator", "duty-officer", "admin"])]
pub fn submit_major(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, Head::read(body.major)?);
    if head.to <= ctx.now {
        return Err(Refusal::conflict("major-is-over"));
    }
    let mut changes = Changes::new();
    changes.advance(body.major, "submit", "");
    if !wrote(body.major, actor)? {
        let hands = get(body.major, Major::HANDS)?.unwrap_or_default();
        changes.set(body.major, Major::HANDS, format!("{hands} {actor}"));
    }
    Ok(changes)
}

#[command(label = "withdraw-major", roles = ["operator", "duty-officer", "admin"])]
pub fn withdraw_major(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    stepped(body.major, "withdraw", "")
}

#[command(label = "return-major", roles = ["official", "admin"])]
pub fn return_major(_ctx: &Context, body: WhichAndWhy) -> Result<Changes, Refusal> {
    stepped(body.major, "return", &body.reason)
}

fn stepped(plan: EntityId, event: &str, reason: &str) -> Result<Changes, Refusal> {
    Head::read(plan)?;
    let mut changes = Changes::new();
    changes.advance(plan, event, reason);
    Ok(changes)
}

#[derive(Body)]
pub struct Approval {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    /// Why what the checks found is accepted. Asked for where they found something.
    #[field(long_text, max_len = 1000, label = "major-accepted")]
    pub accepted: Option<String>,
}

#[command(label = "approve-major", roles = ["official", "admin"])]
pub fn approve_major(ctx: &Context, body: Approval) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, Head::read(body.major)?);
    if wrote(head.id, actor)? {
        return Err(Refusal::denied("major-second-person"));
    }
    if head.to <= ctx.now {
        return Err(Refusal::conflict("major-is-over"));
    }
    let accepted = body.accepted.map(|a| a.trim().to_owned()).filter(|a| !a.is_empty());
    let found = checked(&head)?;
    if !found.is_empty() && accepted.is_none() {
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        return Err(Refusal::invalid("accepted", Text::key("major-gaps-need-reason").with("count", count)));
    }
    let mut changes = Changes::new();
    changes.advance(head.id, "approve", "");
    changes.set(head.id, Major::APPROVER, actor);
    changes.set(head.id, Major::DUE, head.from.plus(-BRIEFED_BEFORE).max(ctx.now.plus(AT_LEAST)));
    if let Some(accepted) = accepted.filter(|_| !found.is_empty()) {
        changes.set(head.id, Major::ACCEPTED, accepted);
    }
    if let Some(before) = in_force(head.first)?.filter(|before| *before != head.id) {
        replace(ctx, &mut changes, &Head::read(before)?, &head)?;
    }
    changes.answer("major", head.id);
    Ok(changes)
}

/// The version that held gives way to this one in the same transaction, and this one goes on where that one was: published where that was
/// published, watched where that was watched. Whoever read the old briefing reads the new one.
fn replace(ctx: &Context, changes: &mut Changes, before: &Head, next: &Head) -> Result<(), Refusal> {
    changes.advance(before.id, "replace", next.version.to_string());
    if before.state == "approved" {
        return Ok(());
    }
    brief::publish(ctx, changes, next)?;
    // Whoever is not needed any more is told too.
    let stays = everybody(next.id)?;
    for who in everybody(before.id)?.into_iter().filter(|who| !stays.contains(who)) {
        changes.intent(Notify::account(who, "major-not-needed").about(before.id).urgent());
    }
    if before.state == "live" {
        live::release(changes, before.first)?;
        live::open(ctx, changes, next)?;
    }
    Ok(())
}

#[command(label = "cancel-major", roles = ["operator", "duty-officer", "official", "admin"])]
pub fn cancel_major(_ctx: &Context, body: WhichAndWhy) -> Result<Changes, Refusal> {
    let head = Head::read(body.major)?;
    let mut changes = Changes::new();
    changes.advance(head.id, "cancel", &*body.reason);
    if head.state == "briefed" {
        for who in everybody(head.id)? {
            changes.intent(Notify::account(who, "major-cancelled").about(head.id).urgent());
        }
    }
    Ok(changes)
}

/// A next version, as a draft with everything the one that holds has. That one holds until this one is approved.
#[command(label = "revise-major", roles = ["operator", "duty-officer", "admin"])]
pub fn revise_major(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let (actor, head) = (named(ctx)?, Head::read(body.major)?);
    if !IN_FORCE.contains(&head.state.as_str()) {
        return Err(Refusal::conflict("major-not-in-force"));
    }
    let all = versions(head.first)?;
    for other in &all {
        if get(*other, core_fields::STATE)?.is_some_and(|s| s == "draft" || s == "submitted") {
            return Err(Refusal::conflict("major-version-waits"));
        }
    }
    let mut changes = Changes::new();
    let category = get(head.id, core_fields::CATEGORY)?.unwrap_or_default();
    let new = changes.create(New::of("major", head.from).category(category).within(head.within));
    let (crowd, places, phones, briefing) =
        get(head.id, (Major::CROWD, Major::PLACES, Major::PHONES, Major::BRIEFING))?;
    let version = i64::try_from(all.len()).unwrap_or(i64::MAX).saturating_add(1);
    changes.put(
        new,
        Major {
            title: head.title.clone(),
            first: Some(head.first),
            version,
            from: head.from,
            to: head.to,
            crowd,
            places,
            commander: head.commander,
            deputy: head.deputy,
            phones,
            interval: head.interval,
            grace: head.grace,
            rest: head.rest,
            briefing,
            hands: Some(actor.to_string()),
            author: Some(actor),
            ..Major::default()
        },
    );
    copy(ctx, &mut changes, &head, new)?;
    changes.answer("major", new).answer("version", version);
    Ok(changes)
}

fn copy(ctx: &Context, changes: &mut Changes, head: &Head, plan: EntityId) -> Result<(), Refusal> {
    let (mut posts, mut shifts) = (BTreeMap::new(), BTreeMap::new());
    for row in plan::hazards(head.id)? {
        let hazard = changes.create(New::of("major-hazard", ctx.now).within(head.within));
        changes.put(hazard, Hazard { plan, what: row.what, measure: row.measure, ended: Some(false) });
    }
    for row in plan::posts(head.id)? {
        let post = changes.create(New::of("major-post", ctx.now).within(row.within));
        changes.put(post, Post { plan, ended: Some(false), ..row.post });
        posts.insert(row.id, post);
    }
    for row in plan::shifts(head.id)? {
        let shift = changes.create(New::of("major-shift", row.shift.from).within(head.within));
        let at = row.shift.from;
        changes.put(shift, Shift { plan, ended: Some(false), ..row.shift });
        shifts.insert(row.id, (shift, at));
    }
    for row in plan::duties(head.id)? {
        let (Some(post), Some((shift, at))) = (posts.get(&row.post), shifts.get(&row.shift)) else { continue };
        let duty = changes.create(New::of("major-duty", *at).within(head.within));
        // The new rows have no numbers yet: the old one's key with the version is as good, and as unique.
        let key = format!("{}@{}", row.id, head.id);
        let (who, shown) = (row.who, row.shown);
        let duty_row = Duty { key, plan, post: *post, shift: *shift, who, shown, read: None, ended: Some(false) };
        changes.put(duty, duty_row);
    }
    Ok(())
}

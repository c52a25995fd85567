//! Who stands where when: accounts, posts, shifts. Nobody is put in two places at once, in this event or in another one.

use super::checks::overlap;
use super::facet::{Duty, Major, Post, Shift};
use super::flow::table::ENDS;
use super::hands::edit;
use super::plan::{self, ROWS};
use super::write::account;
use crate::alarm::seat_name;
use changzhi_sdk::prelude::*;
use std::collections::BTreeSet;

/// People assigned with one command.
const AT_ONCE: usize = 30;

#[derive(Body)]
pub struct Assigned {
    #[field(entity = events, label = "major-post")]
    pub post: EntityId,
    #[field(entity = events, label = "major-shift")]
    pub shift: EntityId,
    /// What they sign in with, parted by spaces.
    #[field(long_text, max_len = 2000, label = "major-logins")]
    pub logins: String,
}

/// Another shift of somebody that shares a moment with this one, as it is read out.
fn elsewhere(who: EntityId, first: EntityId, plan: EntityId, at: (Micros, Micros)) -> Result<Option<String>, Refusal> {
    let rows = Query::kind("major-duty")
        .fields(&[&Duty::PLAN, &Duty::POST, &Duty::SHIFT, &Duty::ENDED])
        .filter(Duty::WHO.is(who))
        .newest()
        .limit(ROWS)
        .run()?;
    let (of, post, shift) = (rows.column(Duty::PLAN)?, rows.column(Duty::POST)?, rows.column(Duty::SHIFT)?);
    let ended = rows.column(Duty::ENDED)?;
    for row in (0..rows.len()).filter(|row| ended.get(*row) != Some(true)) {
        let (Some(of), Some(post), Some(shift)) = (of.get(row), post.get(row), shift.get(row)) else { continue };
        let (state, title) = (get(of, core_fields::STATE)?.unwrap_or_default(), get(of, Major::TITLE)?);
        let other_version = of != plan && get(of, Major::FIRST)?.unwrap_or(of) == first;
        // What is over, was called off, or is another version of this very plan, is nobody's duty beside it.
        if other_version || state == "stood-down" || ENDS.contains(&state.as_str()) {
            continue;
        }
        let (from, to) = get(shift, (Shift::FROM, Shift::TO))?;
        if from.zip(to).is_some_and(|there| overlap(there, at)) {
            let name = get(post, Post::NAME)?.unwrap_or_default();
            return Ok(Some(format!("{} · {name}", title.unwrap_or_default())));
        }
    }
    Ok(None)
}

#[command(label = "assign-duties", roles = ["operator", "duty-officer", "admin"])]
pub fn assign_duties(ctx: &Context, body: Assigned) -> Result<Changes, Refusal> {
    let (plan, of, ended) = (get(body.post, Post::PLAN)?, get(body.shift, Shift::PLAN)?, get(body.post, Post::ENDED)?);
    let (from, to, gone) = get(body.shift, (Shift::FROM, Shift::TO, Shift::ENDED))?;
    let (Some(plan), Some(at)) = (plan.filter(|p| of == Some(*p)), from.zip(to)) else {
        return Err(Refusal::not_found("no-such-major-row"));
    };
    if ended == Some(true) || gone == Some(true) {
        return Err(Refusal::not_found("no-such-major-row"));
    }
    let mut changes = Changes::new();
    let head = edit(ctx, &mut changes, plan)?;
    let logins: BTreeSet<&str> = body.logins.split_whitespace().collect();
    if logins.is_empty() || logins.len() > AT_ONCE {
        return Err(Refusal::invalid("logins", "major-say-who"));
    }
    let (there, mut problems) = (plan::duties(plan)?, Vec::new());
    for login in logins {
        let Some(who) = account("logins", login, &mut problems)? else { continue };
        if there.iter().any(|d| d.post == body.post && d.shift == body.shift && d.who == who) {
            continue;
        }
        let key = format!("{}:{}:{who}", body.post, body.shift);
        // Whoever was taken out and is put in again.
        let known = find(Duty::KEY, key.as_str())?;
        if let Some(there) = elsewhere(who, head.first, plan, at)? {
            let text = Text::key("major-elsewhere").with("login", login).with("there", there.as_str());
            problems.push(Problem::of("logins", text));
            continue;
        }
        let shown = shown(who)?;
        let duty = known.unwrap_or_else(|| changes.create(New::of("major-duty", at.0).within(head.within)));
        let (post, shift, ended) = (body.post, body.shift, Some(false));
        changes.put(duty, Duty { key, plan, post, shift, who, shown, read: None, ended });
        changes.answer(&format!("duty-{login}"), duty);
    }
    Refusal::problems(problems)?;
    Ok(changes)
}

/// The name somebody is registered with as a responder, or takes alarms under, or signs in with.
pub(super) fn shown(who: EntityId) -> Result<String, Refusal> {
    use crate::dispatch::Responder;
    if let Some(responder) = find(Responder::ACCOUNT, who.to_string())?
        && let Some(shown) = get(responder, Responder::SHOWN)?
    {
        return Ok(shown);
    }
    seat_name(who)
}

#[derive(Body)]
pub struct Released {
    #[field(entity = events, label = "major-duty")]
    pub duty: EntityId,
}

#[command(label = "end-duty", roles = ["operator", "duty-officer", "admin"])]
pub fn end_duty(ctx: &Context, body: Released) -> Result<Changes, Refusal> {
    let plan = get(body.duty, Duty::PLAN)?.ok_or_else(|| Refusal::not_found("no-such-major-row"))?;
    let mut changes = Changes::new();
    edit(ctx, &mut changes, plan)?;
    changes.set(body.duty, Duty::ENDED, true);
    Ok(changes)
}

/// Everybody who is assigned in a version, each once, and what they have to read.
pub(super) fn everybody(plan: EntityId) -> Result<BTreeSet<EntityId>, Refusal> {
    Ok(plan::duties(plan)?.into_iter().map(|d| d.who).collect())
}

//! Who can be sent. A desk writes somebody down; only they sign themselves on and off.

use super::facet::Responder;
use super::needs::is_code;
use super::places;
use super::stand::Busy;
use crate::alarm::{LOGIN, seat_name};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Registered {
    /// What the account signs in with.
    #[field(max_len = 64)]
    pub login: String,
    #[field(code, max_len = 32, label = "responder-kind")]
    pub sort: String,
    /// Where they stand by: a division, a grid or a facility.
    #[field(entity = places, label = "stands-by")]
    pub place: EntityId,
    /// Shown to seats; without it, what the account is called.
    #[field(max_len = 60)]
    pub shown: Option<String>,
    /// Codes, parted by spaces.
    #[field(max_len = 200)]
    pub skills: Option<String>,
}

#[derive(Body)]
pub struct Ended {
    #[field(entity = events)]
    pub responder: EntityId,
}

#[command(label = "register-responder", roles = ["duty-officer", "admin"])]
pub fn register_responder(ctx: &Context, body: Registered) -> Result<Changes, Refusal> {
    let who = find(LOGIN, body.login.trim())?.ok_or_else(|| Refusal::invalid("login", "no-such-login"))?;
    let skills = body.skills.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut problems = Vec::new();
    if !is_code(&body.sort) {
        problems.push(Problem::of("sort", "code-letters"));
    }
    if !skills.split(' ').all(|s| s.is_empty() || is_code(s)) {
        problems.push(Problem::of("skills", "code-letters"));
    }
    Refusal::problems(problems)?;
    let (at, division) = places::stands_by(body.place)?;
    let shown = match body.shown.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()) {
        Some(shown) => shown,
        None => seat_name(who)?,
    };
    let account = who.to_string();
    let mut changes = Changes::new();
    let responder = match find(Responder::ACCOUNT, account.as_str())? {
        Some(known) => {
            changes.move_to(known, Some(body.place), at);
            changes.clear(known, Responder::SKILLS).clear(known, Responder::DIVISION);
            known
        }
        None => changes.create(New::of("responder", ctx.now).within(body.place).position(at)),
    };
    let skills = Some(skills).filter(|s| !s.is_empty());
    let (sort, ended) = (body.sort, Some(false));
    changes.put(responder, Responder { account, who, shown, sort, skills, division, on_since: None, ended });
    changes.answer("responder", responder);
    Ok(changes)
}

/// The standing of an account; one that ended is none.
pub(super) fn of_account(account: EntityId) -> Result<Option<EntityId>, Refusal> {
    let Some(responder) = find(Responder::ACCOUNT, account.to_string())? else { return Ok(None) };
    Ok((get(responder, Responder::ENDED)? != Some(true)).then_some(responder))
}

fn mine(ctx: &Context) -> Result<EntityId, Refusal> {
    of_account(ctx.actor.id)?.ok_or_else(|| Refusal::denied("no-responder"))
}

/// By the person, for themselves: there is no way to sign on somebody else.
#[command(label = "sign-on")]
pub fn sign_on(ctx: &Context) -> Result<Changes, Refusal> {
    let responder = mine(ctx)?;
    let mut changes = Changes::new();
    // Signed on twice is signed on once: how long they have been free does not begin anew.
    if get(responder, Responder::ON_SINCE)?.is_none() {
        changes.set(responder, Responder::ON_SINCE, ctx.now);
    }
    changes.answer("responder", responder);
    Ok(changes)
}

#[command(label = "sign-off")]
pub fn sign_off(ctx: &Context) -> Result<Changes, Refusal> {
    let responder = mine(ctx)?;
    // Somebody waits: the task is declined, handed back or done first, so that it is known.
    if Busy::read(ctx.now, None)?.has_task(responder) {
        return Err(Refusal::conflict("task-first"));
    }
    let mut changes = Changes::new();
    changes.clear(responder, Responder::ON_SINCE);
    changes.answer("responder", responder);
    Ok(changes)
}

#[command(label = "end-responder", roles = ["duty-officer", "admin"])]
pub fn end_responder(_ctx: &Context, body: Ended) -> Result<Changes, Refusal> {
    if get(body.responder, Responder::SORT)?.is_none() {
        return Err(Refusal::not_found("no-such-responder"));
    }
    let mut changes = Changes::new();
    changes.set(body.responder, Responder::ENDED, true).clear(body.responder, Responder::ON_SINCE);
    Ok(changes)
}

//! The name under which somebody takes alarms.

use super::facet::{CommandSeat, LOGIN};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Sat {
    #[field(max_len = 60)]
    pub shown: String,
}

/// One's own name at the desk: whoever pressed reads it on the phone.
#[command(label = "sit", roles = ["operator", "duty-officer", "official", "police", "guard", "admin"])]
pub fn sit(ctx: &Context, body: Sat) -> Result<Changes, Refusal> {
    if ctx.actor.id == EntityId::default() {
        return Err(Refusal::denied("named-only"));
    }
    if body.shown.trim().is_empty() {
        return Err(Refusal::invalid("shown", "a-name-is-needed"));
    }
    let account = ctx.actor.id.to_string();
    let known = find(CommandSeat::ACCOUNT, account.as_str())?;
    let mut changes = Changes::new();
    let seat = known.unwrap_or_else(|| changes.create(New::of("command-seat", ctx.now)));
    changes.put(seat, CommandSeat { account, shown: body.shown.trim().to_owned() });
    Ok(changes)
}

/// The name somebody is known by: the one they gave, or what they sign in with.
pub(crate) fn name(account: EntityId) -> Result<String, Refusal> {
    let shown = match find(CommandSeat::ACCOUNT, account.to_string())? {
        Some(seat) => get(seat, CommandSeat::SHOWN)?,
        None => None,
    };
    match shown {
        Some(shown) => Ok(shown),
        None => Ok(get(account, LOGIN)?.unwrap_or_else(|| format!("#{account}"))),
    }
}

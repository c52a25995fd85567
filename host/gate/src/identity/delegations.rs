//! Lending a role and ending the loan. What a loan gives is decided in [`crate::delegation`], each time a session is made.

use super::{Call, answer, invalid, put};
use crate::delegation::{Delegation, FACET, LONGEST, covers};
use crate::{ADMIN, Session};
use changzhi_model::{Change, Changes, EntityId, Refusal, Text, Value};

/// For oneself only: nobody lends what another holds.
pub(super) fn delegate(call: &Call<'_>) -> Result<Changes, Refusal> {
    let giver = call.of_kind("delegate", call.ctx.actor.id, "account")?;
    let taker = call.of_kind("delegate", call.entity(0), "account")?;
    if taker == giver {
        return Err(invalid("delegate", "host-delegate-oneself", Vec::new()));
    }
    if call.records.value(taker, "host.account", "login").is_none() {
        return Err(invalid("delegate", "host-account-closed", Vec::new()));
    }
    let (role, division) = (call.text(1), call.at(2).as_entity());
    if role == ADMIN {
        return Err(invalid("role", "host-admin-not-lent", Vec::new()));
    }
    if let Some(place) = division {
        call.of_kind("division", place, "division")?;
    }
    let own = Session::own(call.records, giver).ok_or_else(|| Refusal::Denied(Text::key("host-not-own-role")))?;
    if !covers(call.records, &own, role, division) {
        return Err(Refusal::Denied(Text::key("host-not-own-role")));
    }
    let now = call.ctx.now;
    let from = call.at(3).as_time().unwrap_or(now).max(now);
    let until = call.at(4).as_time().unwrap_or_default();
    if until <= from || until.0 > from.0.saturating_add(LONGEST) {
        return Err(invalid("until", "host-delegation-until", Vec::new()));
    }
    if call.text(5).trim().is_empty() {
        return Err(invalid("reason", "host-reason-needed", Vec::new()));
    }
    let fields = vec![
        ("account", Value::Entity(giver)),
        ("delegate", Value::Entity(taker)),
        ("role", call.at(1).clone()),
        ("division", call.at(2).clone()),
        ("from", Value::Time(from)),
        ("until", Value::Time(until)),
        ("reason", call.at(5).clone()),
    ];
    let id = EntityId::provisional(0);
    Ok(Changes {
        ops: vec![Change::Create(super::create(call, "delegation", "delegation")), put(id, FACET, fields)],
        answer: answer("delegation", Value::Entity(id)),
    })
}

/// By either side, or by an administrator of the whole city.
pub(super) fn end(call: &Call<'_>) -> Result<Changes, Refusal> {
    let id = call.of_kind("delegation", call.entity(0), "delegation")?;
    let it = Delegation::read(call.records, id).ok_or_else(|| Refusal::NotFound(Text::key("host-not-granted")))?;
    let actor = call.ctx.actor.id;
    if it.giver != actor && it.taker != actor {
        call.whole_city_only()?;
    }
    if it.ended {
        return Err(Refusal::Conflict(Text::key("host-delegation-ended")));
    }
    Ok(Changes { ops: vec![put(id, FACET, vec![("ended", Value::Flag(true))])], answer: Vec::new() })
}

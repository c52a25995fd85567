//! Accounts, the roles they hold and the purposes they may state.

use super::{Call, answer, invalid, put};
use crate::password;
use crate::scope::lies_within;
use changzhi_model::{Change, Changes, EntityId, Refusal, Text, Value};

/// Where the host keeps itself; see the manifest.
const ACCOUNT: &str = "host.account";
const GRANT: &str = "host.grant";

pub(super) fn create(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let login = call.text(0);
    if !login.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@".contains(c)) {
        return Err(invalid("login", "host-login-letters", Vec::new()));
    }
    if call.records.find(ACCOUNT, "login", call.at(0)).is_some() {
        return Err(Refusal::Conflict(Text::key("host-login-taken")));
    }
    hashed(call, 2)?;
    let id = EntityId::provisional(0);
    let fields = vec![("login", call.at(0).clone()), ("name", call.at(1).clone()), ("password", call.at(2).clone())];
    Ok(Changes {
        ops: vec![Change::Create(super::create(call, "account", "account")), put(id, ACCOUNT, fields)],
        answer: answer("account", Value::Entity(id)),
    })
}

pub(super) fn set_password(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.entity(0), "account")?;
    if account != call.ctx.actor.id {
        call.whole_city_only()?;
    }
    hashed(call, 1)?;
    Ok(Changes { ops: vec![put(account, ACCOUNT, vec![("password", call.at(1).clone())])], answer: Vec::new() })
}

/// The gate hashes; a password that comes here in the open came around it.
fn hashed(call: &Call<'_>, i: usize) -> Result<(), Refusal> {
    if password::is_hash(call.text(i)) {
        Ok(())
    } else {
        Err(invalid("password", "host-password-in-the-open", Vec::new()))
    }
}

/// Nobody signs in to a closed account, and its login is free again. History keeps what it did.
pub(super) fn close(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let account = call.of_kind("account", call.entity(0), "account")?;
    let mut ops = vec![put(account, ACCOUNT, vec![("login", Value::None), ("password", Value::None)])];
    for (kind, facet) in [("grant", GRANT), ("token", "host.token")] {
        for entity in call.records.referring(kind, facet, "account", account) {
            if call.records.value(entity, facet, "revoked") != Value::Flag(true) {
                ops.push(put(entity, facet, vec![("revoked", Value::Flag(true))]));
            }
        }
    }
    for (way, _) in super::standing_ways(call.records, account) {
        ops.push(put(way, super::WAY, vec![("ended", Value::Flag(true)), ("address", Value::None)]));
    }
    Ok(Changes { ops, answer: Vec::new() })
}

pub(super) fn grant_role(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.entity(0), "account")?;
    if crate::session::is_reserved(call.text(1)) {
        return Err(invalid("role", "host-role-reserved", Vec::new()));
    }
    reaches(call, call.at(2))?;
    if standing(call, account, "role", 1, Some(2)).is_some() {
        return Err(Refusal::Conflict(Text::key("host-already-granted")));
    }
    Ok(grant(
        call,
        vec![("account", Value::Entity(account)), ("role", call.at(1).clone()), ("division", call.at(2).clone())],
    ))
}

pub(super) fn revoke_role(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.entity(0), "account")?;
    reaches(call, call.at(2))?;
    revoke(standing(call, account, "role", 1, Some(2)))
}

pub(super) fn allow_purpose(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let account = call.of_kind("account", call.entity(0), "account")?;
    if standing(call, account, "purpose", 1, None).is_some() {
        return Err(Refusal::Conflict(Text::key("host-already-granted")));
    }
    Ok(grant(call, vec![("account", Value::Entity(account)), ("purpose", call.at(1).clone())]))
}

pub(super) fn disallow_purpose(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let account = call.of_kind("account", call.entity(0), "account")?;
    revoke(standing(call, account, "purpose", 1, None))
}

/// An administrator of a county grants in the county: never beyond, and never for the whole city.
fn reaches(call: &Call<'_>, division: &Value) -> Result<(), Refusal> {
    let own = &call.ctx.actor.divisions;
    match division.as_entity() {
        None => call.whole_city_only(),
        Some(place) => {
            let core = call.records.core(place);
            if core.is_none_or(|c| c.kind != "division") {
                return Err(invalid("division", "host-not-a-division", Vec::new()));
            }
            if own.is_empty() || lies_within(call.records, place, own) {
                Ok(())
            } else {
                Err(Refusal::Denied(Text::key("host-beyond-division")))
            }
        }
    }
}

fn grant(call: &Call<'_>, fields: Vec<(&str, Value)>) -> Changes {
    let id = EntityId::provisional(0);
    Changes {
        ops: vec![Change::Create(create_grant(call)), put(id, GRANT, fields)],
        answer: answer("grant", Value::Entity(id)),
    }
}

fn create_grant(call: &Call<'_>) -> changzhi_model::Create {
    super::create(call, "grant", "grant")
}

fn revoke(standing: Option<EntityId>) -> Result<Changes, Refusal> {
    let grant = standing.ok_or_else(|| Refusal::NotFound(Text::key("host-not-granted")))?;
    Ok(Changes { ops: vec![put(grant, GRANT, vec![("revoked", Value::Flag(true))])], answer: Vec::new() })
}

/// The grant in force with this role or purpose (and division).
fn standing(call: &Call<'_>, account: EntityId, what: &str, value: usize, division: Option<usize>) -> Option<EntityId> {
    let wanted = division.map(|i| call.at(i));
    call.records.referring("grant", GRANT, "account", account).into_iter().find(|g| {
        let field = |f: &str| call.records.value(*g, GRANT, f);
        field("revoked") != Value::Flag(true)
            && field(what) == *call.at(value)
            && wanted.is_none_or(|d| field("division") == *d)
    })
}

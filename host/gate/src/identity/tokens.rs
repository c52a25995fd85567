//! API tokens: 256 random bits, shown once, kept as SHA-256.

use super::{Call, answer, invalid, put};
use changzhi_model::{Change, Changes, EntityId, Micros, Refusal, Text, Value};

/// Nobody remembers what a token of three years ago was for.
const LONGEST: i64 = 366 * Micros::DAY;

/// For oneself, or by an administrator of the whole city for anybody. Roles are a part of the account's; empty = all of them.
pub(super) fn issue(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = match call.at(0) {
        Value::Entity(id) => call.of_kind("account", *id, "account")?,
        _ => call.of_kind("account", call.ctx.actor.id, "account")?,
    };
    if account != call.ctx.actor.id {
        call.whole_city_only()?;
    }
    let hash = call.text(4);
    if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(invalid("hash", "host-hash-by-the-gate", Vec::new()));
    }
    let now = call.ctx.now;
    match call.at(3).as_time() {
        Some(at) if at > now && at.0 <= now.0.saturating_add(LONGEST) => {}
        _ => return Err(invalid("expires", "host-token-expires", Vec::new())),
    }
    let roles: Vec<&str> = call.text(2).split_whitespace().collect();
    let held = crate::Session::of_account(call.records, account).map(|s| s.roles()).unwrap_or_default();
    if roles.iter().any(|r| !held.iter().any(|h| h == r)) {
        return Err(invalid("roles", "host-token-roles", Vec::new()));
    }
    let roles = if roles.is_empty() { Value::None } else { Value::Text(roles.join(" ")) };
    let id = EntityId::provisional(0);
    let fields = vec![
        ("account", Value::Entity(account)),
        ("hash", call.at(4).clone()),
        ("label", call.at(1).clone()),
        ("roles", roles),
        ("expires", call.at(3).clone()),
    ];
    Ok(Changes {
        ops: vec![Change::Create(super::create(call, "token", "token")), put(id, "host.token", fields)],
        answer: answer("id", Value::Entity(id)),
    })
}

pub(super) fn revoke(call: &Call<'_>) -> Result<Changes, Refusal> {
    let token = call.of_kind("token", call.entity(0), "token")?;
    let owner = call.records.value(token, "host.token", "account").as_entity();
    if owner != Some(call.ctx.actor.id) {
        call.whole_city_only()?;
    }
    if call.records.value(token, "host.token", "revoked") == Value::Flag(true) {
        return Err(Refusal::Conflict(Text::key("host-token-revoked")));
    }
    Ok(Changes { ops: vec![put(token, "host.token", vec![("revoked", Value::Flag(true))])], answer: Vec::new() })
}

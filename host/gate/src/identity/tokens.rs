//! API tokens: 256 random bits, shown once, kept as SHA-256, with a part of the account's roles and purposes.

use super::{Call, answer, invalid, put};
use changzhi_model::{Change, Changes, EntityId, Micros, Name, Refusal, Text, Value};

/// Nobody remembers what a token of three years ago was for.
const LONGEST: i64 = 366 * Micros::DAY;
/// In place of a list: none of the account's. A list that is not given means all of them.
pub(crate) const NONE: &str = "-";

/// For oneself, or by an administrator of the whole city for anybody. Roles and purposes are a part of the account's; not given =
/// all of them, [`NONE`] = none.
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
    let own = crate::Session::own(call.records, account);
    let (held, stated) = own.map(|s| (s.roles(), s.purposes)).unwrap_or_default();
    let roles = part_of(call.text(2), &held).ok_or_else(|| invalid("roles", "host-token-roles", Vec::new()))?;
    let purposes = part_of(call.text(5), &stated);
    let purposes = purposes.ok_or_else(|| invalid("purposes", "host-token-purposes", Vec::new()))?;
    let id = EntityId::provisional(0);
    let fields = vec![
        ("account", Value::Entity(account)),
        ("hash", call.at(4).clone()),
        ("label", call.at(1).clone()),
        ("roles", roles),
        ("expires", call.at(3).clone()),
        ("purposes", purposes),
    ];
    Ok(Changes {
        ops: vec![Change::Create(super::create(call, "token", "token")), put(id, "host.token", fields)],
        answer: answer("id", Value::Entity(id)),
    })
}

/// The list as it is kept; `None` when something on it is not the account's.
fn part_of(list: &str, all: &[Name]) -> Option<Value> {
    let chosen: Vec<&str> = list.split_whitespace().collect();
    match chosen.as_slice() {
        [] => Some(Value::None),
        [NONE] => Some(Value::text(NONE)),
        some if some.iter().all(|s| all.iter().any(|a| a == s)) => Some(Value::Text(some.join(" "))),
        _ => None,
    }
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

//! From the model to the guest.

use crate::bindings::changzhi::platform::types as wit;
use crate::bindings::exports::changzhi::platform::guest;
use crate::plugin::Notice;
use changzhi_model::{Context, Name, Value};

pub(crate) fn value(value: &Value) -> wit::Value {
    match value {
        Value::None => wit::Value::None,
        Value::Flag(b) => wit::Value::Flag(*b),
        Value::Int(i) => wit::Value::Int(*i),
        Value::Num(n) => wit::Value::Num(*n),
        Value::Text(s) => wit::Value::Text(s.clone()),
        Value::Time(t) => wit::Value::Time(t.0),
        Value::Entity(e) => wit::Value::Entity(e.0),
        Value::Point(p) => wit::Value::Point(wit::Point { lon: p.lon, lat: p.lat }),
    }
}

pub(crate) fn values(from: &[Value]) -> Vec<wit::Value> {
    from.iter().map(value).collect()
}

/// A context of an actor without roles, whose buffers the next calls reuse.
pub(crate) fn clear_context() -> wit::Context {
    wit::Context {
        actor: wit::Actor { id: 0, roles: Vec::new(), divisions: Vec::new() },
        purpose: String::new(),
        now: 0,
        seed: 0,
        place: None,
        revision: 0,
        locale: String::new(),
    }
}

fn refill(to: &mut String, from: &Name) {
    to.clear();
    to.push_str(from);
}

/// Writes `from` over `to`, keeping its buffers: the hot path allocates nothing for the same actor.
pub(crate) fn context_into(to: &mut wit::Context, from: &Context) {
    to.actor.id = from.actor.id.0;
    to.actor.roles.truncate(from.actor.roles.len());
    for (to, from) in to.actor.roles.iter_mut().zip(&from.actor.roles) {
        refill(to, from);
    }
    for role in from.actor.roles.iter().skip(to.actor.roles.len()) {
        to.actor.roles.push(role.to_string());
    }
    to.actor.divisions.clear();
    to.actor.divisions.extend(from.actor.divisions.iter().map(|d| d.0));
    refill(&mut to.purpose, &from.purpose);
    to.now = from.now.0;
    to.seed = from.seed;
    to.place = from.place.map(|p| p.0);
    to.revision = from.revision.0;
    refill(&mut to.locale, &from.locale);
}

pub(crate) fn notice(from: &Notice) -> guest::Fact {
    guest::Fact {
        seq: from.seq.0,
        at: from.at.0,
        entity: from.entity.0,
        kind: from.kind.to_string(),
        what: from.what.to_string(),
    }
}

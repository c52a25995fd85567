//! Secrets of the host's own, each under a name. Never asked for from outside: the gate makes one when it first needs it.

use super::{Call, answer, create, put};
use changzhi_model::{Change, Changes, EntityId, Refusal, Text, Value};

/// The command that keeps one; not declared, so nobody can give it.
pub(crate) const KEEP: &str = "keep-secret";

pub(super) fn keep(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    if call.records.find("host.secret", "name", call.at(0)).is_some() {
        return Err(Refusal::Conflict(Text::key("core-not-unique")));
    }
    let id = EntityId::provisional(0);
    let fields = vec![("name", call.at(0).clone()), ("value", call.at(1).clone())];
    Ok(Changes {
        ops: vec![Change::Create(create(call, "secret", "secret")), put(id, "host.secret", fields)],
        answer: answer("secret", Value::Entity(id)),
    })
}

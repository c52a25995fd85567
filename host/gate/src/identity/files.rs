//! Files somebody attached, as records: who sent one, for which plugin, and which record took it.
//!
//! These two commands are not declared: nobody can give them. The portal does, after it has cleaned the bytes and put them to
//! disk, and when a file was taken by no record in time. Taking one is no command either: see `pipeline::files`.

use super::{Call, answer, put};
use changzhi_model::{Change, Changes, EntityId, Refusal, Value};

const FILE: &str = "host.file";

/// The fields of a file to be kept, in the order of `keep-file`.
pub const KEEP: [&str; 7] = ["plugin", "blob", "upload", "type", "bytes", "key", "name"];

/// Records a file whose bytes are on disk.
pub(super) fn keep(call: &Call<'_>) -> Result<Changes, Refusal> {
    let id = EntityId::provisional(0);
    let mut fields = Vec::new();
    // Whoever has no account sends it with a request, which is in `upload`.
    if !call.ctx.actor.id.is_none() {
        fields.push(("by", Value::Entity(call.of_kind("by", call.ctx.actor.id, "account")?)));
    }
    fields.extend(KEEP.iter().enumerate().map(|(i, name)| (*name, call.at(i).clone())));
    Ok(Changes {
        ops: vec![Change::Create(super::create(call, "file", "file")), put(id, FILE, fields)],
        answer: answer("file", Value::Entity(id)),
    })
}

/// Nobody took it in time: from here on nobody can.
pub(super) fn drop(call: &Call<'_>) -> Result<Changes, Refusal> {
    let file = call.of_kind("file", call.entity(0), "file")?;
    let taken = !call.records.value(file, FILE, "of").is_none();
    // What nobody's account sent is given to itself: no record can take it any more.
    let gone = match call.records.value(file, FILE, "by").is_none() {
        true => ("of", Value::Entity(file)),
        false => ("by", Value::None),
    };
    let ops = if taken { Vec::new() } else { vec![put(file, FILE, vec![gone])] };
    Ok(Changes { ops, answer: answer("dropped", Value::Flag(!taken)) })
}

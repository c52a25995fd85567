//! A command on its way in, and what became of it.

use changzhi_model::{Actor, EntityId, Name, Named, Refusal, RequestId, Seq, Value};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Submission {
    pub plugin: Name,
    pub command: Name,
    pub body: Vec<Value>,
    pub actor: Actor,
    pub purpose: Name,
    pub place: Option<EntityId>,
    pub request: RequestId,
    pub locale: Name,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Done { seq: Seq, answer: Vec<Named>, changed: bool, replayed: bool },
    Refused(Refusal),
    Unavailable { reason: String, retry_after: Duration },
    Failed(String),
}

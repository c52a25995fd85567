//! Where an import's commands go. The binary implements it with the gate and the city.

use crate::{PlaceWish, Said};
use changzhi_model::EntityId;
use serde_json::{Map, Value};
use std::time::Duration;

/// One command of an import.
#[derive(Clone, PartialEq, Debug)]
pub struct Submit {
    pub plugin: String,
    pub command: String,
    /// Checked against the command's declaration by the gate.
    pub body: Map<String, Value>,
    /// For `RequestId::from_key`.
    pub request: String,
}

/// What became of a command.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Durable. `outcome` is the plugin's answer of that name (`new`, `same`, `changed`); `replayed` = this request was
    /// answered before.
    Done { outcome: String, replayed: bool },
    /// The row is not acceptable; the others may be.
    Refused(Said),
    /// The plugin rests: ask again after this.
    Unavailable { reason: String, retry_after: Duration },
    /// The city cannot go on; neither can the import.
    Failed(String),
}

/// What the city holds under a reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub digest: String,
    /// The entity's revision: part of the request's key, so that going back to an older value is a request of its own.
    pub revision: u64,
}

/// Where an import's commands go.
pub trait Sink: Send + Sync {
    /// What is there under `facet`'s unique field `reference`. `None` when nothing is.
    fn known(&self, facet: &str, reference: &str) -> Result<Option<Known>, String>;

    /// Finds the place by its code, or creates it in `parent` through a command. Asked once for each place of a run.
    fn place(&self, wish: &PlaceWish, parent: Option<EntityId>) -> Result<EntityId, String>;

    /// Starts a command. `then` is called once, on any thread, when its outcome is durable.
    fn submit(&self, command: Submit, then: Box<dyn FnOnce(Answer) + Send>);
}

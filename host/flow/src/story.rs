//! What happened to one matter, in order.

use changzhi_model::{EntityId, Micros, Name, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One event, as the journal keeps it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// When it became so; kept by the transaction, not twice.
    #[serde(skip)]
    pub at: Micros,
    pub name: Name,
    /// Empty for the first.
    #[serde(default, skip_serializing_if = "Name::is_empty")]
    pub from: Name,
    pub to: Name,
    #[serde(default, skip_serializing_if = "nobody")]
    pub actor: EntityId,
    /// The matter's category at that moment.
    #[serde(default, skip_serializing_if = "Name::is_empty")]
    pub category: Name,
    /// The reason given, free of personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<Name, Value>,
    /// Of a step the host took by itself: the clock, and which step of its ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<Fired>,
}

// By reference, as the derive asks.
fn nobody(id: &EntityId) -> bool {
    id.is_none()
}

/// A step a clock took.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fired {
    pub clock: Name,
    /// Counted from 0; one past the ladder's last when the clock's own event was raised.
    pub step: u32,
    /// When it was due.
    pub due: Micros,
}

/// The name of a matter's first event.
pub const BEGUN: Name = Name::new_static("begun");

/// The name of the event that sets clocks right after their calendar was edited. No flow declares it: only the host writes it.
pub const RECOUNTED: Name = Name::new_static("recounted");

impl Event {
    pub fn new(at: Micros, name: impl Into<Name>, from: impl Into<Name>, to: impl Into<Name>) -> Event {
        Event {
            at,
            name: name.into(),
            from: from.into(),
            to: to.into(),
            actor: EntityId::NONE,
            category: Name::default(),
            reason: String::new(),
            args: BTreeMap::new(),
            fired: None,
        }
    }

    /// A matter's first event.
    pub fn begun(at: Micros, state: impl Into<Name>, category: impl Into<Name>) -> Event {
        Event { category: category.into(), ..Event::new(at, BEGUN, Name::default(), state) }
    }

    pub fn by(self, actor: EntityId) -> Event {
        Event { actor, ..self }
    }

    pub fn with(mut self, arg: impl Into<Name>, value: Value) -> Event {
        self.args.insert(arg.into(), value);
        self
    }

    pub fn arg(&self, name: &str) -> &Value {
        self.args.get(name).unwrap_or(&Value::None)
    }

    pub fn text(&self, name: &str) -> &str {
        self.arg(name).as_text().unwrap_or_default()
    }
}

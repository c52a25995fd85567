//! What a plugin asks for. The host checks all of it and applies all or nothing.

use crate::{EntityId, Micros, Name, Named, Point, Text};
use serde::{Deserialize, Serialize};

/// A new entity; its state comes from the kind's flow.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Create {
    pub kind: Name,
    pub category: Name,
    pub at: Micros,
    pub within: Option<EntityId>,
    pub position: Option<Point>,
}

/// Fields of one facet of one entity; fields not named stay, `Value::None` clears.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Put {
    pub entity: EntityId,
    pub facet: Name,
    pub fields: Vec<Named>,
}

/// An event of the entity's flow.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Advance {
    pub entity: EntityId,
    pub event: Name,
    pub reason: String,
}

/// A line of the entity's history, free of personal data.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Note {
    pub entity: EntityId,
    pub kind: Name,
    pub text: Text,
}

/// A wish for an effect outside; done after commit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Intent {
    pub kind: Name,
    pub entity: Option<EntityId>,
    pub args: Vec<Named>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Move {
    pub entity: EntityId,
    pub within: Option<EntityId>,
    pub position: Option<Point>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Recategorise {
    pub entity: EntityId,
    pub category: Name,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Change {
    Create(Create),
    Put(Put),
    Advance(Advance),
    Note(Note),
    Intent(Intent),
    Move(Move),
    Recategorise(Recategorise),
}

/// The changes of one call, in order, and what the caller gets back.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Changes {
    pub ops: Vec<Change>,
    pub answer: Vec<Named>,
}

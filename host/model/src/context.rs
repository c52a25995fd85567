//! Who acts, and everything a call may know of its surroundings.

use crate::{EntityId, Micros, Name, Seq};
use serde::{Deserialize, Serialize};

/// Who acts. `id` is the account's person; roles are the names the gate checked; divisions where they hold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Actor {
    pub id: EntityId,
    pub roles: Vec<Name>,
    pub divisions: Vec<EntityId>,
}

impl Actor {
    /// True when any of `wanted` is held; an empty list asks for nothing.
    pub fn holds_any(&self, wanted: &[Name]) -> bool {
        wanted.is_empty() || wanted.iter().any(|w| self.roles.contains(w))
    }
}

/// The arguments that stand for clock, randomness and surroundings, as `wit/types.wit` has them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Context {
    pub actor: Actor,
    pub purpose: Name,
    pub now: Micros,
    pub seed: u64,
    pub place: Option<EntityId>,
    pub revision: Seq,
    pub locale: Name,
}

//! Who acts and when: everything a call may know of its surroundings.

use crate::bindings::changzhi::platform::types as wit;
use std::fmt;

/// A person, place or event of the world. 0 is nobody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct EntityId(pub u64);

impl EntityId {
    /// Ids from here on name the n-th `create` of the same changes.
    pub(crate) const PROVISIONAL: u64 = 1 << 63;

    /// True for an id that [`crate::Changes::create`] gave out: it is good in the same changes only.
    pub const fn is_provisional(self) -> bool {
        self.0 & Self::PROVISIONAL != 0
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// UTC microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Micros(pub i64);

impl Micros {
    pub const SECOND: i64 = 1_000_000;
    pub const MINUTE: i64 = 60 * Self::SECOND;
    pub const HOUR: i64 = 60 * Self::MINUTE;
    pub const DAY: i64 = 24 * Self::HOUR;

    /// Later by so many microseconds (earlier when negative); stops at the ends of the calendar.
    pub const fn plus(self, micros: i64) -> Micros {
        Micros(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this.
    pub const fn since(self, earlier: Micros) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Who acts. `id` is the account's person in the world; roles are the names the gate checked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Actor {
    pub id: EntityId,
    pub roles: Vec<String>,
    /// where the roles hold
    pub divisions: Vec<EntityId>,
}

impl Actor {
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }
}

/// The arguments that stand for clock, randomness and surroundings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Context {
    pub actor: Actor,
    /// purpose code the actor stated; empty when no personal data is touched
    pub purpose: String,
    pub now: Micros,
    /// the same command replayed gets the same seed
    pub seed: u64,
    /// the division or place the command is about, if it names one
    pub place: Option<EntityId>,
    /// state of the world this call starts from
    pub revision: u64,
    /// BCP 47: "zh-CN" or "en"
    pub locale: String,
}

impl From<wit::Context> for Context {
    fn from(c: wit::Context) -> Context {
        Context {
            actor: Actor {
                id: EntityId(c.actor.id),
                roles: c.actor.roles,
                divisions: c.actor.divisions.into_iter().map(EntityId).collect(),
            },
            purpose: c.purpose,
            now: Micros(c.now),
            seed: c.seed,
            place: c.place.map(EntityId),
            revision: c.revision,
            locale: c.locale,
        }
    }
}

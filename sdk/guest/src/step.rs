//! Long work, the change feed and flow steps: small words.

use crate::bindings::exports::changzhi::platform::guest as wit;
use crate::{Changes, EntityId, Micros};

/// One committed change that the plugin subscribed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// where in the journal
    pub revision: u64,
    pub at: Micros,
    pub entity: EntityId,
    /// kind of the entity
    pub kind: String,
    /// what changed: a facet's name, or what happened
    pub what: String,
}

impl From<wit::Fact> for Fact {
    fn from(f: wit::Fact) -> Fact {
        Fact { revision: f.seq, at: Micros(f.at), entity: EntityId(f.entity), kind: f.kind, what: f.what }
    }
}

/// One bounded step of a job or migration. The host calls again with the cursor until there is none; in between it shows
/// progress, can cancel, and can resume after a restart.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    done: u64,
    total: u64,
    cursor: Option<Vec<u8>>,
    changes: Changes,
}

impl Step {
    /// There is more to do: call again with this cursor.
    pub fn next(done: u64, total: u64, cursor: impl Into<Vec<u8>>, changes: Changes) -> Step {
        Step { done, total, cursor: Some(cursor.into()), changes }
    }

    /// This was the last.
    pub fn finished(total: u64, changes: Changes) -> Step {
        Step { done: total, total, cursor: None, changes }
    }
}

impl From<Step> for wit::Step {
    fn from(s: Step) -> wit::Step {
        wit::Step { done: s.done, total: s.total, cursor: s.cursor, changes: s.changes.into() }
    }
}

/// What changed after a revision. `resync`: too long ago, read everything again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delta {
    pub revision: u64,
    pub changed: Vec<EntityId>,
    pub resync: bool,
}

/// An event the acting person may raise now, and the state it leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextStep {
    pub event: String,
    pub target: String,
}

/// A clock of a matter that runs or is paused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    pub name: String,
    /// the role that is told, and whose lateness it is
    pub owner: String,
    pub begun: Micros,
    /// at the latest, while it is paused
    pub due: Micros,
    pub paused: bool,
    /// `green`, `near` (80 % used), `due` (runs out today), `overdue`
    pub light: String,
    /// the day it is of its limit, from 0, and how many it has; 0 of 0 for limits in hours
    pub day: u32,
    pub days: u32,
}

/// A stretch of a clock's time, and why it counts or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    pub begin: Micros,
    pub end: Micros,
    pub counts: bool,
    /// `counted`, `first-day`, `holiday`, `weekend`, `out-of-hours`, `paused`, `past-cap`
    pub why: String,
    /// the holiday's name, or the code of the pause's reason
    pub detail: String,
}

/// One event of a matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happened {
    pub at: Micros,
    pub event: String,
    pub source: String,
    pub target: String,
    pub reason: String,
    /// the clock whose step it was; empty when somebody did it
    pub clock: String,
}

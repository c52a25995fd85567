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

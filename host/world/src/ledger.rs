//! What the journal says about the host itself: plugins in force, how far each has reacted, jobs under way, flows.
//!
//! Ordered maps of a few dozen entries, so that the state hash has one order.

use crate::world::World;
use changzhi_model::{Actor, EntityId, FlowDecl, Micros, Name, RequestId, Seq, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A job as of its last step: under way, or one of the [`ENDED_KEPT`] that ended last.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct JobState {
    pub plugin: Name,
    pub name: Name,
    pub params: Vec<Value>,
    /// Who started it, with the roles and divisions of then.
    pub actor: Actor,
    pub purpose: Name,
    pub place: Option<EntityId>,
    pub locale: Name,
    pub begun: Micros,
    pub done: u64,
    /// 0 until the first step tells.
    pub total: u64,
    pub cursor: Option<Vec<u8>>,
    /// The transaction of the last step.
    pub seq: Seq,
    /// When, and how: `Err` holds why.
    pub ended: Option<(Micros, Result<(), String>)>,
}

/// Ended jobs the world remembers; all of them are in the journal.
pub const ENDED_KEPT: usize = 200;

/// The component in force for a plugin.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct InForce {
    pub version: Name,
    pub digest: [u8; 32],
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Ledger {
    pub plugins: BTreeMap<Name, InForce>,
    pub reacted: BTreeMap<Name, Seq>,
    pub jobs: BTreeMap<RequestId, JobState>,
    pub flows: BTreeMap<Name, FlowDecl>,
}

impl Ledger {
    /// True while the job is under way.
    pub fn is_running(&self, job: RequestId) -> bool {
        self.jobs.get(&job).is_some_and(|j| j.ended.is_none())
    }

    /// Ended jobs beyond what is remembered go, the one that ended first before the others.
    pub fn forget_old_jobs(&mut self) {
        let mut ended: Vec<(Seq, RequestId)> =
            self.jobs.iter().filter(|(_, j)| j.ended.is_some()).map(|(id, j)| (j.seq, *id)).collect();
        ended.sort_unstable();
        for (_, id) in ended.iter().rev().skip(ENDED_KEPT) {
            self.jobs.remove(id);
        }
    }
}

impl World {
    /// Whether a plugin has a place in the change feed: it subscribed to something once.
    pub fn has_place(&self, plugin: &str) -> bool {
        self.ledger.reacted.contains_key(plugin)
    }

    /// How far a plugin has reacted to the change feed.
    pub fn reacted(&self, plugin: &str) -> Seq {
        self.ledger.reacted.get(plugin).copied().unwrap_or(Seq::ZERO)
    }

    /// The component the journal says is in force for a plugin.
    pub fn in_force(&self, plugin: &str) -> Option<&InForce> {
        self.ledger.plugins.get(plugin)
    }

    /// Every plugin the journal knows, by name.
    pub fn plugins_in_force(&self) -> impl Iterator<Item = (&Name, &InForce)> {
        self.ledger.plugins.iter()
    }

    /// Jobs under way and those that ended last, by id.
    pub fn jobs(&self) -> impl Iterator<Item = (RequestId, &JobState)> {
        self.ledger.jobs.iter().map(|(id, job)| (*id, job))
    }

    pub fn job(&self, id: RequestId) -> Option<&JobState> {
        self.ledger.jobs.get(&id)
    }

    /// The newest declaration of a flow.
    pub fn flow(&self, name: &str) -> Option<&FlowDecl> {
        self.ledger.flows.get(name)
    }
}

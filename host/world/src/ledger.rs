//! What the journal says about the host itself: plugins in force, how far each has reacted, jobs under way, flows.
//!
//! Ordered maps of a few dozen entries, so that the state hash has one order.

use crate::world::World;
use changzhi_model::{FlowDecl, Name, RequestId, Seq, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A job that has not ended, as of its last step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct JobState {
    pub plugin: Name,
    pub name: Name,
    pub params: Vec<Value>,
    pub done: u64,
    pub total: u64,
    pub cursor: Option<Vec<u8>>,
    /// The transaction of the last step.
    pub seq: Seq,
}

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

impl World {
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

    /// Jobs that have made a step and not ended.
    pub fn jobs(&self) -> impl Iterator<Item = (RequestId, &JobState)> {
        self.ledger.jobs.iter().map(|(id, job)| (*id, job))
    }

    /// The newest declaration of a flow.
    pub fn flow(&self, name: &str) -> Option<&FlowDecl> {
        self.ledger.flows.get(name)
    }
}

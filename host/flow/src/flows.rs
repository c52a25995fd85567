//! The flows in force and the questions asked of them.

use crate::check::{FlowError, FlowFault, faults};
use changzhi_model::{FlowDecl, Name, TransitionDecl};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why an event is not taken. The matter stays where it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FlowRefusal {
    #[error("flow {0} is not declared")]
    UnknownFlow(Name),
    #[error("flow {flow} has no version {version}")]
    UnknownVersion { flow: Name, version: u32 },
    #[error("flow {flow} has no state {state}")]
    UnknownState { flow: Name, state: Name },
    #[error("{event} cannot happen in state {state}; possible: {}", .possible.join(", "))]
    NotPossible { event: Name, state: Name, possible: Vec<Name> },
    #[error("{event} asks for one of the roles {}", .roles.join(", "))]
    NotYours { event: Name, roles: Vec<Name> },
}

/// One version, read and checked.
#[derive(Debug)]
struct Flow {
    decl: FlowDecl,
    /// Transitions out of each state, in the order of the declaration.
    from: HashMap<Name, Vec<TransitionDecl>>,
}

/// Every flow in force, by name and version.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    by_name: HashMap<Name, BTreeMap<u32, Arc<Flow>>>,
}

impl Flows {
    pub fn new() -> Flows {
        Flows::default()
    }

    /// Takes a flow in, beside its other versions. The same version with the same contents is taken again without a word; with
    /// others it is refused, as is a flow with any fault; every fault is reported.
    pub fn add(&mut self, decl: FlowDecl) -> Result<(), FlowError> {
        let mut faults = faults(&decl);
        let before = self.by_name.get(&decl.name).and_then(|v| v.get(&decl.version));
        if before.is_some_and(|b| b.decl != decl) {
            faults.push(FlowFault::VersionChanged { version: decl.version });
        }
        if !faults.is_empty() {
            return Err(FlowError { flow: decl.name, version: decl.version, faults });
        }
        let mut from: HashMap<Name, Vec<TransitionDecl>> =
            decl.states.iter().map(|s| (s.name.clone(), Vec::new())).collect();
        for t in &decl.transitions {
            from.entry(t.source.clone()).or_default().push(t.clone());
        }
        let versions = self.by_name.entry(decl.name.clone()).or_default();
        versions.insert(decl.version, Arc::new(Flow { decl, from }));
        Ok(())
    }

    /// The newest version of a flow.
    pub fn get(&self, flow: &str) -> Option<&FlowDecl> {
        self.newest(flow).map(|f| &f.decl)
    }

    /// One version of a flow.
    pub fn version(&self, flow: &str, version: u32) -> Option<&FlowDecl> {
        self.by_name.get(flow)?.get(&version).map(|f| &f.decl)
    }

    /// The state a new entity of the flow begins in.
    pub fn initial(&self, flow: &str) -> Option<&Name> {
        self.newest(flow).map(|f| &f.decl.initial)
    }

    /// Whether a state of the newest version ends the matter; `None` for what is not known.
    pub fn is_terminal(&self, flow: &str, state: &str) -> Option<bool> {
        self.newest(flow)?.decl.states.iter().find(|s| s.name == state).map(|s| s.terminal)
    }

    /// The state `event` leads to from `state`, for somebody with `roles`, by the newest version.
    pub fn next(&self, flow: &str, state: &str, event: &str, roles: &[Name]) -> Result<&Name, FlowRefusal> {
        let found = self.newest(flow).ok_or_else(|| FlowRefusal::UnknownFlow(flow.into()))?;
        found.next(state, event, roles)
    }

    /// [`Flows::next`] by one version: for what began under it.
    pub fn next_at(
        &self,
        flow: &str,
        version: u32,
        state: &str,
        event: &str,
        roles: &[Name],
    ) -> Result<&Name, FlowRefusal> {
        let versions = self.by_name.get(flow).ok_or_else(|| FlowRefusal::UnknownFlow(flow.into()))?;
        let found = versions.get(&version).ok_or_else(|| FlowRefusal::UnknownVersion { flow: flow.into(), version })?;
        found.next(state, event, roles)
    }

    /// What somebody with `roles` may raise in `state`: (event, target) in the order of the declaration. Empty for what is not
    /// known.
    pub fn allowed(&self, flow: &str, state: &str, roles: &[Name]) -> Vec<(Name, Name)> {
        let Some(out) = self.newest(flow).and_then(|f| f.from.get(state)) else { return Vec::new() };
        out.iter().filter(|t| may(t, roles)).map(|t| (t.event.clone(), t.target.clone())).collect()
    }

    /// The number of the newest version.
    pub fn newest_version(&self, flow: &str) -> Option<u32> {
        self.by_name.get(flow)?.last_key_value().map(|(v, _)| *v)
    }

    /// The number of the oldest version: of what began before versions were written down.
    pub fn oldest_version(&self, flow: &str) -> Option<u32> {
        self.by_name.get(flow)?.first_key_value().map(|(v, _)| *v)
    }

    /// [`Flows::allowed`] by one version.
    pub fn allowed_at(&self, flow: &str, version: u32, state: &str, roles: &[Name]) -> Vec<(Name, Name)> {
        let found = self.by_name.get(flow).and_then(|v| v.get(&version));
        let Some(out) = found.and_then(|f| f.from.get(state)) else { return Vec::new() };
        out.iter().filter(|t| may(t, roles)).map(|t| (t.event.clone(), t.target.clone())).collect()
    }

    fn newest(&self, flow: &str) -> Option<&Arc<Flow>> {
        self.by_name.get(flow)?.last_key_value().map(|(_, f)| f)
    }
}

impl Flow {
    fn next(&self, state: &str, event: &str, roles: &[Name]) -> Result<&Name, FlowRefusal> {
        let out = self
            .from
            .get(state)
            .ok_or_else(|| FlowRefusal::UnknownState { flow: self.decl.name.clone(), state: state.into() })?;
        let found = out.iter().find(|t| t.event == event).ok_or_else(|| FlowRefusal::NotPossible {
            event: event.into(),
            state: state.into(),
            possible: out.iter().map(|t| t.event.clone()).collect(),
        })?;
        if may(found, roles) {
            Ok(&found.target)
        } else {
            Err(FlowRefusal::NotYours { event: event.into(), roles: found.roles.clone() })
        }
    }
}

/// A transition without roles is anybody's.
fn may(t: &TransitionDecl, roles: &[Name]) -> bool {
    t.roles.is_empty() || t.roles.iter().any(|r| roles.contains(r))
}

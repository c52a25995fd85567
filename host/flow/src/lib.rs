//! The matter flow: which event leads from which state to which, for whom.
//!
//! Flows are data that plugins declare. A flow is checked whole when it is added, every problem reported: no state without a
//! way out unless it is terminal, no state that cannot be reached, no two answers to one event. After that, `next` cannot
//! leave the declared states, and the same question always has the same answer.

mod check;

use changzhi_model::{FlowDecl, Name};
use hashbrown::HashMap;
use std::sync::Arc;

pub use check::FlowError;

/// All flows in force, by name. A newer version replaces an older one; states are kept in the matters themselves.
#[derive(Clone, Debug, Default)]
pub struct Flows(HashMap<Name, Arc<FlowDecl>>);

/// Why an event did not move a matter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FlowRefusal {
    #[error("flow {0:?} is not declared by any installed plugin")]
    UnknownFlow(Name),
    /// The state does not know the event: somebody else was faster, or it was never possible.
    #[error("{event:?} is not possible in state {state:?}; possible now: {possible}")]
    NotPossible { state: Name, event: Name, possible: String },
    #[error("{event:?} in state {state:?} needs one of the roles {roles}")]
    NotAllowed { state: Name, event: Name, roles: String },
}

impl Flows {
    /// Adds a flow, or replaces an older version of it. The same version again is welcome when it is the same.
    pub fn add(&mut self, flow: FlowDecl) -> Result<(), FlowError> {
        check::check(&flow)?;
        if let Some(known) = self.0.get(&flow.name) {
            if known.version > flow.version {
                return Err(FlowError::Older { flow: flow.name, known: known.version, given: flow.version });
            }
            if known.version == flow.version && **known != flow {
                return Err(FlowError::Changed { flow: flow.name, version: flow.version });
            }
        }
        self.0.insert(flow.name.clone(), Arc::new(flow));
        Ok(())
    }

    /// The state a new matter begins in.
    pub fn initial(&self, flow: &str) -> Option<&Name> {
        self.0.get(flow).map(|f| &f.initial)
    }

    /// The state after `event`, for somebody who holds `roles`.
    pub fn next(&self, flow: &str, state: &str, event: &str, roles: &[Name]) -> Result<&Name, FlowRefusal> {
        let decl = self.0.get(flow).ok_or_else(|| FlowRefusal::UnknownFlow(flow.into()))?;
        let Some(transition) = decl.transitions.iter().find(|t| t.source == state && t.event == event) else {
            let possible: Vec<_> =
                decl.transitions.iter().filter(|t| t.source == state).map(|t| t.event.as_str()).collect();
            let possible = if possible.is_empty() { "nothing".into() } else { possible.join(", ") };
            return Err(FlowRefusal::NotPossible { state: state.into(), event: event.into(), possible });
        };
        if may(&transition.roles, roles) {
            return Ok(&transition.target);
        }
        let roles = transition.roles.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        Err(FlowRefusal::NotAllowed { state: state.into(), event: event.into(), roles })
    }

    /// `(event, target)` of everything somebody who holds `roles` may raise in `state`, in declared order.
    pub fn allowed(&self, flow: &str, state: &str, roles: &[Name]) -> Vec<(Name, Name)> {
        let transitions = self.0.get(flow).map(|f| f.transitions.as_slice()).unwrap_or_default();
        transitions
            .iter()
            .filter(|t| t.source == state && may(&t.roles, roles))
            .map(|t| (t.event.clone(), t.target.clone()))
            .collect()
    }

    pub fn get(&self, flow: &str) -> Option<&Arc<FlowDecl>> {
        self.0.get(flow)
    }
}

/// A transition without roles is open to everybody who may give the command.
fn may(wanted: &[Name], held: &[Name]) -> bool {
    wanted.is_empty() || wanted.iter().any(|w| held.contains(w))
}

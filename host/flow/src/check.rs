//! A flow is taken whole or not at all.

use changzhi_model::{FlowDecl, Name};
use hashbrown::HashSet;

/// Why a flow is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FlowError {
    /// Every problem, one a line.
    #[error("flow {flow:?} version {version} is not sound:\n{}", problems.join("\n"))]
    Unsound { flow: Name, version: u32, problems: Vec<String> },
    #[error("flow {flow:?} is in force at version {known}; version {given} is older and would forget states")]
    Older { flow: Name, known: u32, given: u32 },
    #[error("flow {flow:?} version {version} is in force with other content: give the changed flow a new version")]
    Changed { flow: Name, version: u32 },
}

pub(crate) fn check(flow: &FlowDecl) -> Result<(), FlowError> {
    let mut problems = Vec::new();
    let mut states = HashSet::new();
    for state in &flow.states {
        if state.name.is_empty() {
            problems.push("- a state has no name".to_owned());
        }
        if !states.insert(state.name.as_str()) {
            problems.push(format!("- state {:?} is declared twice", state.name));
        }
    }
    if !states.contains(flow.initial.as_str()) {
        problems.push(format!("- the initial state {:?} is not declared", flow.initial));
    }
    let mut events = HashSet::new();
    for t in &flow.transitions {
        if t.event.is_empty() {
            problems.push(format!("- a transition from {:?} has no event", t.source));
        }
        for end in [&t.source, &t.target] {
            if !states.contains(end.as_str()) {
                problems.push(format!("- event {:?} names state {end:?}, which is not declared", t.event));
            }
        }
        if !events.insert((t.source.as_str(), t.event.as_str())) {
            problems.push(format!("- event {:?} has two answers in state {:?}", t.event, t.source));
        }
    }
    for state in &flow.states {
        let leaves = flow.transitions.iter().any(|t| t.source == state.name && t.target != state.name);
        if !state.terminal && !leaves {
            problems.push(format!(
                "- state {:?} has no way out: add a transition to another state, or mark it terminal",
                state.name
            ));
        }
    }
    let reached = reachable(flow);
    for state in &flow.states {
        if !reached.contains(state.name.as_str()) {
            problems.push(format!("- state {:?} cannot be reached from {:?}", state.name, flow.initial));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(FlowError::Unsound { flow: flow.name.clone(), version: flow.version, problems })
}

fn reachable(flow: &FlowDecl) -> HashSet<&str> {
    let mut reached = HashSet::from([flow.initial.as_str()]);
    let mut front = vec![flow.initial.as_str()];
    while let Some(state) = front.pop() {
        for t in flow.transitions.iter().filter(|t| t.source == state) {
            if reached.insert(t.target.as_str()) {
                front.push(t.target.as_str());
            }
        }
    }
    reached
}

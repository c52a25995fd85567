//! What makes a flow unfit, all of it at once.

use changzhi_model::{FlowDecl, Name};
use hashbrown::{HashMap, HashSet};

/// Limits on a flow that comes from a plugin.
const MAX_STATES: usize = 256;
const MAX_TRANSITIONS: usize = 4096;
const MAX_NAME: usize = 64;

/// One thing wrong with a flow.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FlowFault {
    #[error("the flow has no state")]
    Empty,
    #[error("{what}: {count} are more than the {max} a flow may have")]
    TooMany { what: &'static str, count: usize, max: usize },
    #[error("{what} name {name:?} is empty or longer than 64 bytes")]
    BadName { what: &'static str, name: Name },
    #[error("state {0} is declared twice")]
    StateTwice(Name),
    #[error("initial state {0} is not a state of the flow")]
    UnknownInitial(Name),
    #[error("transition {event}: {from} -> {target} names the unknown state {unknown}")]
    UnknownState { event: Name, from: Name, target: Name, unknown: Name },
    #[error("event {event} leads from {from} to both {first} and {second}: give the events different names")]
    Clash { event: Name, from: Name, first: Name, second: Name },
    #[error("transition {event}: {from} -> {target} is declared twice: list its roles in one")]
    TransitionTwice { event: Name, from: Name, target: Name },
    #[error("state {0} has no exit: add a transition or declare it terminal")]
    NoExit(Name),
    #[error("terminal state {state} has an exit ({event}): declare it not terminal")]
    TerminalExit { state: Name, event: Name },
    #[error("state {0} cannot be reached from the initial state: add a transition or drop it")]
    Unreachable(Name),
    #[error(
        "version {version} was added before with other contents: a shipped version never changes, raise the version"
    )]
    VersionChanged { version: u32 },
}

/// A flow that was refused, with everything wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("flow {flow} version {version} is refused: {}", .faults.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("; "))]
pub struct FlowError {
    pub flow: Name,
    pub version: u32,
    pub faults: Vec<FlowFault>,
}

/// Every fault of one flow, in the order of its declaration.
pub(crate) fn faults(flow: &FlowDecl) -> Vec<FlowFault> {
    let mut faults = Vec::new();
    for (what, count, max) in
        [("states", flow.states.len(), MAX_STATES), ("transitions", flow.transitions.len(), MAX_TRANSITIONS)]
    {
        if count > max {
            faults.push(FlowFault::TooMany { what, count, max });
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    if flow.states.is_empty() {
        faults.push(FlowFault::Empty);
    }
    names(flow, &mut faults);

    let mut terminal: HashMap<&Name, bool> = HashMap::new();
    for state in &flow.states {
        if terminal.insert(&state.name, state.terminal).is_some() {
            faults.push(FlowFault::StateTwice(state.name.clone()));
        }
    }
    if !terminal.contains_key(&flow.initial) {
        faults.push(FlowFault::UnknownInitial(flow.initial.clone()));
    }
    let mut targets: HashMap<(&Name, &Name), &Name> = HashMap::new();
    let mut exits: HashMap<&Name, Vec<&Name>> = HashMap::new();
    for t in &flow.transitions {
        let (event, from, target) = (t.event.clone(), t.source.clone(), t.target.clone());
        for unknown in [&t.source, &t.target] {
            if !terminal.contains_key(unknown) {
                let (event, from, target) = (event.clone(), from.clone(), target.clone());
                faults.push(FlowFault::UnknownState { event, from, target, unknown: unknown.clone() });
            }
        }
        match targets.insert((&t.source, &t.event), &t.target) {
            Some(first) if *first == t.target => faults.push(FlowFault::TransitionTwice { event, from, target }),
            Some(first) => faults.push(FlowFault::Clash { event, from, first: first.clone(), second: target }),
            None => {}
        }
        if terminal.get(&t.source) == Some(&true) {
            faults.push(FlowFault::TerminalExit { state: t.source.clone(), event: t.event.clone() });
        }
        exits.entry(&t.source).or_default().push(&t.target);
    }
    let reached = reach(&flow.initial, &exits);
    for state in &flow.states {
        // A loop onto itself is no exit.
        let leaves = exits.get(&state.name).is_some_and(|to| to.iter().any(|t| **t != state.name));
        if !state.terminal && !leaves {
            faults.push(FlowFault::NoExit(state.name.clone()));
        }
        if !reached.contains(&state.name) && terminal.contains_key(&flow.initial) {
            faults.push(FlowFault::Unreachable(state.name.clone()));
        }
    }
    faults
}

fn names(flow: &FlowDecl, faults: &mut Vec<FlowFault>) {
    let states = flow.states.iter().map(|s| ("state", &s.name));
    let events = flow.transitions.iter().map(|t| ("event", &t.event));
    let roles = flow.transitions.iter().flat_map(|t| &t.roles).map(|r| ("role", r));
    for (what, name) in std::iter::once(("flow", &flow.name)).chain(states).chain(events).chain(roles) {
        if name.is_empty() || name.len() > MAX_NAME {
            faults.push(FlowFault::BadName { what, name: name.chars().take(MAX_NAME).collect::<String>().into() });
        }
    }
}

fn reach<'a>(initial: &'a Name, exits: &HashMap<&'a Name, Vec<&'a Name>>) -> HashSet<&'a Name> {
    let mut reached = HashSet::from([initial]);
    let mut open = vec![initial];
    while let Some(state) = open.pop() {
        for target in exits.get(state).into_iter().flatten() {
            if reached.insert(*target) {
                open.push(target);
            }
        }
    }
    reached
}

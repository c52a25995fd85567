//! What a flow promises once it is taken, and what keeps it from being taken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{FlowError, FlowRefusal, Flows};
use changzhi_model::{FlowDecl, Name, StateDecl, TransitionDecl};
use proptest::prelude::*;

fn flow(initial: &str, states: &[(&str, bool)], moves: &[(&str, &str, &str, &[&str])]) -> FlowDecl {
    FlowDecl {
        name: "report".into(),
        version: 1,
        initial: initial.into(),
        states: states.iter().map(|(n, t)| StateDecl { name: (*n).into(), label: (*n).into(), terminal: *t }).collect(),
        transitions: moves
            .iter()
            .map(|(event, source, target, roles)| TransitionDecl {
                event: (*event).into(),
                source: (*source).into(),
                target: (*target).into(),
                roles: roles.iter().map(|r| Name::from(*r)).collect(),
            })
            .collect(),
    }
}

fn sound() -> FlowDecl {
    flow(
        "submitted",
        &[("submitted", false), ("handling", false), ("closed", true)],
        &[
            ("take", "submitted", "handling", &["unit"]),
            ("close", "handling", "closed", &[]),
            ("reopen", "closed", "handling", &["seat"]),
        ],
    )
}

fn problems(flow: FlowDecl) -> String {
    Flows::default().add(flow).unwrap_err().to_string()
}

#[test]
fn an_event_moves_a_matter_for_those_who_hold_the_role() {
    let mut flows = Flows::default();
    flows.add(sound()).unwrap();
    assert_eq!(flows.initial("report").unwrap(), "submitted");
    assert_eq!(flows.next("report", "submitted", "take", &["unit".into()]).unwrap(), "handling");
    assert!(matches!(flows.next("report", "submitted", "take", &["seat".into()]), Err(FlowRefusal::NotAllowed { .. })));
    assert!(matches!(flows.next("report", "submitted", "close", &[]), Err(FlowRefusal::NotPossible { .. })));
    assert!(matches!(flows.next("parade", "submitted", "close", &[]), Err(FlowRefusal::UnknownFlow(_))));
    assert_eq!(flows.allowed("report", "closed", &["unit".into()]), []);
    assert_eq!(flows.allowed("report", "closed", &["seat".into()]), [("reopen".into(), "handling".into())]);
}

#[test]
fn every_problem_of_an_unsound_flow_is_reported() {
    let text = problems(flow(
        "start",
        &[("a", false), ("b", false), ("b", true), ("island", true)],
        &[("go", "a", "b", &[]), ("go", "a", "nowhere", &[])],
    ));
    for part in [
        "initial state \"start\"",
        "\"b\" is declared twice",
        "\"nowhere\"",
        "two answers",
        "\"island\" cannot be reached",
        "no way out",
    ] {
        assert!(text.contains(part), "{part} missing in:\n{text}");
    }
}

#[test]
fn a_state_that_only_leads_to_itself_has_no_way_out() {
    assert!(problems(flow("a", &[("a", false)], &[("again", "a", "a", &[])])).contains("no way out"));
}

#[test]
fn a_changed_flow_needs_a_new_version_and_an_older_one_is_refused() {
    let mut flows = Flows::default();
    flows.add(sound()).unwrap();
    flows.add(sound()).unwrap();
    let mut changed = sound();
    changed.transitions.pop();
    assert!(matches!(flows.add(changed.clone()), Err(FlowError::Changed { .. })));
    changed.version = 2;
    flows.add(changed).unwrap();
    assert!(matches!(flows.add(sound()), Err(FlowError::Older { known: 2, given: 1, .. })));
}

proptest! {
    /// Whatever random flow is taken: no walk leaves its states, and none gets stuck before a terminal state.
    #[test]
    fn no_walk_through_a_taken_flow_gets_lost_or_stuck(
        count in 1usize..6,
        terminal in prop::collection::vec(any::<bool>(), 6),
        moves in prop::collection::vec((0usize..4, 0usize..6, 0usize..6), 0..14),
        walk in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let name = |i: usize| Name::from(format!("s{}", i % count));
        let decl = FlowDecl {
            name: "f".into(), version: 1, initial: name(0),
            states: (0..count).map(|i| StateDecl { name: name(i), label: name(i), terminal: terminal[i] }).collect(),
            transitions: moves.iter().map(|(e, s, t)| TransitionDecl {
                event: Name::from(format!("e{e}")), source: name(*s), target: name(*t), roles: vec![],
            }).collect(),
        };
        let mut flows = Flows::default();
        if flows.add(decl.clone()).is_ok() {
            let mut state = flows.initial("f").unwrap().clone();
            for step in walk {
                let here = decl.states.iter().find(|s| s.name == state).expect("a walk never leaves the declared states");
                let ways = flows.allowed("f", &state, &[]);
                prop_assert!(here.terminal || ways.iter().any(|(_, target)| *target != state), "stuck in {state}");
                if ways.is_empty() { break; }
                let (event, target) = step.get(&ways).clone();
                prop_assert_eq!(flows.next("f", &state, &event, &[]).unwrap(), &target);
                state = target;
            }
        }
    }
}

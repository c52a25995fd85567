//! Flows good and bad.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{FlowFault, FlowRefusal, Flows};
use changzhi_model::{FlowDecl, Name, StateDecl, TransitionDecl};
use proptest::prelude::*;

fn flow(states: &[(&str, bool)], transitions: &[(&str, &str, &str, &[&str])]) -> FlowDecl {
    FlowDecl {
        name: "services.report".into(),
        version: 1,
        initial: states.first().map(|s| s.0).unwrap_or("none").into(),
        states: states.iter().map(|(n, t)| StateDecl { name: (*n).into(), label: (*n).into(), terminal: *t }).collect(),
        transitions: transitions
            .iter()
            .map(|(event, source, target, roles)| TransitionDecl {
                event: (*event).into(),
                source: (*source).into(),
                target: (*target).into(),
                roles: roles.iter().map(|r| (*r).into()).collect(),
            })
            .collect(),
    }
}

fn good() -> FlowDecl {
    flow(
        &[("filed", false), ("assigned", false), ("closed", true)],
        &[
            ("assign", "filed", "assigned", &["dispatcher"]),
            ("return", "assigned", "filed", &[]),
            ("close", "assigned", "closed", &["verifier", "centre"]),
        ],
    )
}

fn faults(decl: FlowDecl) -> Vec<FlowFault> {
    Flows::new().add(decl).unwrap_err().faults
}

#[test]
fn a_matter_walks_through_a_good_flow() {
    let mut flows = Flows::new();
    flows.add(good()).unwrap();
    flows.add(good()).unwrap();
    let dispatcher = [Name::from("dispatcher")];
    assert_eq!(flows.initial("services.report").unwrap(), "filed");
    assert_eq!(flows.next("services.report", "filed", "assign", &dispatcher).unwrap(), "assigned");
    assert_eq!(flows.next("services.report", "assigned", "return", &[]).unwrap(), "filed");
    assert_eq!(flows.allowed("services.report", "assigned", &[]), [("return".into(), "filed".into())]);
    assert_eq!(flows.allowed("services.report", "assigned", &["centre".into()]).len(), 2);
    assert_eq!(flows.is_terminal("services.report", "closed"), Some(true));
}

#[test]
fn every_refusal_says_what_would_be_possible() {
    let mut flows = Flows::new();
    flows.add(good()).unwrap();
    let next = |flow, state, event| flows.next(flow, state, event, &[]).unwrap_err();
    assert_eq!(next("no", "filed", "assign"), FlowRefusal::UnknownFlow("no".into()));
    assert!(matches!(next("services.report", "nowhere", "assign"), FlowRefusal::UnknownState { .. }));
    assert_eq!(next("services.report", "filed", "assign").to_string(), "assign asks for one of the roles dispatcher");
    assert_eq!(
        next("services.report", "assigned", "fly").to_string(),
        "fly cannot happen in state assigned; possible: return, close"
    );
}

#[test]
fn every_fault_is_reported_not_just_the_first() {
    let decl = flow(
        &[("a", false), ("b", false), ("end", true), ("island", true)],
        &[
            ("go", "a", "b", &[]),
            ("go", "a", "end", &[]),
            ("go", "a", "end", &[]),
            ("lost", "a", "nowhere", &[]),
            ("spin", "b", "b", &[]),
            ("back", "end", "a", &[]),
        ],
    );
    let found = faults(decl);
    let has = |f: fn(&FlowFault) -> bool| assert!(found.iter().any(f), "{found:?}");
    has(|f| matches!(f, FlowFault::Clash { first, second, .. } if first == "b" && second == "end"));
    has(|f| matches!(f, FlowFault::TransitionTwice { .. }));
    has(|f| matches!(f, FlowFault::UnknownState { unknown, .. } if unknown == "nowhere"));
    has(|f| *f == FlowFault::NoExit("b".into()));
    has(|f| matches!(f, FlowFault::TerminalExit { state, .. } if state == "end"));
    has(|f| *f == FlowFault::Unreachable("island".into()));
}

#[test]
fn empty_flows_unknown_initials_doubles_and_bad_names_are_refused() {
    assert!(faults(flow(&[], &[])).contains(&FlowFault::Empty));
    let mut decl = good();
    decl.initial = "nowhere".into();
    assert_eq!(faults(decl), [FlowFault::UnknownInitial("nowhere".into())]);
    let twice = flow(&[("a", true), ("a", true)], &[]);
    assert_eq!(faults(twice), [FlowFault::StateTwice("a".into())]);
    let mut decl = good();
    decl.transitions[0].roles = vec!["".into()];
    assert!(matches!(faults(decl)[..], [FlowFault::BadName { what: "role", .. }]));
    let mut decl = good();
    decl.transitions = vec![decl.transitions[0].clone(); 4097];
    assert!(matches!(faults(decl)[..], [FlowFault::TooMany { what: "transitions", .. }]));
}

#[test]
fn versions_live_side_by_side_and_a_shipped_one_never_changes() {
    let mut flows = Flows::new();
    flows.add(good()).unwrap();
    let mut second = good();
    second.transitions[1].event = "send-back".into();
    assert_eq!(flows.add(second.clone()).unwrap_err().faults, [FlowFault::VersionChanged { version: 1 }]);
    second.version = 2;
    flows.add(second).unwrap();
    assert!(flows.next("services.report", "assigned", "return", &[]).is_err());
    assert_eq!(flows.next_at("services.report", 1, "assigned", "return", &[]).unwrap(), "filed");
    assert_eq!(flows.next("services.report", "assigned", "send-back", &[]).unwrap(), "filed");
    assert!(matches!(
        flows.next_at("services.report", 3, "assigned", "return", &[]),
        Err(FlowRefusal::UnknownVersion { version: 3, .. })
    ));
}

fn any_flow() -> impl Strategy<Value = FlowDecl> {
    let state = 0..6usize;
    (
        prop::collection::vec(any::<bool>(), 1..6),
        prop::collection::vec((0..4usize, state.clone(), state, 0..3usize), 0..14),
    )
        .prop_map(|(terminal, transitions)| {
            let n = terminal.len();
            let name = |i: usize| Name::from(format!("s{i}"));
            let mut decl = flow(&[], &[]);
            decl.initial = name(0);
            decl.states = terminal
                .iter()
                .enumerate()
                .map(|(i, t)| StateDecl { name: name(i), label: name(i), terminal: *t })
                .collect();
            decl.transitions = transitions
                .into_iter()
                .map(|(event, source, target, roles)| TransitionDecl {
                    event: format!("e{event}").into(),
                    source: name(source % (n + 1)),
                    target: name(target % n),
                    roles: (0..roles).map(|r| format!("r{r}").into()).collect(),
                })
                .collect();
            decl
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]
    #[test]
    fn an_accepted_flow_has_no_dead_end_and_every_walk_stays_inside(decl in any_flow(), steps in prop::collection::vec(any::<prop::sample::Index>(), 20)) {
        let mut flows = Flows::new();
        if flows.add(decl.clone()).is_ok() {
            let roles: Vec<Name> = (0..3).map(|r| format!("r{r}").into()).collect();
            let mut at = flows.initial(&decl.name).unwrap().clone();
            for step in steps {
                let state = decl.states.iter().find(|s| s.name == at);
                prop_assert!(state.is_some(), "{} is a state", at);
                let allowed = flows.allowed(&decl.name, &at, &roles);
                prop_assert_eq!(allowed.is_empty(), state.unwrap().terminal);
                if allowed.is_empty() {
                    break;
                }
                let (event, target) = &allowed[step.index(allowed.len())];
                let once = flows.next(&decl.name, &at, event, &roles);
                prop_assert_eq!(once.clone(), Ok(target));
                prop_assert_eq!(once, flows.next(&decl.name, &at, event, &roles));
                at = target.clone();
            }
            for state in &decl.states {
                let out = decl.transitions.iter().any(|t| t.source == state.name && t.target != state.name);
                prop_assert_eq!(out, !state.terminal);
            }
        }
    }
}

//! The shipped rules of a dispute against the flow the plugin declares.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{Deployed, Engine, Event, Flows};
use changzhi_model::{EntityId, FlowDecl, Micros, StateDecl, TransitionDecl};
use proptest::prelude::*;

#[allow(dead_code)]
mod table {
    include!("../../../plugins/services/src/mediation/flow_table.rs");
}

fn flow() -> FlowDecl {
    let transition = |(event, source, target, roles): &table::Step| TransitionDecl {
        event: (*event).into(),
        source: (*source).into(),
        target: (*target).into(),
        roles: roles.iter().map(|r| (*r).into()).collect(),
    };
    let state = |s: &&str| StateDecl { name: (*s).into(), label: (*s).into(), terminal: table::ENDS.contains(s) };
    FlowDecl {
        name: "dispute".into(),
        version: table::VERSION,
        initial: table::STATES[0].into(),
        states: table::STATES.iter().map(state).collect(),
        transitions: table::STEPS.iter().map(transition).collect(),
    }
}

fn engine() -> Engine {
    let mut flows = Flows::new();
    flows.add(flow()).unwrap();
    Deployed::builtin().unwrap().engine(&flows, "dispute", table::VERSION).unwrap().expect("rules are shipped")
}

fn at(text: &str) -> Micros {
    Micros::from_rfc3339(&format!("{text}:00+08:00")).unwrap()
}

#[test]
fn every_state_of_a_dispute_has_an_exit_an_owner_and_something_due_and_every_clock_an_owner() {
    let (flow, engine) = (flow(), engine());
    for state in &flow.states {
        let leaves = flow.transitions.iter().any(|t| t.source == state.name && t.target != state.name);
        assert!(state.terminal || leaves, "{}", state.name);
        let Some(rule) = engine.rules().state(&state.name) else {
            assert!(state.terminal, "{}", state.name);
            continue;
        };
        let due = engine.rules().clocks.iter().any(|c| c.runs_in(&state.name));
        assert!(rule.rests != (rule.owner.is_some() && due), "{}", state.name);
    }
    assert!(engine.rules().clocks.iter().all(|c| !c.owner.is_empty() && !c.runs.is_empty()));
}

/// The moments of a clock's steps from an event on, by name.
fn steps(engine: &Engine, state: &str, begun: Micros) -> Vec<(String, Micros)> {
    let event = Event::new(begun, "x", "", state);
    let mut track = engine.after(None, &event, "");
    let mut all = Vec::new();
    while let Some(step) = engine.next(&track) {
        all.push((step.event.to_string(), step.at));
        let mut fired = Event::new(step.at, step.event.clone(), state, state);
        fired.fired = Some(step.fired);
        track = engine.after(Some(&track), &fired, "");
        if step.moves {
            break;
        }
    }
    all
}

#[test]
fn the_court_may_be_asked_for_thirty_days_with_reminders_on_days_7_20_and_27_and_calls_come_after_7_30_and_90() {
    let engine = engine();
    let begun = at("2026-03-02T10:00");
    let days = |all: &[(String, Micros)]| -> Vec<(String, i64)> {
        all.iter().map(|(e, at)| (e.clone(), (at.0 - begun.0) / Micros::DAY)).collect()
    };
    let asked = days(&steps(&engine, "agreed", begun));
    let wanted = [("confirmation-day-7", 7), ("confirmation-day-20", 20), ("confirmation-day-27", 27)];
    assert_eq!(asked, wanted.map(|(e, d)| (e.to_owned(), d)));
    let called = days(&steps(&engine, "performed", begun));
    assert_eq!(
        called,
        [("follow-up-7", 7), ("follow-up-30", 30), ("follow-up-90", 90)].map(|(e, d)| (e.to_owned(), d))
    );
    let signing = steps(&engine, "signing", begun);
    let void = signing.iter().find(|(e, _)| e == "void-signing").unwrap();
    // The day it begins on does not count: the seventh ends at midnight.
    assert_eq!(void.1, at("2026-03-10T00:00"));
}

proptest! {
    #[test]
    fn replayed_from_its_kept_form_a_dispute_stands_where_it_stood(choices in prop::collection::vec((any::<u16>(), 0u32..200_000), 1..40)) {
        let (flow, engine) = (flow(), engine());
        let mut now = at("2026-03-02T10:00");
        let begun = Event::begun(now, flow.initial.clone(), "neighbours").by(EntityId(5));
        let mut live = engine.after(None, &begun, "");
        let mut replayed = live.clone();
        let mut state = flow.initial.clone();
        for (choice, minutes) in choices {
            now = Micros(now.0 + i64::from(minutes) * 60 * Micros::SECOND);
            let open: Vec<_> = flow.transitions.iter().filter(|t| t.source == state).collect();
            let Some(t) = open.get(usize::from(choice) % open.len().max(1)) else { break };
            let event = Event::new(now, t.event.clone(), t.source.clone(), t.target.clone()).by(EntityId(5));
            live = engine.after(Some(&live), &event, "");
            let kept = changzhi_flow::Track::unpack(&live.pack()).unwrap();
            replayed = engine.after(Some(&replayed), &event, "");
            prop_assert_eq!(&replayed, &live);
            prop_assert_eq!(kept.running, live.running.clone());
            prop_assert!(live.pack().len() <= 256);
            // Whatever runs has an owner and an end.
            for standing in engine.standing(&live, now) {
                prop_assert!(!standing.owner.is_empty() && standing.due >= standing.begun);
            }
            state = t.target.clone();
        }
    }
}

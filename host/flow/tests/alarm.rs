//! The shipped rules of an alarm against the flow the plugin declares: the ladder is due to the second, in order, and ends by a person.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{Deployed, Engine, Event, Flows, Track};
use changzhi_model::{EntityId, FlowDecl, Micros, StateDecl, TransitionDecl};
use proptest::prelude::*;

#[allow(dead_code)]
mod table {
    include!("../../../plugins/command/src/alarm/flow_table.rs");
}

const PRESSED: Micros = Micros(1_767_225_600 * Micros::SECOND);

fn flow() -> FlowDecl {
    let transition = |(event, source, target, roles): &table::Step| TransitionDecl {
        event: (*event).into(),
        source: (*source).into(),
        target: (*target).into(),
        roles: roles.iter().map(|r| (*r).into()).collect(),
    };
    let state = |s: &&str| StateDecl { name: (*s).into(), label: (*s).into(), terminal: table::ENDS.contains(s) };
    FlowDecl {
        name: "alarm".into(),
        version: table::VERSION,
        initial: table::STATES[0].into(),
        states: table::STATES.iter().map(state).collect(),
        transitions: table::STEPS.iter().map(transition).collect(),
    }
}

fn engine() -> Engine {
    let mut flows = Flows::new();
    flows.add(flow()).unwrap();
    Deployed::builtin().unwrap().engine(&flows, "alarm", table::VERSION).unwrap().expect("rules are shipped")
}

fn target(event: &str, from: &str) -> &'static str {
    table::STEPS.iter().find(|s| s.0 == event && s.1 == from).map(|s| s.2).unwrap()
}

/// Takes every step that is due until `end`: (event, microseconds after the press), and where it then stands.
fn run(engine: &Engine, mut track: Track, mut state: &'static str, end: Micros) -> (Vec<(String, i64)>, &'static str) {
    let mut all = Vec::new();
    while let Some(step) = engine.next(&track).filter(|s| s.at <= end) {
        all.push((step.event.to_string(), step.at.0 - PRESSED.0));
        let to = if step.moves { target(&step.event, state) } else { state };
        let mut event = Event::new(step.at, step.event.clone(), state, to);
        event.fired = Some(step.fired);
        (track, state) = (engine.after(Some(&track), &event, ""), to);
        assert!(all.len() < 20, "{all:?}");
    }
    (all, state)
}

fn pressed(engine: &Engine) -> Track {
    engine.after(None, &Event::begun(PRESSED, "rung", "help"), "")
}

#[test]
fn nobody_takes_it_and_it_rings_on_after_fifteen_thirty_and_sixty_seconds() {
    let engine = engine();
    let (steps, state) = run(&engine, pressed(&engine), "rung", PRESSED.plus_seconds(3_600));
    let steps: Vec<(&str, i64)> = steps.iter().map(|(e, at)| (e.as_str(), at / Micros::SECOND)).collect();
    assert_eq!(steps, [("ring-all", 15), ("ring-leaders", 30), ("ring-district", 60), ("unanswered", 120)]);
    assert_eq!(state, "rung-district", "it rings until somebody takes it");
}

trait Later {
    fn plus_seconds(self, seconds: i64) -> Micros;
}

impl Later for Micros {
    fn plus_seconds(self, seconds: i64) -> Micros {
        Micros(self.0 + seconds * Micros::SECOND)
    }
}

#[test]
fn a_limit_in_seconds_counts_every_one_of_every_day() {
    for text in ["0s", "15s", "10000s"] {
        assert_eq!(text.parse::<changzhi_flow::Limit>().unwrap().to_string(), text);
    }
    assert!("15sec".parse::<changzhi_flow::Limit>().is_err());
}

proptest! {
    /// Whenever a named person takes it, no later step is taken, and where it stands is kept as it was packed.
    #[test]
    fn the_first_acknowledgement_stops_the_ladder_wherever_it_is(after in 0_i64..100_000_000) {
        let engine = engine();
        let (mut track, mut state, taken) = (pressed(&engine), "rung", Micros(PRESSED.0 + after));
        while let Some(step) = engine.next(&track).filter(|s| s.at <= taken) {
            let to = target(&step.event, state);
            let mut event = Event::new(step.at, step.event.clone(), state, to);
            event.fired = Some(step.fired);
            (track, state) = (engine.after(Some(&track), &event, ""), to);
            let next = track.next;
            track = Track { next, ..Track::unpack(&track.pack()).unwrap() };
        }
        let event = Event::new(taken, "acknowledge", state, "acknowledged").by(EntityId(7));
        prop_assert!(engine.judge(&track, &event).is_ok());
        let track = engine.after(Some(&track), &event, "");
        let (steps, at) = run(&engine, track, "acknowledged", taken.plus_seconds(86_400));
        prop_assert_eq!(steps.len(), 1, "only that nobody judged it: {:?}", steps);
        prop_assert_eq!((steps[0].0.as_str(), at), ("late", "acknowledged"));
    }
}

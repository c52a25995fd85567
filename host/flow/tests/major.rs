//! The shipped rules of a major event and of its posts against the flows the plugin declares, and clocks that run to a named moment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{Deployed, Engine, Event, Flows, RuleFault, Track};
use changzhi_model::{EntityId, FlowDecl, Micros, StateDecl, TransitionDecl, Value};
use proptest::prelude::*;

#[allow(dead_code)]
mod table {
    include!("../../../plugins/command/src/major/flow_table.rs");
}

const WATCH: &str = include_str!("../../../data/flows/major-watch.toml");
const BEGIN: Micros = Micros(1_767_225_600 * Micros::SECOND);
const MINUTE: i64 = 60 * Micros::SECOND;
const SEAT: EntityId = EntityId(9);

fn flows(name: &'static str, states: &[&str], ends: &[&str], steps: &[table::Step]) -> Flows {
    let transition = |(event, source, target, roles): &table::Step| TransitionDecl {
        event: (*event).into(),
        source: (*source).into(),
        target: (*target).into(),
        roles: roles.iter().map(|r| (*r).into()).collect(),
    };
    let state = |s: &&str| StateDecl { name: (*s).into(), label: (*s).into(), terminal: ends.contains(s) };
    let flow = FlowDecl {
        name: name.into(),
        version: table::VERSION,
        initial: states[0].into(),
        states: states.iter().map(state).collect(),
        transitions: steps.iter().map(transition).collect(),
    };
    let mut flows = Flows::new();
    flows.add(flow).unwrap();
    flows
}

fn watch_flows() -> Flows {
    flows("major-watch", &table::WATCH_STATES, &table::WATCH_ENDS, &table::WATCH_STEPS)
}

fn watch() -> Engine {
    Deployed::builtin().unwrap().engine(&watch_flows(), "major-watch", 1).unwrap().expect("rules are shipped")
}

fn at(minutes: i64) -> Micros {
    Micros(BEGIN.0 + minutes * MINUTE)
}

/// Expected now: to be checked in at `due`, until `ends`, in minutes.
fn expected(engine: &Engine, due: i64, ends: i64) -> (Vec<Event>, Track) {
    let begun = Event::begun(BEGIN, "ahead", "");
    let event = Event::new(BEGIN, "expect", "ahead", "waiting")
        .with("due", Value::Time(at(due)))
        .with("until", Value::Time(at(ends)));
    let track = engine.after(None, &begun, "");
    let after = engine.after(Some(&track), &event, "");
    (vec![begun, event], after)
}

/// What the clocks do by themselves until a minute: event, minute, whether it moves.
fn steps(engine: &Engine, track: &Track, state: &'static str, until: i64) -> Vec<(String, i64, bool)> {
    let (mut all, mut track) = (Vec::new(), track.clone());
    while let Some(step) = engine.next(&track).filter(|s| s.at <= at(until)) {
        all.push((step.event.to_string(), (step.at.0 - BEGIN.0) / MINUTE, step.moves));
        if step.moves {
            break;
        }
        let mut event = Event::new(step.at, step.event.clone(), state, state);
        event.fired = Some(step.fired);
        track = engine.after(Some(&track), &event, "");
        assert!(all.len() < 20, "{all:?}");
    }
    all
}

fn named(all: &[(&str, i64, bool)]) -> Vec<(String, i64, bool)> {
    all.iter().map(|(event, at, moves)| ((*event).to_owned(), *at, *moves)).collect()
}

#[test]
fn every_state_has_an_owner_and_something_due_or_rests_and_the_rules_fit_their_flows() {
    let plan = flows("major", &table::STATES, &table::ENDS, &table::STEPS);
    let engine = Deployed::builtin().unwrap().engine(&plan, "major", 1).unwrap().expect("rules are shipped");
    for engine in [engine, watch()] {
        for state in &engine.rules().states {
            let due = engine.rules().clocks.iter().any(|c| c.runs_in(&state.name));
            assert!(state.rests != (state.owner.is_some() && due), "{}", state.name);
        }
        assert!(engine.rules().clocks.iter().all(|c| !c.owner.is_empty()));
    }
}

#[test]
fn a_post_is_missed_at_its_own_moment_and_its_watch_ends_with_the_shift() {
    let engine = watch();
    let (_, waiting) = expected(&engine, 70, 300);
    let all = steps(&engine, &waiting, "waiting", 600);
    assert_eq!(all, named(&[("missed", 70, false), ("missed-still", 80, false), ("relieve", 300, true)]));
    // Each check-in names the next; the end of the shift stays where it was.
    let event = Event::new(at(65), "check-in", "waiting", "kept").with("due", Value::Time(at(95)));
    let kept = engine.after(Some(&waiting), &event, "");
    let all = steps(&engine, &kept, "kept", 600);
    assert_eq!(all, named(&[("missed", 95, false), ("missed-still", 105, false), ("relieve", 300, true)]));
    let event = Event::new(at(90), "check-in", "kept", "kept").with("due", Value::Time(at(125)));
    let kept = engine.after(Some(&kept), &event, "");
    assert_eq!(steps(&engine, &kept, "kept", 120), []);
    // Without a moment the limit counts; a moment that is over is due at once.
    let event = Event::new(at(100), "check-in", "kept", "kept");
    assert_eq!(steps(&engine, &engine.after(Some(&kept), &event, ""), "kept", 135)[0].1, 130);
    let event = Event::new(at(100), "check-in", "kept", "kept").with("due", Value::Time(at(10)));
    assert_eq!(steps(&engine, &engine.after(Some(&kept), &event, ""), "kept", 101)[0].1, 100);
}

#[test]
fn somebody_who_has_seen_it_stops_the_ladder_and_not_the_clock() {
    let engine = watch();
    let (_, waiting) = expected(&engine, 10, 300);
    let see = |minute: i64| Event::new(at(minute), "see", "waiting", "waiting").by(SEAT);
    assert!(engine.judge(&waiting, &see(5)).is_err(), "nothing is to be seen");
    let step = engine.next(&waiting).unwrap();
    let mut missed = Event::new(step.at, step.event.clone(), "waiting", "waiting");
    missed.fired = Some(step.fired);
    let missed = engine.after(Some(&waiting), &missed, "");
    assert!(engine.judge(&missed, &see(11)).is_ok());
    let seen = engine.after(Some(&missed), &see(11), "");
    assert_eq!(steps(&engine, &seen, "waiting", 600), named(&[("relieve", 300, true)]));
}

fn faults(from: &str, to: &str) -> Vec<RuleFault> {
    assert!(WATCH.contains(from), "{from}");
    let mut deployed = Deployed::default();
    deployed.calendar(include_str!("../../../data/calendars/cn.toml")).unwrap();
    deployed.rules(&WATCH.replacen(from, to, 1)).unwrap();
    deployed.engine(&watch_flows(), "major-watch", 1).unwrap_err().faults
}

#[test]
fn a_moment_that_is_none_is_named_and_one_that_would_stand_still_is_refused() {
    let has = |faults: &[RuleFault], what: &str| faults.iter().any(|f| format!("{f:?}").starts_with(what));
    assert!(has(&faults("until = \"due\"", "until = \"code\""), "UnknownMoment"));
    assert!(has(&faults("due = \"command.major-watch.due\"\n", ""), "UnknownMoment"));
    let held = faults("runs = [\"waiting\"]\n", "runs = [\"waiting\"]\nholds = [\"kept\"]\nhold-cap = \"1h\"\n");
    assert!(has(&held, "MomentHolds"), "{held:?}");
}

proptest! {
    /// The explanation walks the story anew and comes to the same moment and the same remainder as what was carried along.
    #[test]
    fn a_clock_to_a_moment_is_explained_as_it_was_counted(due in -50_i64..500, checks in prop::collection::vec((1_i64..60, -20_i64..120), 0..8)) {
        let engine = watch();
        let (mut story, mut track) = expected(&engine, due, 2_000);
        let (mut now, mut state) = (0, "waiting");
        for (after, next) in checks {
            now += after;
            let event = Event::new(at(now), "check-in", state, "kept").with("due", Value::Time(at(now + next)));
            track = engine.after(Some(&track), &event, "");
            story.push(event);
            state = "kept";
        }
        let now = at(now + 7);
        for standing in engine.standing(&track, now) {
            let told = engine.explain(&standing.clock, &story, now).pop().unwrap();
            prop_assert_eq!((told.due, told.begun), (standing.due, standing.begun));
            let sum: i64 = told.stretches.iter().map(|s| s.to.0 - s.from.0).sum();
            prop_assert_eq!(sum, now.0 - told.begun.0);
        }
        prop_assert_eq!(engine.refold(&story).unwrap(), track);
    }
}

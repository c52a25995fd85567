//! The shipped rules of a task and of a handover against the flows the plugin declares.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{Deployed, Engine, Event, Flows, Track};
use changzhi_model::{EntityId, FlowDecl, Micros, StateDecl, TransitionDecl};

#[allow(dead_code)]
mod table {
    include!("../../../plugins/command/src/dispatch/flow_table.rs");
}

const BEGIN: Micros = Micros(1_767_225_600 * Micros::SECOND);
const MINUTE: i64 = 60 * Micros::SECOND;
const SEAT: EntityId = EntityId(9);

fn engine(name: &'static str, states: &[&str], ends: &[&str], steps: &[table::Step]) -> Engine {
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
    Deployed::builtin().unwrap().engine(&flows, name, table::VERSION).unwrap().expect("rules are shipped")
}

fn task() -> Engine {
    engine("task", &table::STATES, &table::ENDS, &table::STEPS)
}

fn at(minutes: i64) -> Micros {
    Micros(BEGIN.0 + minutes * MINUTE)
}

fn does(
    engine: &Engine,
    track: &Track,
    minutes: i64,
    event: &'static str,
    from: &'static str,
    to: &'static str,
) -> Track {
    engine.after(Some(track), &Event::new(at(minutes), event, from, to).by(SEAT), "")
}

/// What the clocks do until then: (event, minutes).
fn steps(engine: &Engine, track: &Track, state: &'static str, until: i64) -> Vec<(String, i64)> {
    let (mut all, mut track) = (Vec::new(), track.clone());
    while let Some(step) = engine.next(&track).filter(|s| s.at <= at(until)) {
        all.push((step.event.to_string(), (step.at.0 - BEGIN.0) / MINUTE));
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

fn named(all: &[(&str, i64)]) -> Vec<(String, i64)> {
    all.iter().map(|(event, at)| ((*event).to_owned(), *at)).collect()
}

#[test]
fn an_offer_ends_after_a_minute_and_an_answer_stops_its_clock() {
    let engine = task();
    let offered = engine.after(None, &Event::begun(BEGIN, "offered", "help"), "");
    assert_eq!(steps(&engine, &offered, "offered", 60), named(&[("no-answer", 1)]));
    let accepted = does(&engine, &offered, 0, "accept", "offered", "accepted");
    assert_eq!(steps(&engine, &accepted, "accepted", 60), named(&[("late", 5)]));
}

#[test]
fn every_word_sets_the_check_in_back_and_a_seat_that_looks_stops_the_ladder_of_that_one() {
    let engine = task();
    let offered = engine.after(None, &Event::begun(BEGIN, "offered", "help"), "");
    let accepted = does(&engine, &offered, 0, "accept", "offered", "accepted");
    let way = does(&engine, &accepted, 1, "set-out", "accepted", "on-the-way");
    assert_eq!(steps(&engine, &way, "on-the-way", 60), named(&[("overdue", 21), ("overdue-still", 26)]));
    let heard = does(&engine, &way, 10, "check-in", "on-the-way", "on-the-way");
    assert_eq!(steps(&engine, &heard, "on-the-way", 60), named(&[("overdue", 30), ("overdue-still", 35)]));
    let there = does(&engine, &heard, 20, "arrive", "on-the-way", "arrived");
    assert_eq!(steps(&engine, &there, "arrived", 60), named(&[("overdue", 40), ("overdue-still", 45)]));
    // Nothing is to be seen before it was missed.
    let see = |minutes: i64| Event::new(at(minutes), "see", "arrived", "arrived").by(SEAT);
    assert!(engine.judge(&there, &see(30)).is_err());
    let step = engine.next(&there).unwrap();
    let mut event = Event::new(step.at, step.event.clone(), "arrived", "arrived");
    event.fired = Some(step.fired);
    let missed = engine.after(Some(&there), &event, "");
    assert!(engine.judge(&missed, &see(41)).is_ok());
    let seen = engine.after(Some(&missed), &see(41), "");
    assert_eq!(steps(&engine, &seen, "arrived", 300), []);
    let again = does(&engine, &seen, 50, "check-in", "arrived", "arrived");
    assert_eq!(steps(&engine, &again, "arrived", 300), named(&[("overdue", 70), ("overdue-still", 75)]));
}

#[test]
fn a_handover_without_a_receipt_is_said_to_be_late_and_moves_nowhere() {
    let engine = engine("handover", &table::HANDOVER_STATES, &table::HANDOVER_ENDS, &table::HANDOVER_STEPS);
    let asked = engine.after(None, &Event::begun(BEGIN, "asked", "police-110"), "");
    assert_eq!(steps(&engine, &asked, "asked", 600), named(&[("late", 3), ("late-still", 8)]));
    let empty = Event::new(at(1), "receipt", "asked", "taken").by(SEAT);
    assert!(engine.judge(&asked, &empty).is_err(), "no receipt, not taken");
}

//! The matter's flow as the plugin declares it, with the rules of the deployment.
#![allow(dead_code)]

use changzhi_flow::{Deployed, Engine, Event, Flows};
use changzhi_model::{EntityId, FlowDecl, Micros, Name, StateDecl, TransitionDecl, Value};

mod table {
    include!("../../../../plugins/services/src/flow_table.rs");
}

pub fn flow() -> FlowDecl {
    let transition = |event: &str, source: &str, target: &str, roles: &[&str]| TransitionDecl {
        event: event.into(),
        source: source.into(),
        target: target.into(),
        roles: roles.iter().map(|r| (*r).into()).collect(),
    };
    let mut transitions: Vec<_> = table::STEPS.iter().map(|(e, s, t, r)| transition(e, s, t, r)).collect();
    for to in table::TOLD {
        for from in table::STATES.iter().filter(|s| !table::ENDS.contains(s)) {
            transitions.push(transition(&format!("told-{to}"), from, to, table::TELLERS));
        }
    }
    FlowDecl {
        name: "matter".into(),
        version: table::VERSION,
        initial: "submitted".into(),
        states: table::STATES
            .iter()
            .map(|s| StateDecl { name: (*s).into(), label: (*s).into(), terminal: table::ENDS.contains(s) })
            .collect(),
        transitions,
    }
}

pub fn flows() -> Flows {
    let mut flows = Flows::new();
    flows.add(flow()).unwrap();
    flows
}

pub fn engine() -> Engine {
    Deployed::builtin().unwrap().engine(&flows(), "matter", 2).unwrap().unwrap()
}

pub fn at(text: &str) -> Micros {
    Micros::from_rfc3339(&format!("{text}:00+08:00")).unwrap()
}

pub const UNIT: EntityId = EntityId(11);
pub const DESK: EntityId = EntityId(12);
pub const VERIFIER: EntityId = EntityId(13);

/// Somebody who may, with arguments that please every guard.
pub fn event(when: Micros, name: &str, from: &str, to: &str) -> Event {
    let actor = match name {
        "verify" | "close" | "rework" => VERIFIER,
        "answer" | "start" | "pause" | "resume" | "decline" | "contact" | "ask-extension" => UNIT,
        _ => DESK,
    };
    Event { reason: "因为".into(), category: Name::from("noise"), ..Event::new(when, name, from, to) }
        .by(actor)
        .with("unit", Value::text("城管"))
        .with("code", Value::text("weather"))
        .with("evidence", Value::text("照片 3"))
        .with("clause", Value::text("第七条"))
        .with("days", Value::Int(5))
        .with("outcome", Value::text("solved"))
        .with("reply", Value::text("已修"))
        .with("into", Value::Entity(EntityId(99)))
}

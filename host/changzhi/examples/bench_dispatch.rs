//! The proposal for an alarm in a city with 5,000 responders: the plugin's view, in the guest, over the world's columns.
//!
//! ```text
//! 5,000 accounts' standings, four in five signed on, 200 on a task ──► view `proposal` of one alarm, 200 times
//! ```
//!
//! Measured is the whole call as the portal makes it: eight columns of 5,000 rows handed to the guest, the proposal, and the page as
//! typed nodes. One JSON line a figure. Needs the plugins: `cargo xtask plugins`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code)]
mod rig;

use changzhi_gate::NewAccount;
use changzhi_model::{Actor, EntityId, Name, Named, Point, RequestId, Value, body};
use changzhi_pipeline::{Outcome, Submission, ViewCall};
use rig::{PASSWORD, Rig, at, tell};
use serde_json::{Value as Json, json};
use std::time::Instant;

// As the host has it. With the system's, each of the five thousand passwords may leave its 19 MiB in a hole that the next does not fit.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Unless another number is given as the first argument.
const RESPONDERS: usize = 5_000;
/// Of them on a task.
const BUSY: usize = 200;
const CALLS: usize = 200;
const GRIDS: usize = 100;
const SORTS: [&str; 4] = ["police", "guard", "volunteer", "medical"];

struct Scene {
    rig: Rig,
    roles: Vec<Name>,
}

impl Scene {
    /// A command of somebody, past the gate: its rate is not what is measured.
    fn gives(&self, actor: EntityId, command: &str, json: &Json, n: usize) -> Vec<Named> {
        let manifest = self.rig.city.manifest("command").unwrap();
        let decl = manifest.command(command).unwrap();
        let submission = Submission {
            plugin: "command".into(),
            command: decl.name.clone(),
            body: body::parse(&decl.fields, json).unwrap(),
            actor: Actor { id: actor, roles: self.roles.clone(), divisions: Vec::new() },
            purpose: Name::default(),
            place: None,
            request: RequestId::from_key(actor, &format!("bench:{command}:{n}")),
            locale: "zh-CN".into(),
            expected: None,
            acting_for: None,
        };
        match self.rig.city.submit(submission).wait() {
            Outcome::Done { answer, .. } => answer,
            other => panic!("{command} {json}: {other:?}"),
        }
    }
}

fn id(answer: &[Named], name: &str) -> EntityId {
    answer.iter().find(|n| n.name == name).and_then(|n| n.value.as_entity()).unwrap()
}

fn grid(rig: &Rig, n: usize) -> EntityId {
    let text = |t: &str| Value::Text(t.into());
    let (row, column) = (n / 10, n % 10);
    let at = Point { lon: 115.80 + column as f64 * 0.02, lat: 28.60 + row as f64 * 0.02 };
    let code = format!("bench-{n}");
    let body = vec![text("grid"), text("grid"), text(&code), text(&code), Value::None, Value::Point(at)];
    let made = rig.gate.as_host("create-place", body).unwrap();
    made.iter().find_map(|n| n.value.as_entity()).unwrap()
}

fn main() {
    let count = std::env::args().nth(1).map_or(RESPONDERS, |n| n.parse().expect("a number of responders"));
    let rig = Rig::with(&["command"]);
    let roles = ["operator", "duty-officer", "admin"].map(Name::new_static).to_vec();
    let scene = Scene { rig, roles };
    let grids: Vec<EntityId> = (0..GRIDS).map(|n| grid(&scene.rig, n)).collect();
    let seat = scene.rig.session.account;
    let mut people = Vec::with_capacity(count);
    // Each account's password is hashed: this takes some minutes.
    eprintln!("making {count} accounts");
    for n in 0..count {
        let login = format!("responder-{n}");
        let new = NewAccount { login: &login, name: &login, password: PASSWORD, roles: &[], purposes: &[] };
        let account = scene.rig.gate.ensure_account(&new).unwrap();
        let body =
            json!({"login": login, "sort": SORTS[n % 4], "place": grids[n * 7 % GRIDS].0, "skills": "first-aid"});
        let responder = id(&scene.gives(seat, "register-responder", &body, n), "responder");
        if n % 5 != 0 {
            scene.gives(account, "sign-on", &json!({}), n);
            people.push(responder);
        }
    }
    let card = json!({"needs": "police x4 10000m\nguard x3 5000m\nvolunteer x6 3000m +first-aid\nmedical x2 20min +first-aid"});
    scene.gives(seat, "set-dispatch-card", &card, 0);
    let alarm = |n: usize| {
        let body = json!({"place": grids[n % GRIDS].0, "category": "help"});
        let alarm = id(&scene.gives(seat, "ring", &body, n), "alarm");
        scene.gives(seat, "acknowledge", &json!({"alarm": alarm.0}), n);
        alarm
    };
    for (n, eight) in people.chunks(8).take(BUSY / 8).enumerate() {
        let mut body = json!({"alarm": alarm(n).0, "reason": "bench"});
        for (k, responder) in eight.iter().enumerate() {
            body[format!("pick_{}", k + 1)] = json!(responder.0);
        }
        scene.gives(seat, "send-responders", &body, n);
    }
    let alarm = alarm(55);
    let manifest = scene.rig.city.manifest("command").unwrap();
    let decl = manifest.view("proposal").unwrap();
    let ask = |alarm: EntityId| ViewCall {
        plugin: "command".into(),
        view: "proposal".into(),
        params: body::parse(&decl.params, &json!({"alarm": alarm.0})).unwrap(),
        actor: Actor { id: seat, roles: scene.roles.clone(), divisions: Vec::new() },
        purpose: Name::default(),
        locale: "zh-CN".into(),
    };
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let call = ask(alarm);
        let begin = Instant::now();
        let (page, _) = scene.rig.city.view(&call).unwrap();
        times.push(begin.elapsed().as_secs_f64() * 1e3);
        assert!(page.nodes.len() > 40, "{} nodes", page.nodes.len());
    }
    times.sort_by(f64::total_cmp);
    let what = format!("{count} responders, {BUSY} on a task: the proposal for an alarm");
    tell(&format!("{what}, p50"), at(&times, 50), "ms", Some("< 5"));
    tell(&format!("{what}, p99"), at(&times, 99), "ms", Some("< 20"));
    scene.rig.city.close().unwrap();
}

//! Who may start long work, and who may see and stop it; and how fast commands may come.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::*;
use changzhi_model::*;
use changzhi_pipeline::{JobInfo, JobState};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use support::*;

fn town() -> Arc<Town> {
    let town = Town::new();
    let mut manifest = Identity.manifest();
    manifest.id = "desk".into();
    manifest.jobs = vec![JobDecl {
        name: "count".into(),
        label: "count".into(),
        params: vec![FieldDecl { max_len: 7, ..FieldDecl::new("month", FieldType::Text) }],
        roles: vec!["clerk".into()],
    }];
    town.manifests.lock().unwrap().push(Arc::new(manifest));
    town
}

fn signed_in(gate: &Gate, login: &str, roles: &[(&str, Option<EntityId>)]) -> Arc<Session> {
    account(gate, login, roles, &["reporting"]);
    gate.sign_in(login, PASSWORD, "a").ok().unwrap().session
}

fn ask(key: Option<&str>) -> Ask<'_> {
    Ask { plugin: "desk", command: "count", purpose: None, place: None, key, locale: "en" }
}

fn start(gate: &Gate, s: &Session, ask: &Ask<'_>, json: Json) -> Result<Submission, GateRefusal> {
    gate.check_job(s, ask, |params| body::parse(params, &json))
}

#[test]
fn a_job_is_started_by_the_rules_of_a_command() {
    let town = town();
    let gate = town.gate();
    let north = place(&gate, "division", "1", None);
    let clerk = signed_in(&gate, "clerk", &[("clerk", Some(north))]);
    let guest = signed_in(&gate, "guest", &[("visitor", None)]);
    assert_eq!(
        start(&gate, &guest, &ask(None), json!({})).unwrap_err(),
        GateRefusal::Role { needed: vec!["clerk".into()] }
    );
    let wrong = start(&gate, &clerk, &ask(None), json!({"month": 7, "year": 1})).unwrap_err();
    assert!(matches!(&wrong, GateRefusal::Invalid(p) if p.len() == 2), "{wrong:?}");
    let none = start(&gate, &clerk, &Ask { command: "sum", ..ask(None) }, json!({})).unwrap_err();
    assert_eq!(none.status(), 404);
    let curious = start(&gate, &clerk, &Ask { purpose: Some("curiosity"), ..ask(None) }, json!({})).unwrap_err();
    assert_eq!(curious, GateRefusal::Purpose("curiosity".into()));
    let sent = start(&gate, &clerk, &Ask { purpose: Some("reporting"), ..ask(Some("k")) }, json!({"month": "2026-10"}));
    let sent = sent.unwrap();
    assert_eq!((sent.plugin.as_str(), sent.command.as_str(), sent.purpose.as_str()), ("desk", "count", "reporting"));
    assert_eq!((sent.body, sent.place), (vec![Value::text("2026-10")], Some(north)));
    assert_eq!(sent.actor, Actor { id: clerk.account, roles: vec!["clerk".into()], divisions: vec![north] });
    assert_eq!(sent.request, RequestId::from_key(clerk.account, "k"));
}

#[test]
fn a_job_is_overseen_by_who_started_it_and_by_the_role_wherever_it_works() {
    let town = town();
    let gate = town.gate();
    let (north, south) = (place(&gate, "division", "1", None), place(&gate, "division", "2", None));
    let starter = signed_in(&gate, "starter", &[("clerk", Some(north))]);
    let sent = start(&gate, &starter, &ask(None), json!({})).unwrap();
    let job = |actor: Actor| JobInfo {
        id: sent.request,
        plugin: "desk".into(),
        name: "count".into(),
        params: vec![],
        actor,
        place: None,
        begun: Micros(0),
        ended: None,
        done: 0,
        total: 0,
        state: JobState::Running,
    };
    let (of_north, of_city) = (job(sent.actor.clone()), job(Actor { divisions: vec![], ..Actor::default() }));
    let sees = |login: &str, roles: &[(&str, Option<EntityId>)]| {
        let s = signed_in(&gate, login, roles);
        [&of_north, &of_city].map(|job| gate.oversees(&s, job))
    };
    assert_eq!(sees("admin", &[("admin", None)]), [true, true]);
    assert_eq!(sees("county-admin", &[("admin", Some(north))]), [false, false]);
    assert_eq!(sees("neighbour", &[("clerk", Some(north))]), [true, false]);
    assert_eq!(sees("southern", &[("clerk", Some(south))]), [false, false]);
    assert_eq!(sees("whole", &[("clerk", None)]), [true, true]);
    assert_eq!(sees("guest", &[]), [false, false]);
    assert!(gate.oversees(&starter, &of_north));
    gate.as_host("revoke-role", vec![Value::Entity(starter.account), Value::text("clerk"), Value::Entity(north)])
        .unwrap();
    let without = gate.sign_in("starter", PASSWORD, "a").ok().unwrap().session;
    assert!(!gate.oversees(&without, &of_north), "whoever lost the role has lost the job");
    assert!(!gate.oversees(&starter, &JobInfo { plugin: "gone".into(), ..of_north }));
}

#[test]
fn commands_and_jobs_that_come_too_fast_wait_and_looking_does_not() {
    let town = town();
    let options = GateOptions { rate: Rate { token: 2, account: 100, burst: 1 }, ..GateOptions::default() };
    let gate = Gate::new(town.clone(), town.clock.clone(), options).unwrap();
    let clerk = signed_in(&gate, "clerk", &[("clerk", None), ("admin", None)]);
    let password = json!({"account": clerk.account.0, "password": "short"});
    let set = Ask { plugin: "host", command: "set-password", ..ask(None) };
    assert_eq!(gate.check(&clerk, &set, &password).unwrap_err().code(), "invalid", "a refused command counts");
    start(&gate, &clerk, &ask(None), json!({})).unwrap();
    let late = start(&gate, &clerk, &ask(None), json!({})).unwrap_err();
    assert_eq!(late, GateRefusal::Rate { per_second: 2, wait: Duration::from_millis(500) });
    assert_eq!(gate.check(&clerk, &set, &password).unwrap_err(), late);
    for _ in 0..100 {
        let ask = Ask { command: "accounts", plugin: "host", ..ask(None) };
        gate.look(&clerk, &ask, |_| Ok(vec![Value::None])).unwrap();
    }
    town.clock.set(Micros(town.clock.now().0 + Micros::SECOND / 2));
    start(&gate, &clerk, &ask(None), json!({})).unwrap();
    assert!(start(&gate, &clerk, &ask(None), json!({})).is_err());
}

//! A plugin that keeps faulting, from the outside: its inputs are kept, it rests, and the administrator's word and its next
//! version mend it. A real component in a real city behind a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

#[path = "../../plugins/tests/support/mod.rs"]
mod components;

use changzhi_gate::{CityBackend, Gate, GateOptions, Identity, NewAccount};
use changzhi_model::*;
use changzhi_pipeline::{City, CityOptions};
use changzhi_portal::{CityTown, PortalOptions, Server};
use components::{EVIL, evil, limits};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::Reply;

#[test]
fn what_a_plugin_fell_over_is_kept_and_retried_by_the_administrator_until_it_is_mended() {
    let (city, _) = City::open(CityOptions::in_memory()).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let backend = Arc::new(CityBackend(Arc::clone(&city)));
    let gate = Arc::new(Gate::new(backend, Arc::new(SystemClock), GateOptions::default()).unwrap());
    let token = |login: &str, role: &str| {
        let password = support::town::PASSWORD;
        let new = NewAccount { login, name: "李四", password, roles: &[(role, None)], purposes: &[] };
        let id = gate.ensure_account(&new).unwrap();
        gate.issue_token(id, "t", Micros(SystemClock.now().0 + Micros::DAY)).unwrap()
    };
    let (admin, clerk) = (token("admin", "admin"), token("clerk", "clerk"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let town = Arc::new(CityTown::new(Arc::clone(&city), limits()));
    let local = "127.0.0.1:0".parse().unwrap();
    let running = runtime.block_on(Server::bind(local, town, Arc::clone(&gate), PortalOptions::default())).unwrap();
    let post = |token: &str, path: &str, body: &[u8]| -> Reply {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        support::send(running.addr, "POST", path, &headers, body)
    };
    let flaky = || post(&clerk, "/api/v1/evil/flaky", b"{}");
    let retry = |token: &str| post(token, "/api/admin/plugins/evil/retry", b"");
    let kept = || city.kept(&"evil".into()).unwrap();
    let breaker = || {
        let ready = support::send(running.addr, "GET", "/readyz", &[], b"").json();
        let evil = ready["plugins"].as_array().unwrap().iter().find(|p| p["id"] == "evil").cloned().unwrap();
        evil["breaker"].as_str().unwrap().to_owned()
    };

    assert_eq!(post(&clerk, "/api/admin/plugins/evil", &EVIL).status, 403);
    let installed = post(&admin, "/api/admin/plugins/evil", &EVIL);
    assert_eq!(installed.status, 200, "{}", installed.body);
    for n in 1..=3 {
        let failed = flaky();
        assert_eq!((failed.status, failed.json()["code"].as_str()), (500, Some("plugin-failed")), "{}", failed.body);
        // The input is kept just after the caller was told.
        let end = Instant::now() + Duration::from_secs(60);
        while kept().len() < n {
            assert!(Instant::now() < end, "{} inputs kept", kept().len());
            std::thread::yield_now();
        }
    }
    assert_eq!(breaker(), "open");
    let resting = flaky();
    assert!(resting.status == 503 && resting.header("retry-after").is_some(), "{}", resting.body);

    // Retried with the version that fell: the lane opens, the inputs stay.
    assert_eq!(retry(&clerk).status, 403);
    assert_eq!(retry(&admin).json(), serde_json::json!({"tried": 3}));
    assert_eq!((breaker().as_str(), kept().len()), ("closed", 3));
    assert_eq!(post(&clerk, "/api/v1/evil/version", b"{}").json()["answer"]["answer"], "0.1.0");

    // The mended version comes over the same API, and now they go well and are forgotten.
    let swapped = post(&admin, "/api/admin/plugins/evil", &evil("next"));
    assert_eq!(swapped.json(), serde_json::json!({"plugin": "evil", "version": "0.2.0"}));
    let revision = city.health().transactions;
    assert_eq!(retry(&admin).json(), serde_json::json!({"tried": 3}));
    assert_eq!(kept().len(), 0);
    assert_eq!(city.health().transactions, revision, "a retry commits nothing");
    assert_eq!(flaky().status, 200);
    assert_eq!(retry(&admin).json(), serde_json::json!({"tried": 0}));
    assert_eq!(post(&admin, "/api/admin/plugins/none/retry", b"").status, 404);

    // The journal says who did it.
    let admin_id = city.read(|w| w.find("host.account", "login", &Value::text("admin"))).unwrap();
    let mut by = Vec::new();
    let mut note = |bytes: &[u8]| {
        let tx = Transaction::decode(bytes).unwrap();
        if tx.facts.iter().any(|f| matches!(f, Fact::PluginSwitched { .. })) {
            by.push(tx.actor);
        }
        std::ops::ControlFlow::Continue(())
    };
    city.journal().read(Seq(1), &mut |_, bytes| note(bytes)).unwrap();
    assert_eq!(by, [admin_id, admin_id]);
    runtime.block_on(running.shutdown());
    city.close().unwrap();
}

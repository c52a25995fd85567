//! From a request to the journal of a real city and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::{CityBackend, Gate, GateOptions, Identity, NewAccount};
use changzhi_model::*;
use changzhi_pipeline::{City, CityOptions};
use changzhi_plugins::Limits;
use changzhi_portal::{CityTown, PortalOptions, Server};
use serde_json::{Value as Json, json};
use std::sync::Arc;

#[test]
fn a_token_does_over_http_what_its_role_allows_once_for_each_key_and_nothing_after_it_is_revoked() {
    let clock = Arc::new(ManualClock::at(Micros(1_700_000_000 * Micros::SECOND)));
    let (city, _) = City::open(CityOptions { clock: clock.clone(), ..CityOptions::in_memory() }).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let backend = Arc::new(CityBackend(Arc::clone(&city)));
    let gate = Arc::new(Gate::new(backend, clock.clone(), GateOptions::default()).unwrap());
    let li = NewAccount {
        login: "li",
        name: "李四",
        password: support::town::PASSWORD,
        roles: &[("admin", None)],
        purposes: &[],
    };
    let li = gate.ensure_account(&li).unwrap();
    let first = gate.issue_token(li, "first", Micros(clock.now().0 + Micros::DAY)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let town = Arc::new(CityTown::new(Arc::clone(&city), Limits::production()));
    let local = "127.0.0.1:0".parse().unwrap();
    let running = runtime.block_on(Server::bind(local, town, gate, PortalOptions::default())).unwrap();
    let call = |token: &str, method: &str, name: &str, key: &str, body: Json| {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        if !key.is_empty() {
            headers.push(("Idempotency-Key", key));
        }
        let body = if method == "GET" { String::new() } else { body.to_string() };
        support::send(running.addr, method, &format!("/api/v1/host/{name}"), &headers, body.as_bytes())
    };
    let post = |token: &str, name: &str, key: &str, body: Json| call(token, "POST", name, key, body);

    let expires = Micros(clock.now().0 + Micros::DAY).to_rfc3339();
    let issued = post(&first, "issue-token", "", json!({"label": "mine", "expires": expires}));
    assert_eq!(issued.status, 200, "{}", issued.body);
    let mine = issued.json()["answer"]["token"].as_str().unwrap().to_owned();
    let id = issued.json()["answer"]["id"].as_u64().unwrap();

    let north = json!({"kind": "division", "category": "county", "code": "1404", "name": "北区"});
    let made = post(&mine, "create-place", "k", north.clone());
    assert_eq!((made.status, &made.json()["replayed"]), (200, &json!(false)), "{}", made.body);
    let again = post(&mine, "create-place", "k", north.clone());
    assert_eq!((again.status, &again.json()["replayed"]), (200, &json!(true)), "{}", again.body);
    assert_eq!((&again.json()["seq"], &again.json()["answer"]), (&made.json()["seq"], &made.json()["answer"]));
    assert_eq!(post(&mine, "create-place", "other", north).status, 409, "the code is taken");

    let division = &made.json()["answer"]["place"];
    let clerk = json!({"account": li.0, "role": "clerk", "division": division});
    assert_eq!(post(&mine, "grant-role", "", clerk).status, 200);
    let page = call(&mine, "GET", "accounts", "", Json::Null);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("clerk · 北区") && !page.body.contains("李四"), "{}", page.body);

    assert_eq!(post(&first, "revoke-token", "", json!({"token": id})).status, 200);
    assert_eq!(call(&mine, "GET", "accounts", "", Json::Null).status, 401);
    let admin = json!({"account": li.0, "role": "admin"});
    assert_eq!(post(&first, "revoke-role", "", admin).status, 200);
    assert_eq!(call(&first, "GET", "accounts", "", Json::Null).status, 403);

    runtime.block_on(running.shutdown());
    city.close().unwrap();
}

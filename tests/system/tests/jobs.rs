//! Long work on the real binary: who may start it, its progress, and `kill -9` in the middle of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, copy, run, run_with};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

const START: &str = "/api/v1/jobs/decision/monthly-report";
/// What a busy machine may take; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

fn start(client: &Client, month: &str) -> String {
    let started = client.post(START, &json!({"month": month}), &[("Idempotency-Key", month)]).unwrap();
    assert_eq!(started.status, 202, "{started:?}");
    started.json()["job"]["id"].as_str().unwrap().to_owned()
}

fn job(client: &Client, id: &str) -> Value {
    let reply = client.get(&format!("/api/v1/jobs/{id}")).unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn until_done(client: &Client, id: &str) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let now = job(client, id);
        match now["state"].as_str().unwrap() {
            "done" => return now,
            "running" if Instant::now() < end => std::thread::yield_now(),
            _ => panic!("{now}"),
        }
    }
}

fn transactions(data: &Path) -> Vec<Value> {
    let exported = run(["journal", "export", "--data", data.to_str().unwrap()]).unwrap();
    assert!(exported.success, "{}", exported.said());
    let lines = exported.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    // The last line is the head of the chain.
    lines.filter(|line| !line["record"].is_null()).collect()
}

/// The facts of one kind in an exported journal, in order.
fn facts<'a>(all: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let listed = all.iter().map(|line| line["record"]["facts"].as_array().unwrap_or_else(|| panic!("{line}")));
    listed.flatten().filter_map(move |fact| fact.get(kind))
}

/// What the report says of each district: its fields as last written, by the record's key. One record each.
fn report(all: &[Value]) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut by_entity: BTreeMap<u64, BTreeMap<String, Value>> = BTreeMap::new();
    for put in facts(all, "Put").filter(|put| put["facet"] == "decision.month") {
        let fields = by_entity.entry(put["entity"].as_u64().unwrap()).or_default();
        for field in put["fields"].as_array().unwrap() {
            fields.insert(field[0].as_str().unwrap().to_owned(), field[1].clone());
        }
    }
    let entities = by_entity.len();
    let by_key: BTreeMap<_, _> = by_entity.into_values().map(|fields| (fields["key"].to_string(), fields)).collect();
    assert_eq!(by_key.len(), entities, "one record a district and month");
    by_key
}

#[test]
fn a_job_is_refused_without_the_role_and_runs_to_its_end_with_progress() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), Start { demo: true, ..Start::default() }).unwrap();
    let official = host.client(&host.token("official").unwrap());
    let grid = host.client(&host.token("grid").unwrap());
    let refused = grid.post(START, &json!({"month": "2026-01"}), &[]).unwrap();
    assert_eq!((refused.status, refused.problem().unwrap().as_str()), (403, "role"));
    let wrong = official.post(START, &json!({"month": "January 2026"}), &[]).unwrap();
    assert_eq!((wrong.status, wrong.problem().unwrap().as_str()), (422, "invalid"));

    let id = start(&official, "2026-01");
    let done = until_done(&official, &id);
    assert_eq!(done["done"], done["total"]);
    assert!(done["total"].as_u64().unwrap() > 1 && done["params"] == json!({"month": "2026-01"}), "{done}");
    assert_eq!(start(&official, "2026-01"), id, "the same key starts nothing");
    assert_eq!(official.get("/api/v1/jobs").unwrap().json()["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(grid.get(&format!("/api/v1/jobs/{id}")).unwrap().status, 404);
    assert_eq!(grid.delete(&format!("/api/v1/jobs/{id}")).unwrap().status, 404);
    assert_eq!(official.delete(&format!("/api/v1/jobs/{id}")).unwrap().json(), done, "it ended before");

    // The same from the command line.
    let (url, token) = (format!("http://{}", host.addr), host.token("official").unwrap());
    let env = [("CHANGZHI_TOKEN", token.as_str())];
    let params = r#"{"month":"2026-02"}"#;
    let ran = run_with(["job", "start", "decision/monthly-report", "--params", params, "--url", &url], &env).unwrap();
    assert!(
        ran.success && ran.out.contains("decision/monthly-report") && ran.out.trim().ends_with("done"),
        "{}",
        ran.said()
    );
    let listed = run_with(["job", "list", "--url", &url], &env).unwrap();
    assert_eq!(listed.out.lines().count(), 2, "{}", listed.said());
    let cancelled = run_with(["job", "cancel", &id, "--url", &url], &env).unwrap();
    assert!(cancelled.success && cancelled.out.trim().ends_with("done"), "{}", cancelled.said());
    let nothing = run_with(["job", "start", "decision/none", "--url", &url], &env).unwrap();
    assert!(!nothing.success && nothing.err.contains("404"), "{}", nothing.said());
    host.close().unwrap();
}

#[test]
fn a_job_killed_in_the_middle_goes_on_from_its_last_whole_step_and_ends_as_if_nothing_had_happened() {
    let dir = tempfile::tempdir().unwrap();
    let (data, spare) = (dir.path().join("city"), dir.path().join("spare"));
    let host = Host::start(&data, Start { demo: true, ..Start::default() }).unwrap();
    let token = host.token("official").unwrap();
    host.close().unwrap();
    copy(&data, &spare).unwrap();

    // A kill may come after the last step: then the next month is tried.
    let mut months = Vec::new();
    let (killed, at) = loop {
        let month = format!("2025-{:02}", months.len() + 1);
        assert!(months.len() < 12, "no kill fell into a job");
        let host = Host::start(&data, Start::default()).unwrap();
        let official = host.client(&token);
        let id = start(&official, &month);
        months.push(month);
        let seen = loop {
            let now = job(&official, &id);
            if now["done"].as_u64().unwrap() >= 2 {
                break now;
            }
            assert_eq!(now["state"], "running", "{now}");
        };
        host.kill().unwrap();
        let all = transactions(&data);
        let ended = facts(&all, "Stepped").any(|s| s["job"] == job_id(&id) && !s["ended"].is_null());
        if !ended {
            break (id, seen);
        }
    };
    let before = transactions(&data);
    let whole = facts(&before, "Stepped").filter(|s| s["job"] == job_id(&killed)).count() as u64;
    assert!(whole >= at["done"].as_u64().unwrap(), "what was shown was durable");

    let host = Host::start(&data, Start::default()).unwrap();
    let done = until_done(&host.client(&token), &killed);
    assert_eq!((&done["done"], &done["by"]), (&done["total"], &at["by"]));
    host.close().unwrap();
    let resumed = transactions(&data);
    let steps: Vec<u64> = facts(&resumed, "Stepped")
        .filter(|s| s["job"] == job_id(&killed))
        .map(|s| s["done"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, (1..=done["total"].as_u64().unwrap()).collect::<Vec<_>>(), "each step once, in order");

    let host = Host::start(&spare, Start::default()).unwrap();
    for month in &months {
        let official = host.client(&token);
        until_done(&official, &start(&official, month));
    }
    host.close().unwrap();
    let uninterrupted = report(&transactions(&spare));
    assert_eq!(uninterrupted.len() as u64, done["total"].as_u64().unwrap() * months.len() as u64);
    assert_eq!(report(&resumed), uninterrupted);
}

/// An id as an exported journal has it: its bytes.
fn job_id(hex: &str) -> Value {
    let byte = |n: usize| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap();
    json!((0..16).map(byte).collect::<Vec<_>>())
}

//! The JSON API on a real server, with decent and broken input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_portal::{PortalOptions, openapi_document};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use support::*;

fn host() -> Host {
    Host::start(PortalOptions::default())
}

#[test]
fn a_command_is_answered_with_its_place_in_the_journal_and_a_view_with_its_revision() {
    let h = host();
    let r = h.api("POST", "/api/v1/desk/file", &[("Idempotency-Key", "k")], br#"{"title":"x"}"#);
    assert_eq!((r.status, r.json()), (200, json!({"seq": 42, "answer": {"matter": 5}, "replayed": false})));
    let v = h.api("GET", "/api/v1/desk/list", &[], b"");
    assert_eq!((v.status, v.json()["revision"].clone()), (200, json!(7)));
    let tag = v.header("etag").unwrap();
    let again = h.api("GET", "/api/v1/desk/list", &[("If-None-Match", &tag)], b"");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    h.city.page.lock().unwrap().title = changzhi_portal::shape::Text::Plain("other".into());
    assert_eq!(h.api("GET", "/api/v1/desk/list", &[("If-None-Match", &tag)], b"").status, 200);
    h.stop();
}

#[test]
fn every_error_says_what_where_and_how_to_mend_it_in_both_languages() {
    let h = host();
    let post = |path: &str, more: &[(&str, &str)], body: &[u8]| h.api("POST", path, more, body);
    let big = format!("{{\"title\":\"{}\"}}", "x".repeat(2 << 20));
    let file = "/api/v1/desk/file";
    let cases: Vec<(Reply, u16, &str)> = vec![
        (h.send("POST", file, &[], b"{}"), 401, "not-signed-in"),
        (h.send("GET", "/api/v1/desk/list", &[("Authorization", "Bearer cz_nope")], b""), 401, "not-signed-in"),
        (post("/api/v1/desk/none", &[], b"{}"), 404, "not-found"),
        (post("/api/v1/none/none", &[], b"{}"), 404, "not-found"),
        (post("/api/nowhere", &[], b"{}"), 404, "not-found"),
        (h.api("DELETE", file, &[], b""), 405, "method"),
        (post(file, &[("Content-Type", "text/plain")], b"{}"), 415, "content-type"),
        (post(file, &[("Content-Type", "application/json; charset=gbk")], b"{}"), 415, "content-type"),
        (post(file, &[], b"{\n  \"title\": }"), 400, "json"),
        (post(file, &[], b"{\"title\":\"\xff\xfe\"}"), 400, "encoding"),
        (post(file, &[], big.as_bytes()), 413, "too-large"),
        (post(file, &[], b"[]"), 422, "invalid"),
        (post(file, &[], br#"{"n":"x","u":1}"#), 422, "invalid"),
        (post(file, &[("Idempotency-Key", "a b")], br#"{"title":"x"}"#), 400, "key"),
        (post(file, &[("X-Place", "north")], br#"{"title":"x"}"#), 400, "header"),
        (post(file, &[("X-Purpose", "curiosity")], br#"{"title":"x"}"#), 403, "purpose"),
        (post("/api/v1/desk/secret", &[], b"{}"), 422, "purpose-needed"),
        (post(file, &[], br#"{"title":"conflict"}"#), 409, "conflict"),
        (post(file, &[], br#"{"title":"busy"}"#), 503, "unavailable"),
        (post(file, &[], br#"{"title":"trap"}"#), 500, "plugin-failed"),
        (h.api("GET", "/api/v1/desk/all?n=%zz", &[], b""), 400, "form"),
        (h.api("GET", "/api/v1/desk/all?n=x", &[], b""), 422, "invalid"),
        (h.api("GET", "/api/v1/desk/panic", &[], b""), 500, "bug"),
    ];
    for (r, status, code) in &cases {
        let p = r.json();
        assert_eq!((r.status, p["code"].as_str().unwrap()), (*status, *code), "{}", r.body);
        assert_eq!(p["status"], json!(status));
        assert_eq!(r.header("content-type").unwrap(), "application/problem+json");
        assert_eq!(p["request_id"].as_str(), r.header("x-request-id").as_deref());
        for words in ["titles", "mends"] {
            for language in ["zh-CN", "en"] {
                let said = p[words][language].as_str().unwrap();
                assert!(!said.is_empty() && !said.contains('⟦'), "{code} {words} {language}: {said}");
            }
        }
        assert_ne!(p["titles"]["zh-CN"], p["titles"]["en"]);
        assert!(!p["detail"].as_str().unwrap().contains('⟦'), "{p}");
    }
    let by = |code: &str| cases.iter().find(|(_, _, c)| *c == code).unwrap().0.json();
    assert!(by("json")["detail"].as_str().unwrap().starts_with("line 2, column "), "{}", by("json"));
    assert_eq!(by("conflict")["detail"], json!("不行"));
    assert_eq!(by("encoding")["detail"], json!("byte 10 is not UTF-8"));
    let fields: Vec<_> = cases[12].0.json()["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
    assert_eq!(fields, [json!("title"), json!("n"), json!("u")]);
    let busy = cases.iter().find(|c| c.2 == "unavailable").unwrap();
    assert_eq!(busy.0.header("retry-after").as_deref(), Some("2"));
    h.stop();
}

#[test]
fn nonsense_on_the_wire_is_refused_and_the_next_client_is_served() {
    let h = host();
    let long = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(1000));
    for bad in [
        &b"\x16\x03\x01 not http\r\n\r\n"[..],
        b"GET\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
        b"POST /api/v1/desk/file HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ] {
        let status = h.raw(bad).status;
        assert!(status == 0 || (400..500).contains(&status), "{status}");
    }
    assert_eq!(h.send("GET", "/healthz", &[], b"").status, 200);
    h.stop();
}

#[test]
fn a_request_id_is_kept_when_decent_and_replaced_when_not() {
    let h = host();
    let id = |sent: &str| h.send("GET", "/healthz", &[("X-Request-Id", sent)], b"").header("x-request-id").unwrap();
    assert_eq!(id("abc-1.2_3"), "abc-1.2_3");
    for bad in ["a b", "<script>", &"x".repeat(65)] {
        assert_ne!(id(bad), bad);
        assert_eq!(id(bad).len(), 16);
    }
    h.stop();
}

#[test]
fn health_tells_the_truth_and_metrics_count() {
    let h = host();
    assert_eq!(h.send("GET", "/readyz", &[], b"").status, 200);
    h.api("POST", "/api/v1/desk/file", &[], br#"{"title":"x"}"#);
    h.api("POST", "/api/v1/desk/file", &[], br#"{"title":"conflict"}"#);
    let m = h.send("GET", "/metrics", &[], b"").body;
    for line in [
        r#"changzhi_commands_total{plugin="desk",outcome="done"} 1"#,
        r#"changzhi_commands_total{plugin="desk",outcome="refused"} 1"#,
        "changzhi_journal_head 8",
        "changzhi_durable_lag 1",
        r#"changzhi_plugin_breaker{plugin="desk"} 2"#,
        r#"changzhi_plugin_traps{plugin="desk"} 3"#,
        "changzhi_command_seconds_count 2",
        "changzhi_sessions 0",
    ] {
        assert!(m.lines().any(|l| l == line), "{line} not in\n{m}");
    }
    *h.city.failed.lock().unwrap() = Some("fsync".into());
    let r = h.send("GET", "/readyz", &[], b"");
    assert_eq!((r.status, r.json()["journal"]["failed"].clone()), (503, json!("fsync")));
    assert_eq!(h.send("GET", "/healthz", &[], b"").status, 200);
    h.stop();
}

#[test]
fn a_component_is_installed_by_the_administrator_only_and_within_its_limit() {
    let h = Host::start(PortalOptions { component: 3 << 20, ..PortalOptions::default() });
    let id = support::town::account(&h.gate, "clerk", &[("clerk", None)], &[]);
    let clerk = h
        .gate
        .issue_token(id, "c", changzhi_model::Micros(changzhi_model::Clock::now(&*h.city.inner.clock).0 + 1_000_000))
        .unwrap();
    let path = "/api/admin/plugins/desk";
    let bearer = format!("Bearer {clerk}");
    assert_eq!(h.send("POST", path, &[("Authorization", &bearer)], b"\0asm").status, 403);
    assert_eq!(h.send("POST", path, &[], b"\0asm").status, 401);
    assert!(h.city.installed.lock().unwrap().is_empty());
    let component = [b"\0asm".to_vec(), vec![0; 2 << 20]].concat();
    assert_eq!(h.api("POST", path, &[], &component).json(), json!({"plugin": "desk", "version": "2.0.0"}));
    let bad = h.api("POST", path, &[], b"nonsense");
    assert_eq!((bad.status, bad.json()["detail"].clone()), (422, json!("byte 0: not a component")));
    assert_eq!(h.api("POST", path, &[], &vec![0; 4 << 20]).status, 413);
    assert_eq!(h.api("POST", "/api/admin/plugins/desk/retry", &[], b"").json(), json!({"tried": 1}));
    assert_eq!(h.api("POST", "/api/admin/plugins/none/retry", &[], b"").status, 404);
    h.stop();
}

#[test]
fn a_token_made_over_the_api_works_and_its_secret_is_given_once() {
    let h = host();
    let expires = changzhi_model::Micros(changzhi_model::Clock::now(&*h.city.inner.clock).0 + 60_000_000).to_rfc3339();
    let body = json!({"label": "t", "roles": "clerk", "expires": expires}).to_string();
    let r = h.api("POST", "/api/v1/host/issue-token", &[], body.as_bytes());
    let secret = r.json()["answer"]["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {secret}");
    assert_eq!(h.send("GET", "/api/v1/desk/list", &[("Authorization", &bearer)], b"").status, 200);
    assert_eq!(h.send("GET", "/api/v1/host/accounts", &[("Authorization", &bearer)], b"").status, 403);
    h.stop();
}

#[test]
fn a_cookie_of_another_site_writes_nothing() {
    let h = host();
    let cookie = h.browser("li");
    let send = |site: &str| {
        h.send(
            "POST",
            "/api/v1/desk/file",
            &[("Cookie", &cookie), ("Sec-Fetch-Site", site), ("Content-Type", "application/json")],
            br#"{"title":"x"}"#,
        )
    };
    assert_eq!(send("cross-site").status, 403);
    assert_eq!(send("same-origin").status, 200);
    h.stop();
}

/// Every `$ref` leads somewhere, and every command and view has its place.
#[test]
fn the_openapi_document_holds_together() {
    let h = host();
    let served = h.send("GET", "/api/openapi.json", &[], b"").json();
    h.stop();
    let manifests = vec![Arc::new(changzhi_gate::Identity.manifest()), Arc::new(desk())];
    let doc = openapi_document(&manifests);
    assert_eq!(served, doc);
    assert_eq!(doc["openapi"], json!("3.1.0"));
    for m in &manifests {
        for c in &m.commands {
            let op = &doc["paths"][format!("/api/v1/{}/{}", m.id, c.name)]["post"];
            let schema = &op["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(*schema, changzhi_model::body::schema(&c.fields));
            assert!(op["responses"]["default"].is_object());
        }
        for j in &m.jobs {
            let op = &doc["paths"][format!("/api/v1/jobs/{}/{}", m.id, j.name)]["post"];
            let schema = &op["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(*schema, changzhi_model::body::schema(&j.params));
            assert!(op["responses"]["202"].is_object());
        }
        for v in &m.views {
            assert!(doc["paths"][format!("/api/v1/{}/{}", m.id, v.name)]["get"].is_object(), "{}", v.name);
        }
    }
    for (path, method) in [("/api/v1/jobs", "get"), ("/api/v1/jobs/{id}", "get"), ("/api/v1/jobs/{id}", "delete")] {
        assert!(doc["paths"][path][method].is_object(), "{method} {path}");
    }
    let mut refs = Vec::new();
    collect(&doc, &mut refs);
    assert!(!refs.is_empty());
    for r in refs {
        assert!(doc.pointer(r.trim_start_matches('#')).is_some(), "{r} leads nowhere");
    }
    let mut ids: Vec<_> = doc["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|p| p.as_object().unwrap().values())
        .filter(|o| o.is_object())
        .map(|o| o["operationId"].to_string())
        .collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "operation ids are unique");
}

fn collect(v: &Json, refs: &mut Vec<String>) {
    match v {
        Json::Object(o) => {
            refs.extend(o.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
            o.values().for_each(|v| collect(v, refs));
        }
        Json::Array(a) => a.iter().for_each(|v| collect(v, refs)),
        _ => {}
    }
}

/// With the validator of the Python community where it is there (`pip install openapi-spec-validator`).
#[test]
fn a_strangers_validator_accepts_the_openapi_document() {
    let python = std::env::var("CHANGZHI_PYTHON").unwrap_or_else(|_| "python3".into());
    let there = Command::new(&python).args(["-c", "import openapi_spec_validator"]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|s| s.success()) {
        eprintln!(
            "skipped: openapi-spec-validator is not installed for {python} (set CHANGZHI_PYTHON to a venv that has it)"
        );
        return;
    }
    let doc = openapi_document(&[Arc::new(changzhi_gate::Identity.manifest()), Arc::new(desk())]);
    let check = "import json,sys;from openapi_spec_validator import validate;validate(json.load(sys.stdin))";
    let mut child =
        Command::new(&python).args(["-c", check]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(doc.to_string().as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

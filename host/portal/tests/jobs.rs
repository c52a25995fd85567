//! Long work over the API and on the page: who may, what is shown, and a button to stop it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_pipeline::JobState;
use changzhi_portal::PortalOptions;
use serde_json::json;
use support::*;

const START: &str = "/api/v1/jobs/desk/count";

fn host() -> Host {
    Host::start(PortalOptions::default())
}

fn page(h: &Host, cookie: &str, path: &str) -> Reply {
    h.send("GET", path, &[("Cookie", cookie), ("Accept", "text/html")], b"")
}

fn post(h: &Host, cookie: &str, path: &str, body: &str) -> Reply {
    let headers = [
        ("Cookie", cookie),
        ("Accept", "text/html"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    h.send("POST", path, &headers, body.as_bytes())
}

#[test]
fn a_job_is_started_watched_and_cancelled_over_the_api() {
    let h = host();
    let started = h.api("POST", START, &[("Idempotency-Key", "k")], br#"{"month":"2026-10"}"#);
    assert_eq!(started.status, 202, "{}", started.body);
    let job = started.json()["job"].clone();
    let id = job["id"].as_str().unwrap();
    let address = format!("/api/v1/jobs/{id}");
    assert_eq!(started.header("location").as_deref(), Some(address.as_str()));
    assert_eq!((&started.json()["seq"], &started.json()["replayed"]), (&json!(42), &json!(false)));
    let shown = ["plugin", "job", "params", "done", "total", "state"].map(|k| job[k].clone());
    assert_eq!(json!(shown), json!(["desk", "count", {"month": "2026-10"}, 1, 4, "running"]));

    assert_eq!(h.api("GET", &address, &[], b"").json(), job);
    assert_eq!(h.api("GET", "/api/v1/jobs", &[], b"").json(), json!({"jobs": [job]}));
    let cancelled = h.api("DELETE", &address, &[], b"");
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &json!("cancelled")));
    h.city.jobs.lock().unwrap()[0].state = JobState::Failed("refused: no".into());
    let failed = h.api("GET", &address, &[], b"").json();
    assert_eq!((&failed["state"], &failed["reason"]), (&json!("failed"), &json!("refused: no")));
    h.stop();
}

#[test]
fn what_is_wrong_with_a_start_is_told_and_nothing_is_started() {
    let h = host();
    let guest = h.browser("guest");
    let by_guest =
        [("Cookie", guest.as_str()), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/json")];
    let code = |r: &Reply| (r.status, r.json()["code"].as_str().unwrap().to_owned());
    let told = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(
        code(&h.send("POST", START, &[("Content-Type", "application/json")], b"{}")),
        told(401, "not-signed-in")
    );
    assert_eq!(code(&h.send("POST", START, &by_guest, b"{}")), told(403, "role"));
    assert_eq!(code(&h.api("POST", "/api/v1/jobs/desk/none", &[], b"{}")), told(404, "not-found"));
    assert_eq!(code(&h.api("POST", START, &[], br#"{"month":"much too long"}"#)), told(422, "invalid"));
    assert_eq!(code(&h.api("POST", START, &[], b"{")), told(400, "json"));
    assert_eq!(code(&h.api("POST", START, &[("Content-Type", "text/plain")], b"{}")), told(415, "content-type"));
    assert_eq!(code(&h.api("POST", START, &[("Idempotency-Key", "a b")], b"{}")), told(400, "key"));
    assert!(h.city.jobs.lock().unwrap().is_empty());
    for bad in ["/api/v1/jobs/zz", "/api/v1/jobs/00000000000000000000000000000000"] {
        assert_eq!(code(&h.api("GET", bad, &[], b"")), told(404, "not-found"));
        assert_eq!(code(&h.api("DELETE", bad, &[], b"")), told(404, "not-found"));
    }
    // Whoever may not oversee a job does not learn that it is there.
    let id = h.api("POST", START, &[], b"{}").json()["job"]["id"].as_str().unwrap().to_owned();
    let address = format!("/api/v1/jobs/{id}");
    assert_eq!(h.send("GET", &address, &by_guest, b"").status, 404);
    assert_eq!(h.send("DELETE", &address, &by_guest, b"").status, 404);
    assert_eq!(h.send("GET", "/api/v1/jobs", &by_guest, b"").json(), json!({"jobs": []}));
    assert_eq!(h.city.jobs.lock().unwrap()[0].state, JobState::Running);
    h.stop();
}

#[test]
fn the_page_starts_shows_and_cancels_without_a_script() {
    let h = host();
    let li = h.browser("li");
    let empty = page(&h, &li, "/jobs");
    assert_eq!(empty.status, 200);
    assert!(empty.body.contains("href=\"/start/desk/count\"") && empty.body.contains("清点"), "{}", empty.body);
    let form = page(&h, &li, "/start/desk/count");
    assert!(form.body.contains("action=\"/start/desk/count\"") && form.body.contains("name=\"month\""));
    let csrf = form.csrf();
    assert_eq!(post(&h, &li, "/start/desk/count", "month=2026-10").status, 403, "not from our own form");
    let wrong = post(&h, &li, "/start/desk/count", &format!("_csrf={csrf}&_key=k&month=much+too+long"));
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#f-month\"") && wrong.body.contains("value=\"k\""));
    let done = post(&h, &li, "/start/desk/count", &format!("_csrf={csrf}&_key=k&month=2026-10"));
    assert_eq!((done.status, done.header("location").as_deref()), (303, Some("/jobs?_done=42")));

    let shown = page(&h, &li, "/jobs?_done=42").body;
    assert!(
        shown.contains("role=\"status\"") && shown.matches("<script").count() == 1,
        "the portal's own only: {shown}"
    );
    assert!(shown.contains("max=\"4\"") && shown.contains("value=\"1\"") && shown.contains("1 / 4"), "{shown}");
    assert!(shown.contains("运行中") && shown.contains("data-label=\"进度\""), "a card on a phone: {shown}");
    let english = page(&h, &li, "/jobs?lang=en").body;
    assert!(
        english.contains("under way") && english.contains(">Cancel<") && english.contains("Started by"),
        "{english}"
    );
    let id = h.city.jobs.lock().unwrap()[0].id;
    assert_eq!(post(&h, &li, "/jobs/cancel", &format!("id={id}")).status, 403);
    let cancel = post(&h, &li, "/jobs/cancel", &format!("_csrf={csrf}&id={id}"));
    assert_eq!((cancel.status, cancel.header("location").as_deref()), (303, Some("/jobs")));
    let after = page(&h, &li, "/jobs").body;
    assert!(after.contains("已取消") && !after.contains("/jobs/cancel"), "{after}");
    assert!(page(&h, &li, "/").body.contains("href=\"/jobs\""));
    h.stop();
}

#[test]
fn a_visitor_without_the_role_is_offered_no_job_and_shown_none() {
    let h = host();
    h.api("POST", START, &[], b"{}");
    let guest = h.browser("guest");
    let jobs = page(&h, &guest, "/jobs");
    assert!(jobs.status == 200 && !jobs.body.contains("/start/") && !jobs.body.contains("/jobs/cancel"));
    assert!(!page(&h, &guest, "/").body.contains("href=\"/jobs\""));
    let sent = post(&h, &guest, "/start/desk/count", &format!("_csrf={}", jobs.csrf()));
    assert_eq!(sent.status, 403);
    assert_eq!(h.city.jobs.lock().unwrap().len(), 1);
    h.stop();
}

#[test]
fn the_state_hash_is_for_the_administrator() {
    let h = host();
    let state = h.api("GET", "/api/admin/state", &[], b"");
    assert_eq!(state.json(), json!({"revision": 9, "state_hash": "ab".repeat(32)}));
    let guest = h.browser("guest");
    assert_eq!(h.send("GET", "/api/admin/state", &[("Cookie", &guest)], b"").status, 403);
    assert_eq!(h.send("GET", "/api/admin/state", &[], b"").status, 401);
    h.stop();
}

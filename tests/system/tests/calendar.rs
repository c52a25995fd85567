//! A session in everybody's own calendar: what the host gives out, read by a published library.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, python};
use serde_json::{Value, json};
use std::process::Command;

/// A dispute with a mediator who prepares it.
fn prepared(host: &Host) -> u64 {
    let gives = |login: &str, command: &str, body: &Value| {
        let client = host.client(&host.token(login).unwrap());
        let reply = client.command(&format!("services/{command}"), body, command).unwrap();
        assert_eq!(reply.status, 200, "{command}: {reply:?}");
        reply.json()["answer"].clone()
    };
    let body = json!({"title": "围墙积水", "dispute-category": "neighbours", "other-name": "某学校"});
    let made = gives("resident", "register-dispute", &body)["dispute"].as_u64().unwrap();
    let of = json!({"dispute": made});
    gives("operator", "screen", &of);
    gives("operator", "invite", &of);
    let desk = host.client(&host.token("operator").unwrap());
    let page = desk.get(&format!("/api/v1/services/dispute?dispute={made}")).unwrap();
    let nodes = page.json()["page"]["nodes"].as_array().unwrap().clone();
    let asked = nodes.iter().filter(|n| n.to_string().contains("consent-asked"));
    let other: u64 = asked.filter_map(|n| n["key"].as_str()?.parse().ok()).next_back().unwrap();
    let yes = json!({"dispute": made, "party": other, "consents": "agreed", "reason": "电话"});
    gives("operator", "answer-for-party", &yes);
    let seat = gives("mediator", "set-seat", &json!({"shown": "陈", "organisation": "街道"}))["seat"].as_u64().unwrap();
    gives("operator", "appoint-mediator", &json!({"dispute": made, "seat": seat}));
    gives("mediator", "prepare", &of);
    made
}

#[test]
fn a_session_is_a_calendar_file_for_each_who_takes_part_and_a_new_time_moves_it() {
    let Some(python) = python("calendar", "import icalendar", &[&["icalendar==7.3.2"]]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(&folder.path().join("data"), Start { demo: true, ..Start::default() }).unwrap();
    let dispute = prepared(&host);
    let mediator = host.client(&host.token("mediator").unwrap());
    let path = format!("/p/services/dispute?dispute={dispute}&_export=ics&lang=en");
    let read = |login: &str| -> Value {
        let person = Client::sign_in(host.addr, login, &host.password(login).unwrap()).unwrap();
        let (status, kind, bytes) = person.file(&path).unwrap();
        assert_eq!((status, kind.as_str()), (200, "text/calendar; charset=utf-8"), "{login}");
        let file = folder.path().join(format!("{login}.ics"));
        std::fs::write(&file, &bytes).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ical/read.py");
        let done = Command::new(&python).arg(script).arg(&file).output().unwrap();
        assert!(
            done.status.success(),
            "{login}: {}\n{}",
            String::from_utf8_lossy(&done.stderr),
            String::from_utf8_lossy(&bytes)
        );
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let schedule = |at: &str, place: &str, key: &str| {
        let body = json!({"dispute": dispute, "session-at": at, "session-mode": "in-person", "session-place": place});
        let done = mediator.command("services/schedule", &body, key).unwrap();
        assert_eq!(done.status, 200, "{done:?}");
    };
    // What could end a line or begin a property stands in the file as text.
    let place = "街道办事处三楼; 东侧, 305\\会议室与一条很长很长很长很长很长的路线说明";
    schedule("2099-03-02T01:00:00Z", place, "first");
    let first = read("resident");
    assert_eq!(first.as_array().unwrap().len(), 1);
    let one = &first[0];
    assert_eq!(one["begin"], "2099-03-02T01:00:00+00:00");
    assert_eq!(one["end"], "2099-03-02T03:00:00+00:00");
    assert_eq!((one["place"].as_str(), one["stamp"].as_bool()), (Some(place), Some(true)));
    assert!(one["summary"].as_str().unwrap().starts_with("Mediation session "), "{one}");
    assert!(one["url"].as_str().unwrap().contains(&format!("dispute={dispute}")), "{one}");
    assert_eq!(read("mediator")[0]["uid"], one["uid"], "one appointment for all");
    // Moved: the same appointment, with a higher number.
    schedule("2099-03-03T01:00:00Z", "街道", "second");
    let moved = read("resident");
    assert_eq!(moved[0]["uid"], one["uid"]);
    assert!(moved[0]["sequence"].as_u64() > one["sequence"].as_u64());
    assert_eq!(moved[0]["begin"], "2099-03-03T01:00:00+00:00");
    // Whoever takes no part has none.
    let desk = Client::sign_in(host.addr, "operator", &host.password("operator").unwrap()).unwrap();
    assert_eq!(desk.file(&path).unwrap().0, 404);
    host.close().unwrap();
}

//! The matter's flow as people meet it: where it stands, what its clocks say, what they may do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity};
use serde_json::json;

/// 2026-03-02, nine in the morning in China, a Monday.
fn monday(city: &TestCity) {
    city.pass((31 + 28 + 1) * Micros::DAY + Micros::HOUR);
}

fn handling(desk: &Person, unit: &Person) -> EntityId {
    let body = json!({"title": "路灯不亮", "category": "noise"});
    let matter = desk.does("services/file-report", &body).unwrap().id("matter").unwrap();
    desk.does("services/accept", &json!({"matter": matter.0})).unwrap();
    desk.does("services/assign", &json!({"matter": matter.0, "agency": "lamps"})).unwrap();
    unit.does("services/start", &json!({"matter": matter.0})).unwrap();
    matter
}

#[test]
fn the_page_says_who_has_it_which_day_it_is_and_explains_the_clock_to_the_second() {
    let city = TestCity::with(&["services"]).unwrap();
    monday(&city);
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let matter = handling(&desk, &unit);
    city.pass(2 * Micros::DAY);
    let about = json!({"matter": matter.0});
    let page = desk.sees("services/report", &about).unwrap();
    assert_eq!(page.value("who-has-it").as_deref(), Some("lamps"));
    assert_eq!(page.value("handoffs").as_deref(), Some("0"));
    let clocks = page.rows("clocks");
    assert_eq!(
        clocks.iter().map(|r| r[0].as_str()).collect::<Vec<_>>(),
        ["clock-contact", "clock-silence", "clock-handle"]
    );
    assert_eq!(
        clocks.iter().map(|r| r[1].as_str()).collect::<Vec<_>>(),
        ["light-overdue", "light-green", "light-green"]
    );
    let clock = desk.sees("services/clock", &json!({"matter": matter.0, "clock": "handle"})).unwrap();
    let rows = clock.rows("stretches");
    assert!(
        rows.iter().any(|r| r[4] == "why-first-day") && rows.iter().any(|r| r[4] == "why-out-of-hours"),
        "{rows:?}"
    );
    // Tuesday, and half an hour of Wednesday.
    assert_eq!(clock.value("time-counted").as_deref(), Some((7 * 3600 + 1800).to_string().as_str()));
    assert_eq!(clock.value("time-all").as_deref(), Some((2 * 86_400).to_string().as_str()));
    let none = desk.sees("services/clock", &json!({"matter": matter.0, "clock": "lunch"})).unwrap_err().to_string();
    assert!(none.contains("no-such-clock"), "{none}");
}

#[test]
fn a_unit_pauses_asks_for_time_and_declines_only_as_the_rules_let_it() {
    let city = TestCity::with(&["services"]).unwrap();
    monday(&city);
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let matter = handling(&desk, &unit);
    let with = |more: serde_json::Value| {
        let mut body = json!({"matter": matter.0, "reason": "因为"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    unit.does("services/ask-extension", &with(json!({"days": 5}))).unwrap();
    let twice = unit.refused("services/ask-extension", &with(json!({"days": 5}))).unwrap();
    assert!(twice.as_str().contains("core-flow-too-often"), "{twice:?}");
    desk.does("services/grant-extension", &with(json!({}))).unwrap();
    unit.does("services/pause", &with(json!({"pause-reason": "weather", "evidence": "照片"}))).unwrap();
    let page = unit.sees("services/report", &json!({"matter": matter.0})).unwrap();
    assert!(page.rows("clocks").iter().any(|r| r[1] == "light-paused"));
    unit.does("services/resume", &with(json!({}))).unwrap();

    let boss = city.person("boss", &["official"]).unwrap();
    desk.does("services/assign", &json!({"matter": matter.0, "agency": "roads"})).unwrap();
    unit.does("services/decline", &with(json!({"clause": "第七条"}))).unwrap();
    assert_eq!(boss.sees("services/tasks", &json!({})).unwrap().rows("tasks").len(), 1);
    boss.does("services/arbitrate", &with(json!({"agency": "roads"}))).unwrap();
    let again = unit.refused("services/decline", &with(json!({"clause": "第七条"}))).unwrap();
    assert!(again.as_str().contains("core-flow-bound"), "{again:?}");
    assert!(!unit.sees("services/report", &json!({"matter": matter.0})).unwrap().commands().contains(&"decline"));
}

#[test]
fn merged_reports_stay_voices_with_their_own_pages_and_can_leave_again() {
    let city = TestCity::with(&["services"]).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let file = |title: &str| {
        let body = json!({"title": title, "category": "noise"});
        desk.does("services/file-report", &body).unwrap().id("matter").unwrap()
    };
    let (main, voice) = (file("路灯不亮"), file("路灯又不亮"));
    desk.does("services/merge", &json!({"matter": voice.0, "into": main.0})).unwrap();
    let page = desk.sees("services/report", &json!({"matter": main.0})).unwrap();
    assert_eq!(page.rows("voices").iter().map(|r| r[1].as_str()).collect::<Vec<_>>(), ["路灯又不亮"]);
    assert!(desk.sees("services/report", &json!({"matter": voice.0})).unwrap().says("is-voice-of"));
    desk.does("services/unmerge", &json!({"matter": voice.0})).unwrap();
    assert_eq!(city.state(voice).unwrap(), "submitted");
    assert!(desk.sees("services/report", &json!({"matter": main.0})).unwrap().rows("voices").is_empty());
}

#[test]
fn whoever_files_many_reports_has_the_same_clocks_as_whoever_files_one() {
    let city = TestCity::with(&["services"]).unwrap();
    monday(&city);
    let (many, one) = (city.person("many", &[]).unwrap(), city.person("one", &[]).unwrap());
    let body = json!({"title": "噪声", "category": "noise"});
    let file = |who: &Person| who.does("services/file-report", &body).unwrap().id("matter").unwrap();
    let all: Vec<EntityId> = (0..20).map(|_| file(&many)).chain([file(&one)]).collect();
    let standing: Vec<_> = all.iter().map(|m| city.city().clocks(*m, city.now()).unwrap()).collect();
    assert!(standing.iter().all(|s| *s == standing[0] && !s.is_empty()), "{standing:?}");
}

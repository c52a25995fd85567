//! The pages of matters: what they show, and to whom.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{Reply, TestCity};
use serde_json::json;

#[test]
fn the_list_shows_reports_newest_first_and_keeps_to_its_filters() {
    let city = TestCity::with(&["services"]).unwrap();
    let grid = city.place("grid", "grid", "G-1", None).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    assert_eq!(desk.sees("services/reports", &json!({})).unwrap().rows("reports"), Vec::<Vec<String>>::new());
    for (title, category) in [("路灯不亮", "lighting"), ("井盖松动", "drainage")] {
        let body = json!({"title": title, "category": category, "place": grid.0});
        desk.does("services/file-report", &body).unwrap();
        city.pass(1_000_000);
    }
    let titles = |params| -> Vec<String> {
        desk.sees("services/reports", &params).unwrap().rows("reports").into_iter().map(|r| r[1].clone()).collect()
    };
    assert_eq!(titles(json!({})), ["井盖松动", "路灯不亮"]);
    assert_eq!(titles(json!({"category": "lighting", "place": grid.0, "state": "submitted"})), ["路灯不亮"]);
    assert!(titles(json!({"state": "closed"})).is_empty());
    let row = &desk.sees("services/reports", &json!({})).unwrap().rows("reports")[0];
    assert_eq!(row[2..5], ["state-submitted", "category-drainage", "G-1"]);
    let resident = city.person("li", &[]).unwrap();
    assert!(resident.sees("services/reports", &json!({})).unwrap_err().to_string().contains("role"));
}

#[test]
fn a_reports_words_are_shown_only_for_a_purpose_and_the_look_is_in_the_journal() {
    let city = TestCity::with(&["services"]).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let body = json!({"title": "路灯不亮", "body": "张三家门口", "category": "lighting", "contact": "138"});
    let filed = desk.does("services/file-report", &body).unwrap();
    let about = json!({"matter": filed.id("matter").unwrap().0});
    let page = desk.sees("services/report", &about).unwrap();
    assert_eq!((page.title(), page.value("code").as_deref()), ("路灯不亮", Some(filed.text("code").unwrap())));
    assert!(page.says("words-need-purpose") && !page.says("张三家门口"));
    let always = ["decide-category", "inform", "note-internally"];
    let steps: Vec<_> = page.commands().into_iter().filter(|c| !always.contains(c)).collect();
    assert_eq!(steps, ["accept", "refuse", "ask-more", "divert", "merge", "withdraw"], "what may be done next");
    let looks = || city.city().health().looks;
    assert_eq!(looks(), 0);
    let page = desk.stating("handling").unwrap().sees("services/report", &about).unwrap();
    assert!(page.says("张三家门口"));
    assert_eq!((page.value("contact").as_deref(), looks()), (Some("138"), 2));
    let person = desk.sees("services/report", &json!({"matter": desk.id().0})).unwrap_err().to_string();
    assert!(person.contains("denied: not granted: kind account"), "{person}");
    let none = json!({"matter": 999_999});
    let missing = desk.sees("services/report", &none).unwrap_err().to_string();
    assert_eq!(missing, "services/report was refused: not-found: entity 999999");
}

#[test]
fn the_overview_counts_by_state_and_by_district_of_the_nearest_division() {
    let city = TestCity::with(&["services"]).unwrap();
    city.place("division", "district", "D-1", None).unwrap();
    let street = city.place("division", "street", "S-1", Some("D-1")).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    for (title, category, place) in [("a", "road", Some(street.0)), ("b", "road", Some(street.0)), ("c", "noise", None)]
    {
        desk.does("services/file-report", &json!({"title": title, "category": category, "place": place})).unwrap();
    }
    let page = desk.sees("services/overview", &json!({})).unwrap();
    assert_eq!(page.value("reports").as_deref(), Some("3"));
    assert_eq!(page.rows("by-state"), [["state-submitted", "3"]]);
    assert_eq!(page.rows("by-district"), [["elsewhere", "category-noise", "1"], ["D-1", "category-road", "2"]],);
    assert_eq!(page.series("reports"), [("2026-01".to_owned(), 3.0)]);
}

#[test]
fn a_full_journal_and_a_stopped_plugin_lose_nothing_and_pass() {
    let city = TestCity::with(&["services"]).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let body = json!({"title": "路灯不亮", "category": "lighting"});
    city.journal_full(true);
    assert!(matches!(desk.asks("services/file-report", &body).unwrap(), Reply::Unavailable(_)));
    assert_eq!(desk.sees("services/overview", &json!({})).unwrap().value("reports").as_deref(), Some("0"));
    city.journal_full(false);
    desk.does("services/file-report", &body).unwrap();
    city.trap_next("services").unwrap();
    assert!(matches!(desk.asks("services/file-report", &body).unwrap(), Reply::Failed(_)));
    assert_eq!(city.kept("services").unwrap().len(), 1);
    desk.does("services/file-report", &body).unwrap();
    assert_eq!(desk.sees("services/overview", &json!({})).unwrap().value("reports").as_deref(), Some("2"));
}

#[test]
fn tasks_show_each_role_its_own_step_with_its_limit_and_only_where_the_role_holds() {
    let city = TestCity::with(&["services"]).unwrap();
    let grid = city.place("grid", "grid", "G-1", None).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let unit = city.person("unit", &["unit"]).unwrap();
    let verifier = city.person("check", &["verifier"]).unwrap();
    let filed = desk
        .does("services/file-report", &json!({"title": "路灯不亮", "category": "lighting", "place": grid.0}))
        .unwrap();
    let matter = filed.id("matter").unwrap().0;
    let waits =
        |who: &changzhi_testkit::Person<'_>| who.sees("services/tasks", &json!({})).unwrap().rows("tasks").len();
    assert_eq!((waits(&desk), waits(&unit), waits(&verifier)), (1, 0, 0));
    desk.does("services/accept", &json!({"matter": matter})).unwrap();
    desk.does("services/assign", &json!({"matter": matter, "agency": "lamps"})).unwrap();
    assert_eq!((waits(&desk), waits(&unit), waits(&verifier)), (0, 1, 0), "that a desk could step in is no task");
    unit.does("services/start", &json!({"matter": matter})).unwrap();
    unit.does("services/answer", &json!({"matter": matter, "reply": "ok", "outcome": "solved"})).unwrap();
    assert_eq!((waits(&unit), waits(&verifier)), (0, 1));
    verifier.does("services/close", &json!({"matter": matter})).unwrap();
    assert_eq!((waits(&desk), waits(&unit), waits(&verifier)), (0, 0, 0), "a closed matter waits for nobody");
    let resident = city.person("li", &["resident"]).unwrap();
    assert!(resident.sees("services/tasks", &json!({})).is_err());
}

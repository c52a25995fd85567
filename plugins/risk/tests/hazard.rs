//! A hazard from its finding to its re-check, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Person, TestCity};
use serde_json::{Value as Json, json};

fn city() -> TestCity {
    TestCity::with(&["risk"]).unwrap()
}

fn found(who: &Person, place: EntityId) -> EntityId {
    let body = json!({"place": place.0, "category": "blocked-exit", "title": "杂物堵门"});
    who.does("risk/report-hazard", &body).unwrap().id("hazard").unwrap()
}

fn own(hazard: EntityId, due: &str) -> Json {
    json!({"hazard": hazard.0, "owner": "property-co", "due": due})
}

/// A hazard that `fixer` has mended.
fn mended(desk: &Person, fixer: &Person, place: EntityId) -> EntityId {
    let hazard = found(desk, place);
    desk.does("risk/assign-fix", &own(hazard, "2026-01-08T00:00:00Z")).unwrap();
    fixer.does("risk/mark-fixed", &json!({"hazard": hazard.0, "done": "已清走"})).unwrap();
    hazard
}

#[test]
fn a_hazard_is_found_at_a_place_by_those_who_may() {
    let city = city();
    let compound = city.place("compound", "compound", "C-1", None).unwrap();
    let (worker, resident) = (city.person("grid", &["grid-worker"]).unwrap(), city.person("li", &[]).unwrap());
    let body = |title: &str| json!({"place": compound.0, "category": "blocked-exit", "title": title});
    let done = worker.does("risk/report-hazard", &body("杂物堵门")).unwrap();
    assert_eq!(done.changes(), ["create hazard blocked-exit found", "put risk.hazard title"]);
    let hazard = done.id("hazard").unwrap();
    assert_eq!(city.city().read(|w| w.core(hazard)).unwrap().within, Some(compound));
    assert_eq!(worker.refused("risk/report-hazard", &body("\u{3000}")).unwrap(), "invalid: title: title-needed");
    assert_eq!(resident.refused("risk/report-hazard", &body("杂物堵门")).unwrap().kind(), "role");
}

#[test]
fn a_hazard_gets_an_owner_and_a_limit_that_lies_ahead() {
    let city = city();
    let compound = city.place("compound", "compound", "C-1", None).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let hazard = found(&desk, compound);
    let past = desk.refused("risk/assign-fix", &own(hazard, "2025-12-31T00:00:00Z")).unwrap();
    assert_eq!(past, "invalid: due: due-in-the-past");
    let done = desk.does("risk/assign-fix", &own(hazard, "2026-01-08T00:00:00Z")).unwrap();
    assert_eq!(done.changes(), ["advance assign found>owned", "put risk.hazard owner due"]);
}

#[test]
fn only_what_has_an_owner_is_mended_and_whoever_mended_is_kept() {
    let city = city();
    let compound = city.place("compound", "compound", "C-1", None).unwrap();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let hazard = found(&desk, compound);
    let fixed = json!({"hazard": hazard.0, "done": "已清走"});
    assert_eq!(unit.refused("risk/mark-fixed", &fixed).unwrap().kind(), "conflict", "nobody owns it yet");
    desk.does("risk/assign-fix", &own(hazard, "2026-01-08T00:00:00Z")).unwrap();
    let done = unit.does("risk/mark-fixed", &fixed).unwrap();
    assert_eq!(done.changes(), ["advance fix owned>fixed", "put risk.hazard fixed fixer"]);
    assert_eq!(city.value(hazard, "risk.hazard.fixer").unwrap().as_entity(), Some(unit.id()));
}

#[test]
fn another_checks_and_what_fails_goes_back_with_its_reason() {
    let city = city();
    let compound = city.place("compound", "compound", "C-1", None).unwrap();
    let (desk, fixer) = (city.person("desk", &["operator"]).unwrap(), city.person("fixer", &["grid-worker"]).unwrap());
    let checker = city.person("check", &["verifier"]).unwrap();
    let hazard = mended(&desk, &fixer, compound);
    let check = |passed: bool, finding: Option<&str>| json!({"hazard": hazard.0, "passed": passed, "finding": finding});
    assert_eq!(fixer.refused("risk/recheck", &check(true, None)).unwrap(), "denied: checker-is-fixer");
    assert_eq!(checker.refused("risk/recheck", &check(false, None)).unwrap(), "invalid: finding: finding-needed");
    let failed = checker.does("risk/recheck", &check(false, Some("仍有杂物"))).unwrap();
    assert_eq!(failed.changes(), ["advance fail fixed>owned", "put risk.hazard returned fixed-"]);
    assert_eq!(city.value(hazard, "risk.hazard.returned").unwrap().as_int(), Some(1));
    fixer.does("risk/mark-fixed", &json!({"hazard": hazard.0, "done": "再次清走"})).unwrap();
    let passed = checker.does("risk/recheck", &check(true, None)).unwrap();
    assert_eq!(passed.changes(), ["advance pass fixed>rechecked"]);
}

#[test]
fn the_page_lists_open_hazards_and_what_each_place_has_to_do() {
    let city = city();
    let compound = city.place("compound", "compound", "C-1", None).unwrap();
    let other = city.place("compound", "compound", "C-2", None).unwrap();
    let (desk, checker) = (city.person("desk", &["operator"]).unwrap(), city.person("check", &["verifier"]).unwrap());
    found(&desk, compound);
    let overdue = found(&desk, compound);
    desk.does("risk/assign-fix", &own(overdue, "2026-01-02T00:00:00Z")).unwrap();
    mended(&desk, &desk, other);
    let gone = mended(&desk, &desk, other);
    checker.does("risk/recheck", &json!({"hazard": gone.0, "passed": true})).unwrap();
    city.pass(3 * changzhi_testkit::Micros::DAY);
    let page = desk.sees("risk/hazards", &json!({})).unwrap();
    // place, overdue, found, being mended, not checked
    assert_eq!(page.rows("checklists"), [["C-1", "1", "1", "0", "0"], ["C-2", "0", "0", "0", "1"]]);
    assert_eq!(page.rows("hazards").len(), 3, "what is checked is not shown");
    assert_eq!(page.commands(), ["report-hazard"]);
    let here = desk.sees("risk/hazards", &json!({"place": other.0})).unwrap().rows("hazards");
    assert_eq!(here.len(), 1);
    assert_eq!(here[0][..4], ["杂物堵门", "blocked-exit", "state-fixed", "property-co"]);
}

#[test]
fn tasks_show_each_role_its_own_step_and_the_page_of_a_hazard_offers_it() {
    let city = city();
    let compound = city.place("compound", "compound", "C-1", None).unwrap();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let check = city.person("check", &["verifier"]).unwrap();
    let waits = |who: &Person<'_>| who.sees("risk/tasks", &json!({})).unwrap().rows("tasks").len();
    let hazard = found(&desk, compound);
    assert_eq!((waits(&desk), waits(&unit), waits(&check)), (1, 0, 0));
    let offers = |who: &Person<'_>| who.sees("risk/hazard", &json!({"hazard": hazard.0})).unwrap().commands().join(" ");
    assert_eq!(offers(&desk), "assign-fix");
    desk.does("risk/assign-fix", &own(hazard, "2026-01-08T00:00:00Z")).unwrap();
    assert_eq!((waits(&desk), waits(&unit), waits(&check)), (0, 1, 0));
    unit.does("risk/mark-fixed", &json!({"hazard": hazard.0, "done": "已清走"})).unwrap();
    assert_eq!((waits(&unit), waits(&check)), (0, 1));
    assert_eq!(offers(&check), "recheck");
    check.does("risk/recheck", &json!({"hazard": hazard.0, "passed": true})).unwrap();
    assert_eq!((waits(&desk), waits(&unit), waits(&check)), (0, 0, 0));
    let elsewhere = json!({"place": city.place("compound", "compound", "C-2", None).unwrap().0});
    found(&desk, compound);
    assert!(desk.sees("risk/tasks", &elsewhere).unwrap().rows("tasks").is_empty());
    let none = json!({"hazard": desk.id().0});
    assert!(desk.sees("risk/hazard", &none).is_err(), "a person is no hazard");
}

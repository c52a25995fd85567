//! Rows of another system become matters: once, and changed only when the row changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::TestCity;
use serde_json::{Value as Json, json};

fn row(digest: &str, state: &str, category: &str) -> Json {
    json!({
        "source": "hotline", "reference": "hotline:7", "digest": digest, "title": "井盖松动", "body": "门口的井盖",
        "category": category, "created": "2025-11-05T08:00:00Z", "state": state, "agency": "water",
    })
}

#[test]
fn a_row_becomes_a_matter_that_stands_where_its_source_says() {
    let city = TestCity::with(&["services"]).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let done = desk.does("services/import-report", &row("d1", "answered", "drainage")).unwrap();
    let [created, put, steps @ ..] = &done.changes()[..] else { panic!("{:?}", done.changes()) };
    assert_eq!(created, "create matter drainage submitted");
    assert_eq!(put, "put services.report code source reference digest title body* channel agency");
    assert_eq!(steps, ["advance told-answered submitted>answered"], "how it came there is not known here");
    assert_eq!(done.text("outcome").unwrap(), "new");
}

#[test]
fn the_same_row_changes_nothing_and_a_changed_row_changes_its_matter() {
    let city = TestCity::with(&["services"]).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let first = desk.does("services/import-report", &row("d1", "handling", "drainage")).unwrap();
    let same = desk.does("services/import-report", &row("d1", "handling", "drainage")).unwrap();
    assert_eq!((same.text("outcome").unwrap(), same.changes().len()), ("same", 0));
    assert_eq!(same.id("matter").unwrap(), first.id("matter").unwrap());
    let changed = desk.does("services/import-report", &row("d2", "closed", "road")).unwrap();
    assert_eq!(changed.text("outcome").unwrap(), "changed");
    assert!(changed.created("matter").is_empty());
    let lines = changed.changes();
    for line in ["recategorise road", "advance told-closed handling>closed"] {
        assert!(lines.iter().any(|l| l == line), "{line} in {lines:?}");
    }
    assert_eq!(city.state(first.id("matter").unwrap()).unwrap(), "closed");
}

#[test]
fn a_row_with_an_unknown_state_and_an_importer_without_the_role_are_refused() {
    let city = TestCity::with(&["services"]).unwrap();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let lost = desk.refused("services/import-report", &row("d1", "lost", "drainage")).unwrap();
    assert_eq!(lost, "invalid: state: body-not-an-option");
    assert_eq!(unit.refused("services/import-report", &row("d1", "closed", "drainage")).unwrap().kind(), "role");
}

//! Duties, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, TestCity};
use serde_json::{Value as Json, json};

fn city() -> TestCity {
    TestCity::with(&["office"]).unwrap()
}

fn plan(place: EntityId, from: &str, to: &str) -> Json {
    json!({"place": place.0, "post": "desk", "from": from, "to": to})
}

#[test]
fn a_duty_is_planned_once_for_each_post_and_time() {
    let city = city();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let (officer, clerk) = (city.person("officer", &["duty-officer"]).unwrap(), city.person("li", &[]).unwrap());
    let day = plan(street, "2026-01-02T00:00:00Z", "2026-01-02T12:00:00Z");
    let done = officer.does("office/plan-duty", &day).unwrap();
    assert_eq!(done.changes(), ["create duty desk", "put office.duty post from to"]);
    let overlaps = plan(street, "2026-01-02T11:00:00Z", "2026-01-02T20:00:00Z");
    assert_eq!(officer.refused("office/plan-duty", &overlaps).unwrap(), "conflict: post-is-covered");
    officer.does("office/plan-duty", &plan(street, "2026-01-02T12:00:00Z", "2026-01-02T20:00:00Z")).unwrap();
    let backwards = plan(street, "2026-01-04T12:00:00Z", "2026-01-04T12:00:00Z");
    assert_eq!(officer.refused("office/plan-duty", &backwards).unwrap(), "invalid: to: ends-before-it-begins");
    assert_eq!(clerk.refused("office/plan-duty", &day).unwrap().kind(), "role");
}

#[test]
fn a_duty_is_taken_over_in_its_time_by_a_name() {
    let city = city();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let officer = city.person("officer", &["duty-officer"]).unwrap();
    let day = plan(street, "2026-01-01T08:00:00Z", "2026-01-01T20:00:00Z");
    let duty = officer.does("office/plan-duty", &day).unwrap().id("duty").unwrap();
    let take = json!({"duty": duty.0});
    assert_eq!(officer.refused("office/take-over", &take).unwrap(), "conflict: not-the-time");
    city.pass(7 * 3_600 * Micros::SECOND);
    let taken = officer.does("office/take-over", &take).unwrap();
    assert_eq!(taken.changes(), ["put office.duty person taken"]);
    assert_eq!(city.value(duty, "office.duty.person").unwrap().as_entity(), Some(officer.id()));
    assert_eq!(city.value(duty, "office.duty.taken").unwrap().as_time(), Some(city.now()));
}

#[test]
fn the_roster_names_holes_first_and_duties_in_order() {
    let city = city();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let officer = city.person("officer", &["duty-officer"]).unwrap();
    let empty = officer.sees("office/roster", &json!({})).unwrap();
    assert_eq!((empty.value("holes").as_deref(), empty.rows("duties").len()), (Some("0"), 0));
    for (from, to) in
        [("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"), ("2026-01-01T00:00:00Z", "2026-01-01T20:00:00Z")]
    {
        officer.does("office/plan-duty", &plan(street, from, to)).unwrap();
    }
    let page = officer.sees("office/roster", &json!({})).unwrap();
    let at = |text: &str| Micros::from_rfc3339(text).unwrap().0.to_string();
    let hole = |from: &str, to: &str| [at(from), at(to), "S-1".to_owned(), "desk".to_owned()];
    assert_eq!(page.value("holes").as_deref(), Some("2"));
    assert_eq!(
        page.rows("holes"),
        [hole("2026-01-01T20:00:00Z", "2026-01-02T00:00:00Z"), hole("2026-01-03T00:00:00Z", "2026-01-15T00:00:00Z")]
    );
    let begins: Vec<_> = page.rows("duties").into_iter().map(|r| r[0].clone()).collect();
    assert_eq!(begins, [at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z")]);
    assert_eq!(page.commands(), ["plan-duty"]);
}

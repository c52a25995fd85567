//! Cameras near an alarm: opened at once for a reason, by name, announced, ended with the alarm, reviewed by somebody else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity};
use serde_json::{Value as Json, json};

fn place(admin: &Person<'_>, kind: &str, code: &str, lat: f64) -> EntityId {
    let at = json!({"lon": 115.9, "lat": lat});
    let body = json!({"kind": kind, "category": kind, "code": code, "name": code, "parent": "D-1", "position": at});
    admin.does("host/create-place", &body).unwrap().id("place").unwrap()
}

/// A city with a hall, a camera at its door, one too far away; and an alarm that the seat took.
fn scene() -> (TestCity, EntityId) {
    let city = TestCity::with(&["command"]).unwrap();
    city.place("division", "district", "D-1", None).unwrap();
    let admin = city.person("admin", &["admin"]).unwrap();
    let hall = place(&admin, "building", "hall", 28.700);
    place(&admin, "camera", "door", 28.701);
    place(&admin, "camera", "elsewhere", 28.800);
    let ring = json!({"place": hall.0, "category": "security"});
    let alarm = city.person("nurse", &[]).unwrap().does("command/ring", &ring).unwrap().id("alarm").unwrap();
    (city, alarm)
}

fn about(alarm: EntityId) -> Json {
    json!({"alarm": alarm.0})
}

fn because(alarm: EntityId) -> Json {
    json!({"alarm": alarm.0, "reason": "看不见门口的情况"})
}

#[test]
fn cameras_are_open_for_whoever_said_why_until_the_alarm_is_over_and_then_somebody_else_looks_at_it() {
    let (city, alarm) = scene();
    let (seat, other) = (city.person("seat", &["operator"]).unwrap(), city.person("other", &["operator"]).unwrap());
    assert_eq!(seat.refused("command/open-cameras", &because(alarm)).unwrap(), "conflict: take-it-first");
    seat.does("command/acknowledge", &about(alarm)).unwrap();
    assert!(seat.sees("command/cameras", &about(alarm)).unwrap().rows("cameras").is_empty(), "shut until opened");
    let silent = json!({"alarm": alarm.0, "reason": " "});
    assert_eq!(seat.refused("command/open-cameras", &silent).unwrap(), "invalid: reason: say-why-cameras");

    let done = seat.does("command/open-cameras", &because(alarm)).unwrap();
    let opening = done.id("opening").unwrap();
    assert!(done.changes().iter().any(|c| c == "intend notify-roles"), "told at once: {:?}", done.changes());
    let seen = seat.sees("command/cameras", &about(alarm)).unwrap().rows("cameras");
    assert_eq!(seen.iter().map(|r| r[0].as_str()).collect::<Vec<_>>(), ["door"], "nearest, and none too far");
    assert!(other.sees("command/cameras", &about(alarm)).unwrap().rows("cameras").is_empty(), "for nobody else");
    assert_eq!(seat.refused("command/open-cameras", &because(alarm)).unwrap(), "conflict: cameras-are-open");

    let found = json!({"opening": opening.0, "found": "有必要"});
    let official = city.person("official", &["official"]).unwrap();
    assert!(official.refused("command/review-opening", &found).is_ok(), "not while they are open");
    let end = json!({"alarm": alarm.0, "outcome": "real", "safe_word_of": "王护士"});
    seat.does("command/judge", &json!({"alarm": alarm.0, "verdict": "real"})).unwrap();
    seat.does("command/stand-down", &end).unwrap();
    assert_eq!(city.state(opening).unwrap(), "shut");
    assert!(seat.sees("command/cameras", &about(alarm)).unwrap().rows("cameras").is_empty());
    let own = city.person("seat", &["operator", "official"]).unwrap();
    assert_eq!(own.refused("command/review-opening", &found).unwrap(), "denied: not-your-own-opening");
    official.does("command/review-opening", &found).unwrap();
    let report = official.sees("command/after-action", &about(alarm)).unwrap().rows("openings");
    assert_eq!((report.len(), report[0][6].as_str()), (1, "有必要"), "it stays in the report of the alarm");
}

#[test]
fn an_alarm_nobody_ends_does_not_keep_cameras_open_and_an_exercise_opens_none() {
    let (city, alarm) = scene();
    let seat = city.person("seat", &["operator"]).unwrap();
    seat.does("command/acknowledge", &about(alarm)).unwrap();
    let opening = seat.does("command/open-cameras", &because(alarm)).unwrap().id("opening").unwrap();
    city.pass(4 * Micros::HOUR);
    city.city().run_timers();
    assert_eq!(city.state(opening).unwrap(), "shut");
    assert!(seat.sees("command/cameras", &about(alarm)).unwrap().rows("cameras").is_empty());
    let page = seat.sees("command/opening", &json!({"opening": opening.0})).unwrap();
    assert_ne!(page.value("shut-at").unwrap_or_default(), "", "the clock's time is shown");

    let hall = city.place("building", "building", "B-2", Some("D-1")).unwrap();
    let ring = json!({"place": hall.0, "category": "security", "exercise": true});
    let drill = city.person("nurse", &[]).unwrap().does("command/ring", &ring).unwrap().id("alarm").unwrap();
    seat.does("command/acknowledge", &about(drill)).unwrap();
    let refused = seat.refused("command/open-cameras", &because(drill)).unwrap();
    assert_eq!(refused, "conflict: no-cameras-in-an-exercise");
}

//! An alarm from the press to its end, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, TestCity};
use serde_json::{Value as Json, json};

fn city() -> TestCity {
    TestCity::with(&["command"]).unwrap()
}

fn press(place: EntityId, category: &str) -> Json {
    json!({"place": place.0, "category": category, "spot": "3F"})
}

fn about(alarm: EntityId) -> Json {
    json!({"alarm": alarm.0})
}

#[test]
fn a_press_rings_and_the_same_press_soon_after_joins_it() {
    let city = city();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let anyone = city.person("li", &[]).unwrap();
    let first = anyone.does("command/ring", &press(hall, "help")).unwrap();
    assert_eq!(first.changes(), ["create alarm help rung", "put command.alarm spot presses"]);
    let alarm = first.id("alarm").unwrap();
    city.pass(119 * Micros::SECOND);
    let second = anyone.does("command/ring", &press(hall, "help")).unwrap();
    assert_eq!(second.changes(), ["put command.alarm presses"]);
    assert_eq!((second.id("alarm").unwrap(), second.text("outcome").unwrap()), (alarm, "joined"));
    assert_eq!(city.value(alarm, "command.alarm.presses").unwrap().as_int(), Some(2));
    let fire = anyone.does("command/ring", &press(hall, "fire")).unwrap();
    assert_eq!(fire.text("outcome").unwrap(), "rung", "help never swallows a fire");
    city.pass(2 * Micros::SECOND);
    let late = anyone.does("command/ring", &press(hall, "help")).unwrap();
    assert_eq!(late.text("outcome").unwrap(), "rung", "two minutes are over");
    let joke = anyone.refused("command/ring", &press(hall, "joke")).unwrap();
    assert_eq!(joke, "invalid: category: body-not-an-option");
}

#[test]
fn an_alarm_is_taken_by_name_attended_and_stood_down_in_that_order() {
    let city = city();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (seat, unit) = (city.person("seat", &["duty-officer"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let alarm = seat.does("command/ring", &press(hall, "medical")).unwrap().id("alarm").unwrap();
    assert_eq!(unit.refused("command/attend", &about(alarm)).unwrap().kind(), "conflict", "nobody took it yet");
    assert_eq!(unit.refused("command/acknowledge", &about(alarm)).unwrap().kind(), "role");
    let taken = seat.does("command/acknowledge", &about(alarm)).unwrap();
    assert_eq!(taken.changes(), ["advance acknowledge rung>acknowledged", "put command.alarm taken_by taken"]);
    assert_eq!(city.value(alarm, "command.alarm.taken_by").unwrap().as_entity(), Some(seat.id()));
    assert_eq!(seat.refused("command/acknowledge", &about(alarm)).unwrap().kind(), "conflict", "one name, the first");
    let attended = unit.does("command/attend", &about(alarm)).unwrap();
    assert_eq!(attended.changes(), ["advance attend acknowledged>attended"]);
    let end = |outcome: &str| json!({"alarm": alarm.0, "outcome": outcome, "reason": "送医"});
    let unknown = seat.refused("command/stand-down", &end("bored")).unwrap();
    assert_eq!(unknown, "invalid: outcome: body-not-an-option");
    let down = seat.does("command/stand-down", &end("real")).unwrap();
    assert_eq!(down.changes(), ["advance stand-down attended>stood-down", "put command.alarm outcome"]);
    assert_eq!(seat.refused("command/stand-down", &end("real")).unwrap().kind(), "conflict");
}

#[test]
fn the_board_shows_open_alarms_what_nobody_took_first_each_with_its_age() {
    let city = city();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let seat = city.person("seat", &["duty-officer"]).unwrap();
    let ring = |category: &str| seat.does("command/ring", &press(hall, category)).unwrap().id("alarm").unwrap();
    let (taken, _test, over) = (ring("medical"), ring("test"), ring("security"));
    city.pass(30 * Micros::SECOND);
    for alarm in [taken, over] {
        seat.does("command/acknowledge", &about(alarm)).unwrap();
    }
    seat.does("command/stand-down", &json!({"alarm": over.0, "outcome": "mistaken"})).unwrap();
    ring("fire");
    city.pass(10 * Micros::SECOND);
    let page = seat.sees("command/board", &json!({})).unwrap();
    assert_eq!(page.value("waiting").as_deref(), Some("1"));
    let me = format!("#{}", seat.id());
    let rows = page.rows("open-alarms");
    // level, category, place, spot, state, age, taken after, by, presses
    assert_eq!(
        rows,
        [
            ["1", "fire", "B-1", "3F", "state-rung", "10", "", "", "1"],
            ["2", "medical", "B-1", "3F", "state-acknowledged", "40", "30", &me, "1"],
            ["4", "test", "B-1", "3F", "state-rung", "40", "", "", "1"],
        ]
    );
    let resident = city.person("li", &[]).unwrap();
    assert!(resident.sees("command/board", &json!({})).is_err());
}

#[test]
fn tasks_show_each_role_its_own_step_and_the_page_of_an_alarm_offers_it() {
    let city = city();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (seat, unit) = (city.person("seat", &["duty-officer"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let alarm = seat.does("command/ring", &press(hall, "help")).unwrap().id("alarm").unwrap();
    let waits = |who: &changzhi_testkit::Person<'_>| who.sees("command/tasks", &json!({})).unwrap().rows("tasks").len();
    let offers =
        |who: &changzhi_testkit::Person<'_>| who.sees("command/alarm", &about(alarm)).unwrap().commands().join(" ");
    assert_eq!((waits(&seat), waits(&unit)), (1, 0));
    assert_eq!(offers(&seat), "acknowledge");
    seat.does("command/acknowledge", &about(alarm)).unwrap();
    assert_eq!((waits(&seat), waits(&unit)), (0, 1));
    assert_eq!(offers(&unit), "attend");
    unit.does("command/attend", &about(alarm)).unwrap();
    assert_eq!((waits(&seat), waits(&unit)), (1, 0), "who took it stands it down");
    seat.does("command/stand-down", &json!({"alarm": alarm.0, "outcome": "real"})).unwrap();
    assert_eq!((waits(&seat), waits(&unit)), (0, 0));
}

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
    let put = "put command.alarm spot presses pressed_by called";
    assert_eq!(first.changes(), ["create alarm help rung", put, "intend notify-roles"]);
    let alarm = first.id("alarm").unwrap();
    city.pass(119 * Micros::SECOND);
    let second = anyone.does("command/ring", &press(hall, "help")).unwrap();
    assert_eq!(second.changes(), ["put command.alarm presses"], "the same room is not named again");
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
fn an_alarm_is_taken_by_name_attended_and_stood_down_by_the_commander_and_the_place() {
    let city = city();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (seat, unit) = (city.person("seat", &["duty-officer"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let nurse = city.person("nurse", &[]).unwrap();
    let alarm = seat.does("command/ring", &press(hall, "medical")).unwrap().id("alarm").unwrap();
    assert_eq!(unit.refused("command/attend", &about(alarm)).unwrap().kind(), "conflict", "nobody took it yet");
    assert_eq!(unit.refused("command/acknowledge", &about(alarm)).unwrap().kind(), "role");
    seat.does("command/sit", &json!({"shown": "陈值班"})).unwrap();
    seat.does("command/acknowledge", &about(alarm)).unwrap();
    assert_eq!(city.state(alarm).unwrap(), "acknowledged");
    assert_eq!(city.value(alarm, "command.alarm.taken_by").unwrap().as_entity(), Some(seat.id()));
    assert_eq!(city.value(alarm, "command.alarm.taken_name").unwrap().as_text(), Some("陈值班"));
    assert_eq!(seat.refused("command/acknowledge", &about(alarm)).unwrap().kind(), "conflict", "one name, the first");
    unit.does("command/attend", &about(alarm)).unwrap();
    let end = |outcome: &str| json!({"alarm": alarm.0, "outcome": outcome, "reason": "送医"});
    let unknown = seat.refused("command/stand-down", &end("bored")).unwrap();
    assert_eq!(unknown, "invalid: outcome: body-not-an-option");
    let alone = seat.refused("command/stand-down", &end("real")).unwrap();
    assert_eq!(alone, "invalid: safe_word_of: place-must-say-so", "the commander alone does not end it");
    let stranger = nurse.refused("command/confirm-safe", &about(alarm)).unwrap();
    assert_eq!(stranger, "not-found: no-such-alarm", "not of this place");
    seat.does("command/enrol", &json!({"place": hall.0, "login": "nurse", "duty": "contact"})).unwrap();
    nurse.does("command/confirm-safe", &about(alarm)).unwrap();
    seat.does("command/stand-down", &end("real")).unwrap();
    assert_eq!(city.state(alarm).unwrap(), "stood-down");
    assert_eq!(seat.refused("command/stand-down", &end("real")).unwrap().kind(), "conflict");
    let own = seat.refused("command/review", &json!({"alarm": alarm.0, "lessons": "更快"})).unwrap();
    assert_eq!(own.kind(), "denied", "who stood it down does not review it");
    let official = city.person("official", &["official"]).unwrap();
    official.does("command/review", &json!({"alarm": alarm.0, "lessons": "更快"})).unwrap();
    official.does("command/close-alarm", &about(alarm)).unwrap();
    assert_eq!(city.state(alarm).unwrap(), "closed");
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
    let nothing = json!({"alarm": over.0, "verdict": "mistaken", "reason": "误触"});
    assert_eq!(seat.refused("command/clear", &nothing).unwrap(), "invalid: called_back: call-back-first");
    let called = json!({"alarm": over.0, "verdict": "mistaken", "reason": "误触", "called_back": true});
    seat.does("command/clear", &called).unwrap();
    ring("fire");
    city.pass(10 * Micros::SECOND);
    city.city().run_timers();
    city.settle().unwrap();
    let page = seat.sees("command/board", &json!({})).unwrap();
    assert_eq!(page.value("waiting").as_deref(), Some("1"));
    let number = page.value("number").unwrap();
    let rows = |table: &str| -> Vec<Vec<String>> { page.rows(table).into_iter().map(|r| r[..10].to_vec()).collect() };
    // level, category, place, spot, state, age, taken after, by, presses, mark
    assert_eq!(
        rows("open-alarms"),
        [
            ["1", "fire", "B-1", "3F", "state-rung", "10", "", "", "1", ""],
            ["2", "medical", "B-1", "3F", "state-acknowledged", "40", "30", "seat", "1", ""],
            ["4", "test", "B-1", "3F", "state-rung-leaders", "40", "", "", "1", ""],
        ]
    );
    // What is over waits for its review below, and takes no room from what rings.
    assert_eq!(rows("to-review"), [["4", "security", "B-1", "3F", "state-stood-down", "40", "30", "seat", "1", ""]]);
    let late = city.person("late", &["official"]).unwrap().sees("command/board", &json!({})).unwrap();
    assert_eq!(late.value("number"), Some(number.clone()), "whoever comes later sees the same number");
    ring("help");
    assert_ne!(seat.sees("command/board", &json!({})).unwrap().value("number"), Some(number));
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
    assert_eq!((waits(&seat), waits(&unit)), (1, 1), "the seat judges, who is near goes");
    assert_eq!(offers(&unit), "attend");
    assert_eq!(offers(&seat), "judge dispatch attend clear transfer");
    unit.does("command/attend", &about(alarm)).unwrap();
    assert_eq!((waits(&seat), waits(&unit)), (1, 0), "who took it stands it down");
    let end = json!({"alarm": alarm.0, "outcome": "real", "safe_word_of": "王护士"});
    seat.does("command/stand-down", &end).unwrap();
    assert!(city.is_sealed(alarm, "command.alarm.safe_word_of"));
    assert_eq!((waits(&seat), waits(&unit)), (1, 0), "the review waits for a duty officer");
}

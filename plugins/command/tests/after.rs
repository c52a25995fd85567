//! What is known of an alarm after it: the report, its gaps, and lessons as tasks, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, TestCity};
use serde_json::{Value as Json, json};

fn about(alarm: EntityId) -> Json {
    json!({"alarm": alarm.0})
}

#[test]
fn the_report_of_an_alarm_has_every_interval_and_names_every_gap_and_lessons_become_tasks() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let seat = city.person("seat", &["duty-officer"]).unwrap();
    let official = city.person("official", &["official"]).unwrap();
    let ring = json!({"place": hall.0, "category": "help", "spot": "3F"});
    let alarm = city.person("nurse", &[]).unwrap().does("command/ring", &ring).unwrap().id("alarm").unwrap();
    let wait = |seconds: i64| {
        city.pass(seconds * Micros::SECOND);
        city.city().run_timers();
    };
    wait(20);
    seat.does("command/acknowledge", &about(alarm)).unwrap();
    wait(10);
    seat.does("command/attend", &about(alarm)).unwrap();
    let early = json!({"alarm": alarm.0, "text": "走廊尽头听不到铃声", "owner": "duty-officer"});
    assert_eq!(seat.refused("command/add-lesson", &early).unwrap(), "conflict: not-stood-down");
    wait(300);
    let end = json!({"alarm": alarm.0, "outcome": "real", "safe_word_of": "王护士"});
    seat.does("command/stand-down", &end).unwrap();

    let page = official.sees("command/after-action", &about(alarm)).unwrap();
    let steps: Vec<(String, String)> =
        page.rows("intervals").into_iter().map(|r| (r[0].clone(), r[3].clone())).collect();
    let expected = [
        ("mark-taken", "20"),
        ("mark-judged", ""),
        ("mark-dispatched", ""),
        ("mark-attended", "10"),
        ("mark-controlled", ""),
        ("mark-stood-down", "300"),
    ];
    assert_eq!(steps, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let gaps: Vec<String> = page.rows("gaps").into_iter().map(|r| r[0].clone()).collect();
    assert_eq!(
        gaps,
        ["gap-ring-all", "no-mark-judged", "no-mark-dispatched", "no-mark-controlled", "gap-place-did-not-say"]
    );

    let lesson = official.does("command/add-lesson", &early).unwrap().id("lesson").unwrap();
    let open = seat.sees("command/lessons", &json!({})).unwrap().rows("lessons");
    assert_eq!((open.len(), open[0][1].as_str()), (1, "duty-officer"));
    assert_ne!(open[0][3], "", "the host's clock says by when");
    let empty = json!({"lesson": lesson.0, "done": " "});
    assert_eq!(seat.refused("command/finish-lesson", &empty).unwrap(), "invalid: done: say-what-was-done");
    seat.does("command/finish-lesson", &json!({"lesson": lesson.0, "done": "加装了声光铃"})).unwrap();
    assert!(seat.sees("command/lessons", &json!({})).unwrap().rows("lessons").is_empty());
    let of_alarm = official.sees("command/after-action", &about(alarm)).unwrap().rows("lessons");
    assert_eq!(of_alarm[0][4], "加装了声光铃", "it stays in the report");
    let nurse = city.person("other", &[]).unwrap();
    assert!(nurse.sees("command/after-action", &about(alarm)).is_err());
}

//! What clocks do while an event goes on, in the real host: missed check-ins, shifts that end, what is late.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod major_scene;

use changzhi_testkit::{EntityId, Person};
use major_scene::{HOUR, MINUTE, Scene, about, at};
use serde_json::json;

fn rings(who: &Person<'_>) -> usize {
    who.sees("command/ringing", &json!({})).unwrap().parts("alarm").len()
}

/// Level and word of each post on the board.
fn board(who: &Person<'_>, plan: EntityId) -> Vec<(String, String)> {
    let page = who.sees("command/major-board", &about(plan)).unwrap();
    page.rows(&format!("table-{plan}")).into_iter().map(|r| (r[0].clone(), r[2].clone())).collect()
}

fn one(level: &str, word: &str) -> Vec<(String, String)> {
    vec![(level.into(), word.into())]
}

#[test]
fn a_post_nobody_checks_in_turns_red_by_the_clock_and_rings_until_somebody_has_seen_it() {
    let s = Scene::new();
    let (plan, watches) = s.live();
    let seat = s.city.person("seat", &["operator"]).unwrap();
    let (watch, wang) = (json!({"watch": watches[0].0}), s.city.person("wang", &[]).unwrap());
    assert_eq!((board(&seat, plan), rings(&seat)), (one("3", "state-watch-waiting"), 0));
    s.pass(10 * MINUTE - 1);
    assert_eq!(rings(&seat), 0, "the grace of the plan");
    s.pass(1);
    assert_eq!((board(&seat, plan), rings(&seat)), (one("1", "watch-missed"), 1));
    assert_eq!(wang.refused("command/see-post", &watch).unwrap().kind(), "role");
    seat.does("command/see-post", &watch).unwrap();
    assert_eq!((board(&seat, plan), rings(&seat)), (one("1", "watch-missed"), 0), "seen is not held");
    // Checked in by one of its people, and by nobody else.
    let zhao = s.city.person("zhao", &[]).unwrap();
    assert_eq!(zhao.refused("command/check-in-post", &watch).unwrap(), "not-found: no-such-watch");
    wang.does("command/check-in-post", &watch).unwrap();
    assert_eq!(board(&seat, plan), one("4", "state-watch-kept"));
    // By the minutes of the plan, from the last one on.
    s.pass(29 * MINUTE);
    wang.does("command/check-in-post", &watch).unwrap();
    s.pass(29 * MINUTE);
    assert_eq!((board(&seat, plan), rings(&seat)), (one("4", "state-watch-kept"), 0));
    s.pass(MINUTE);
    assert_eq!((board(&seat, plan), rings(&seat)), (one("1", "watch-missed"), 1), "a new one rings again");
    wang.does("command/check-in-post", &watch).unwrap();
    assert_eq!(rings(&seat), 0, "checked in, it rings no more");
    // The shift ends, and with it the watch; whatever nobody did after it is nobody's omission.
    s.until(at(12));
    assert_eq!((s.state(watches[0]).as_str(), board(&seat, plan).len(), rings(&seat)), ("relieved", 0, 0));
    let review = s.boss().sees("command/major-review", &about(plan)).unwrap();
    assert_eq!(
        review.rows("posts-checks")[0][1..3],
        ["3".to_owned(), "3".to_owned()][..],
        "{:?}",
        review.rows("posts-checks")
    );
}

#[test]
fn the_next_shift_is_watched_from_its_own_beginning_and_people_may_come_early() {
    let s = Scene::new();
    let plan = s.draft();
    let post = s.add_post(plan, "北门", 1);
    let (early, late) = (s.add_shift(plan, "早班", 8, 10), s.add_shift(plan, "晚班", 10, 12));
    s.assign(post, early, "wang");
    s.assign(post, late, "li");
    s.hold(plan);
    s.planner().does("command/brief-major", &about(plan)).unwrap();
    s.until(at(7));
    let watches = s.chief().does("command/begin-major", &about(plan)).unwrap().created("major-watch");
    let seat = s.city.person("seat", &["operator"]).unwrap();
    let (wang, li) = (s.city.person("wang", &[]).unwrap(), s.city.person("li", &[]).unwrap());
    assert_eq!(board(&seat, plan), [("4".to_owned(), "watch-ahead".to_owned()), ("4".into(), "watch-ahead".into())]);
    let (first, second) = (json!({"watch": watches[0].0}), json!({"watch": watches[1].0}));
    assert_eq!(li.refused("command/check-in-post", &second).unwrap(), "conflict: major-too-early");
    wang.does("command/check-in-post", &first).unwrap();
    s.until(at(8));
    s.pass(29 * MINUTE);
    assert_eq!(rings(&seat), 0, "early counts from the beginning of the shift");
    s.until(at(10));
    assert_eq!((s.state(watches[0]).as_str(), s.state(watches[1]).as_str()), ("relieved", "waiting"));
    s.pass(10 * MINUTE);
    assert_eq!(board(&seat, plan), one("1", "watch-missed"));
}

#[test]
fn a_plan_that_is_not_answered_briefed_or_begun_in_time_is_said_to_be_late_and_nothing_is_done_by_itself() {
    let s = Scene::new();
    let plan = s.full();
    s.hold(plan);
    let gaps = |s: &Scene| -> Vec<String> {
        let page = s.boss().sees("command/major-review", &about(plan)).unwrap();
        page.rows("gaps").into_iter().map(|r| r[0].clone()).filter(|g| g.starts_with("gap-major-clock")).collect()
    };
    s.until(at(8 - 24));
    assert_eq!(gaps(&s), ["gap-major-clock-brief"], "a day before it begins");
    s.planner().does("command/brief-major", &about(plan)).unwrap();
    s.until(at(8));
    s.pass(15 * MINUTE);
    assert_eq!(
        (s.state(plan).as_str(), gaps(&s)),
        ("briefed", vec!["gap-major-clock-brief".to_owned(), "gap-major-clock-begin".into()])
    );
    let list = s.planner().sees("command/majors", &json!({})).unwrap().rows("major-coming");
    assert_ne!(list[0][4], "", "the list says by when");
    s.chief().does("command/begin-major", &about(plan)).unwrap();
    s.until(at(12));
    s.pass(2 * HOUR);
    assert_eq!(s.state(plan), "live", "no clock stands it down");
    assert_eq!(gaps(&s).last().map(String::as_str), Some("gap-major-clock-end"));
}

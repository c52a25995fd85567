//! Who is rung when, and what ends it, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity};
use serde_json::{Value as Json, json};

const SECOND: i64 = Micros::SECOND;

fn press(place: EntityId) -> Json {
    json!({"place": place.0, "category": "help", "floor": "3F", "room": "302", "presser_role": "护士"})
}

fn about(alarm: EntityId) -> Json {
    json!({"alarm": alarm.0})
}

/// How many alarms ring at somebody.
fn rings(who: &Person<'_>) -> usize {
    who.sees("command/ringing", &json!({})).unwrap().parts("alarm").len()
}

fn pass(city: &TestCity, seconds: i64) {
    city.pass(seconds * SECOND);
    city.city().run_timers();
}

fn on_duty(planner: &Person<'_>, place: EntityId, post: &str, person: &Person<'_>) {
    let times = json!({"place": place.0, "post": post, "person": person.id().0, "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"});
    planner.does("office/plan-duty", &times).unwrap();
}

#[test]
fn it_rings_up_the_ladder_and_stops_at_the_first_name() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (seat, official) = (city.person("seat", &["operator"]).unwrap(), city.person("boss", &["official"]).unwrap());
    let (police, guard) = (city.person("police", &["police"]).unwrap(), city.person("guard", &["guard"]).unwrap());
    let admin = city.person("planner", &["admin"]).unwrap();
    admin.does("command/enrol", &json!({"place": hall.0, "login": "guard", "duty": "guard"})).unwrap();
    let alarm = admin.does("command/ring", &press(hall)).unwrap().id("alarm").unwrap();
    let all = || [rings(&seat), rings(&guard), rings(&official), rings(&police)];
    assert_eq!((city.state(alarm).unwrap().as_str(), all()), ("rung", [1, 0, 0, 0]));
    pass(&city, 15);
    assert_eq!((city.state(alarm).unwrap().as_str(), all()), ("rung-all", [1, 0, 0, 0]));
    pass(&city, 15);
    assert_eq!((city.state(alarm).unwrap().as_str(), all()), ("rung-leaders", [1, 1, 1, 0]));
    pass(&city, 30);
    assert_eq!((city.state(alarm).unwrap().as_str(), all()), ("rung-district", [1, 1, 1, 1]));
    pass(&city, 3_600);
    assert_eq!(all(), [1, 1, 1, 1], "it rings until somebody takes it");
    guard.does("command/acknowledge", &about(alarm)).unwrap();
    pass(&city, 3_600);
    assert_eq!((city.state(alarm).unwrap().as_str(), all()), ("acknowledged", [0, 0, 0, 0]));
}

#[test]
fn whoever_is_off_duty_is_not_rung_and_a_post_nobody_holds_rings_by_itself_once() {
    let city = TestCity::with(&["command", "office"]).unwrap();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let hall = city.place("building", "building", "B-1", Some("S-1")).unwrap();
    let (on, off) = (city.person("on", &["operator"]).unwrap(), city.person("off", &["operator"]).unwrap());
    let officer = city.person("officer", &["duty-officer"]).unwrap();
    on_duty(&officer, street, "desk", &on);
    officer.does("command/ring", &press(hall)).unwrap();
    for _ in 0..4 {
        assert_eq!((rings(&on), rings(&off), rings(&officer)), (1, 0, 0), "at no step of the ladder");
        assert_eq!(off.sees("command/tasks", &json!({})).unwrap().rows("tasks").len(), 0);
        pass(&city, 20);
    }
    assert_eq!(on.sees("command/tasks", &json!({})).unwrap().rows("tasks").len(), 1);
    // The next day nobody is planned: the post is a hole. Everybody of the role is rung, and the hole rings beside it.
    city.pass(24 * 3_600 * SECOND);
    for category in ["fire", "medical"] {
        let body = json!({"place": hall.0, "category": category});
        officer.does("command/ring", &body).unwrap();
    }
    let board = on.sees("command/board", &json!({})).unwrap().rows("open-alarms");
    let holes: Vec<_> = board.iter().filter(|row| row[1] == "roster-hole").collect();
    assert_eq!(holes.len(), 1, "once, and not for each alarm: {board:?}");
    assert_eq!((holes[0][2].as_str(), holes[0][3].as_str()), ("S-1", "desk"));
    assert_eq!(rings(&off), 4, "the alarm of yesterday, two of today, and the hole");
    officer.does("command/check-roster", &json!({"place": hall.0})).unwrap();
    assert_eq!(rings(&off), 4);
}

#[test]
fn a_seat_of_another_district_is_not_rung() {
    let city = TestCity::with(&["command"]).unwrap();
    let (here, there) =
        (city.place("division", "district", "D-1", None), city.place("division", "district", "D-2", None));
    let hall = city.place("building", "building", "B-1", Some("D-1")).unwrap();
    let (near, far) = (city.person("near", &[]).unwrap(), city.person("far", &[]).unwrap());
    let admin = city.person("planner", &["admin"]).unwrap();
    for (who, place) in [(&near, here.unwrap()), (&far, there.unwrap())] {
        let grant = json!({"account": who.id().0, "role": "operator", "division": place.0});
        admin.does("host/grant-role", &grant).unwrap();
    }
    admin.does("command/ring", &press(hall)).unwrap();
    assert_eq!((rings(&near), rings(&far)), (1, 0));
    pass(&city, 120);
    assert_eq!((rings(&near), rings(&far)), (1, 0));
}

#[test]
fn a_press_keeps_its_own_time_and_one_of_another_day_rings_nobody() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (nurse, seat) = (city.person("nurse", &[]).unwrap(), city.person("seat", &["operator"]).unwrap());
    let at = |before: i64, category: &str| {
        let pressed = Micros(city.now().0 - before * SECOND).to_rfc3339();
        json!({"place": hall.0, "category": category, "pressed": pressed})
    };
    let flag =
        |alarm: EntityId| city.value(alarm, "command.alarm.late").unwrap() == changzhi_testkit::Value::Flag(true);
    for (before, category, late) in [(5, "help", false), (600, "fire", true), (-86_400 * 3, "medical", true)] {
        let done = nurse.does("command/ring", &at(before, category)).unwrap();
        assert_eq!(done.text("outcome").unwrap(), "rung", "{before}");
        assert_eq!(flag(done.id("alarm").unwrap()), late, "{before}");
    }
    assert_eq!(rings(&seat), 3);
    let old = nurse.does("command/ring", &at(86_401, "security")).unwrap();
    assert_eq!(
        (old.text("outcome").unwrap(), city.state(old.id("alarm").unwrap()).unwrap().as_str()),
        ("kept", "kept")
    );
    assert_eq!(rings(&seat), 3);
    // The same key is the same press, however often it is sent.
    let (first, again) = (nurse.under_key("k-1"), nurse.under_key("k-1"));
    let one = first.does("command/ring", &at(0, "security")).unwrap();
    let body = at(0, "security");
    let two = again.does("command/ring", &body).unwrap();
    assert!(two.replayed && one.id("alarm").unwrap() == two.id("alarm").unwrap());
}

#[test]
fn only_the_agreed_word_takes_an_alarm_back_and_the_duress_word_rings_on_unseen() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (nurse, seat) = (city.person("nurse", &[]).unwrap(), city.person("seat", &["operator"]).unwrap());
    let alike = json!({"safe": "蓝鸟", "duress": " 蓝鸟 "});
    assert_eq!(nurse.refused("host/set-alarm-words", &alike).unwrap(), "invalid: duress: host-words-alike");
    nurse.does("host/set-alarm-words", &json!({"safe": "蓝鸟", "duress": "红花"})).unwrap();
    assert!(city.is_sealed(nurse.id(), "host.words.duress") && city.is_sealed(nurse.id(), "host.words.safe"));
    let ring = |category: &str| {
        let body = json!({"place": hall.0, "category": category});
        nurse.does("command/ring", &body).unwrap().id("alarm").unwrap()
    };
    let says = |alarm: EntityId, word: &str| {
        let done = nurse.does("command/take-back", &json!({"alarm": alarm.0, "alarm_word": word})).unwrap();
        assert!(done.changes().iter().all(|c| !c.contains(word)));
        // What the phone is told, and what it shows.
        (done.text("outcome").unwrap().to_owned(), nurse.sees("command/pressed", &about(alarm)).unwrap().value("state"))
    };
    let (safe, duress, wrong) = (ring("help"), ring("medical"), ring("fire"));
    assert_eq!(rings(&seat), 3);
    let told = says(safe, "蓝鸟");
    assert_eq!((told.clone(), says(wrong, "绿草")), (says(duress, "红花"), told), "they look alike");
    let mark = |alarm: EntityId| city.value(alarm, "command.alarm.mark").unwrap().as_text().map(str::to_owned);
    assert_eq!(mark(safe).as_deref(), Some("taken-back"));
    assert_eq!(mark(duress).as_deref(), Some("duress"));
    assert_eq!(mark(wrong).as_deref(), Some("unproven"));
    assert_eq!(rings(&seat), 2, "two of three ring on");
    // A seat sees it, cannot call it mistaken, and the phone never tells.
    seat.does("command/acknowledge", &about(duress)).unwrap();
    let called = json!({"alarm": duress.0, "verdict": "mistaken", "reason": "x", "called_back": true});
    assert_eq!(seat.refused("command/clear", &called).unwrap(), "conflict: duress-is-real");
    assert!(seat.sees("command/alarm", &about(duress)).unwrap().says("duress-notice"));
    assert_eq!(
        nurse.sees("command/pressed", &about(duress)).unwrap().value("state"),
        nurse.sees("command/pressed", &about(safe)).unwrap().value("state")
    );
    let other = city.person("other", &[]).unwrap();
    assert_eq!(other.refused("command/take-back", &about(safe)).unwrap(), "not-found: no-such-alarm");
    assert!(other.sees("command/pressed", &about(safe)).is_err());
}

#[test]
fn a_phone_an_hour_ahead_or_behind_is_flagged_with_its_own_time_and_the_ladder_goes_by_the_host() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (nurse, seat) = (city.person("nurse", &[]).unwrap(), city.person("seat", &["operator"]).unwrap());
    let begun = city.now();
    let alarms: Vec<(EntityId, String)> = [(-3_600, "help"), (3_600, "fire"), (0, "medical")]
        .into_iter()
        .map(|(off, category)| {
            let pressed = Micros(begun.0 + off * SECOND).to_rfc3339();
            let body = json!({"place": hall.0, "category": category, "pressed": pressed});
            (nurse.does("command/ring", &body).unwrap().id("alarm").unwrap(), pressed)
        })
        .collect();
    for ((alarm, pressed), wrong) in alarms.iter().zip([true, true, false]) {
        let flag = city.value(*alarm, "command.alarm.late").unwrap();
        assert_eq!(flag == changzhi_testkit::Value::Flag(true), wrong);
        let own = city.value(*alarm, "command.alarm.pressed").unwrap();
        assert_eq!(own.to_json(), json!(pressed), "as the phone said it");
        let page = seat.sees("command/alarm", &about(*alarm)).unwrap();
        assert_eq!(page.value("pressed-late").is_some(), wrong, "its own time is shown where it is not ours");
        assert_eq!(page.value("rung"), Some(begun.0.to_string()), "beside the moment it rang here");
    }
    // Neither is further up the ladder than the other: every step is due after so long by the host's clock.
    for (wait, state) in [(14, "rung"), (2, "rung-all"), (15, "rung-leaders"), (30, "rung-district")] {
        pass(&city, wait);
        for (alarm, _) in &alarms {
            assert_eq!(city.state(*alarm).unwrap(), state);
        }
    }
}

#[test]
fn five_hundred_presses_from_one_place_are_one_line_of_the_board_and_none_is_lost() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (nurse, seat) = (city.person("nurse", &[]).unwrap(), city.person("seat", &["operator"]).unwrap());
    let mut alarms = std::collections::BTreeSet::new();
    for n in 0..500 {
        let body = json!({"place": hall.0, "category": "help", "floor": "3F", "room": format!("R{}", n % 120)});
        alarms.insert(nurse.does("command/ring", &body).unwrap().id("alarm").unwrap().0);
    }
    let board = seat.sees("command/board", &json!({})).unwrap();
    let rows = board.rows("open-alarms");
    assert_eq!((alarms.len(), rows.len(), rings(&seat)), (1, 1, 1), "one alarm, one line, one ring: {rows:?}");
    assert_eq!(
        (rows[0][3].as_str(), rows[0][8].as_str()),
        ("3F R0", "500"),
        "where it was pressed first, and how often"
    );
    // The other rooms are named as far as somebody can read them.
    let alarm = EntityId(*alarms.first().unwrap());
    let more = city.value(alarm, "command.alarm.more").unwrap().as_text().map(str::to_owned).unwrap();
    assert!(more.len() <= 200 && more.starts_with("3F R1 · 3F R2"), "{more}");
    // Of other kinds, and of the next house, none is swallowed.
    let next = city.place("building", "building", "B-2", None).unwrap();
    for (place, category) in [(hall, "fire"), (next, "help")] {
        let body = json!({"place": place.0, "category": category});
        assert_eq!(nurse.does("command/ring", &body).unwrap().text("outcome").unwrap(), "rung");
    }
    assert_eq!(rings(&seat), 3);
}

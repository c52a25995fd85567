//! Whom the ladder of an alarm tells by message, in the real host: those whom it rings, each once, and nobody off duty.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, Receiver, TestCity};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fmt::Display;

const SECOND: i64 = Micros::SECOND;

/// One message: about what, which, to whom.
type Told = (EntityId, String, BTreeSet<String>);

/// What was asked for so far, each message once with all who get it: an account by its number, a role by its name and how far it goes.
fn told(city: &TestCity) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for (about, wish) in city.wishes().unwrap() {
        let to: Vec<String> = match wish.receiver {
            Receiver::One { account, .. } => account.iter().map(ToString::to_string).collect(),
            Receiver::Roles { roles, all, .. } => {
                roles.iter().map(|r| format!("{r}{}", if all { " everywhere" } else { "" })).collect()
            }
        };
        assert!(wish.said.urgent && wish.said.until.is_some() && wish.said.with.is_empty(), "{:?}", wish.said);
        let message = wish.said.message;
        match all.iter_mut().find(|(a, m, _)| (*a, &**m) == (about, message.as_str())) {
            Some((_, _, before)) => before.extend(to),
            None => all.push((about, message, to.into_iter().collect())),
        }
    }
    all
}

fn of(about: EntityId, message: &str, to: &[&dyn Display]) -> Told {
    (about, message.to_owned(), to.iter().map(|one| one.to_string()).collect())
}

/// Lets the time pass, and everything that comes of it.
fn pass(city: &TestCity, seconds: i64) {
    city.pass(seconds * SECOND);
    city.city().run_timers();
    city.settle().unwrap();
}

fn press(place: EntityId) -> Json {
    json!({"place": place.0, "category": "help"})
}

fn on_duty(planner: &Person<'_>, place: EntityId, post: &str, person: &Person<'_>) {
    let times = json!({"place": place.0, "post": post, "person": person.id().0, "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"});
    planner.does("office/plan-duty", &times).unwrap();
}

#[test]
fn each_step_tells_whom_the_roster_names_once_and_nobody_off_duty() {
    let city = TestCity::with(&["command", "office"]).unwrap();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let hall = city.place("building", "building", "B-1", Some("S-1")).unwrap();
    let who = |login: &str, role: &str| city.person(login, &[role]).unwrap();
    let (desk, over, lead) = (who("desk", "operator"), who("over", "operator"), who("lead", "official"));
    let (standby, guard, off) = (who("standby", "operator"), who("guard", "guard"), who("off", "operator"));
    let (officer, boss) = (who("officer", "duty-officer"), who("boss", "official"));
    let city_wide = city.place("division", "city", "C-1", None).unwrap();
    for (place, post, person) in [(street, "desk", &desk), (street, "lead", &lead), (street, "standby", &standby)] {
        on_duty(&officer, place, post, person);
    }
    // Another division's desk is none of this place's.
    on_duty(&officer, city_wide, "desk", &over);
    officer.does("command/enrol", &json!({"place": hall.0, "login": "guard", "duty": "guard"})).unwrap();
    officer.does("command/enrol", &json!({"place": hall.0, "login": "off", "duty": "staff"})).unwrap();

    let done = officer.does("command/ring", &press(hall)).unwrap();
    let alarm = done.id("alarm").unwrap();
    // With the press, in its own transaction: there is no moment in which it rings and nobody is told.
    assert!(done.changes().contains(&"intend notify".to_owned()), "{:?}", done.changes());
    let mut wanted = vec![of(alarm, "alarm-rings", &[&desk.id()])];
    assert_eq!(told(&city), wanted);
    pass(&city, 15);
    assert_eq!(told(&city), wanted, "there is no other desk above this place");
    pass(&city, 15);
    wanted[0].2.extend([lead.id().to_string(), guard.id().to_string()]);
    assert_eq!(told(&city), wanted);
    pass(&city, 30);
    wanted[0].2.extend([standby.id().to_string(), "police everywhere".into()]);
    assert_eq!(told(&city), wanted);
    let each: Vec<_> = city.wishes().unwrap();
    assert_eq!(each.len(), 5, "one message for each of them: {each:?}");
    // Nobody came: all of them once more.
    pass(&city, 60);
    wanted.push(of(alarm, "alarm-unanswered", &[]));
    wanted[1].2 = wanted[0].2.clone();
    assert_eq!(told(&city), wanted);
    for nobody in [&off, &boss, &over, &officer] {
        assert!(wanted.iter().all(|(_, _, to)| !to.contains(&nobody.id().to_string())));
    }
    // Taken: it tells nobody any more, but whoever has the desk when the next step is late.
    lead.does("command/acknowledge", &json!({"alarm": alarm.0})).unwrap();
    pass(&city, 120);
    wanted.push(of(alarm, "alarm-late", &[&desk.id()]));
    assert_eq!(told(&city), wanted);
}

#[test]
fn without_a_roster_whoever_holds_the_role_up_to_the_whole_city_is_told_and_each_role_once() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let nurse = city.person("nurse", &[]).unwrap();
    let alarm = nurse.does("command/ring", &press(hall)).unwrap().id("alarm").unwrap();
    let joins = nurse.does("command/ring", &press(hall)).unwrap();
    assert_eq!(joins.text("outcome").unwrap(), "joined");
    let mut wanted = vec![of(alarm, "alarm-rings", &[&"operator everywhere", &"duty-officer everywhere"])];
    assert_eq!(told(&city), wanted, "a press that joins tells nobody again");
    for (seconds, more) in [(15, None), (15, Some("official")), (30, Some("police"))] {
        pass(&city, seconds);
        wanted[0].2.extend(more.map(|role| format!("{role} everywhere")));
        assert_eq!(told(&city), wanted, "{more:?}");
    }
}

#[test]
fn an_alarm_that_is_taken_or_taken_back_tells_nobody_further_up() {
    let city = TestCity::with(&["command"]).unwrap();
    let place = |code: &str| city.place("building", "building", code, None).unwrap();
    let (nurse, seat) = (city.person("nurse", &[]).unwrap(), city.person("seat", &["operator"]).unwrap());
    nurse.does("host/set-alarm-words", &json!({"safe": "蓝鸟", "duress": "红花"})).unwrap();
    let ring = |code: &str| nurse.does("command/ring", &press(place(code))).unwrap().id("alarm").unwrap();
    let (taken, back, rings) = (ring("B-1"), ring("B-2"), ring("B-3"));
    seat.does("command/acknowledge", &json!({"alarm": taken.0})).unwrap();
    nurse.does("command/take-back", &json!({"alarm": back.0, "alarm_word": "蓝鸟"})).unwrap();
    let others = || told(&city).into_iter().filter(|(about, _, _)| *about != rings).collect::<Vec<_>>();
    let before = others();
    for seconds in [15, 15, 30] {
        pass(&city, seconds);
    }
    assert_eq!(others(), before);
    assert_eq!(
        before.iter().map(|(about, _, _)| *about).collect::<Vec<_>>(),
        [taken, back],
        "with the press, and that was all"
    );
}

#[test]
fn under_duress_no_telephone_at_the_place_is_made_to_sound() {
    let city = TestCity::with(&["command"]).unwrap();
    let (hall, other) = (
        city.place("building", "building", "B-1", None).unwrap(),
        city.place("building", "building", "B-2", None).unwrap(),
    );
    let (nurse, admin) = (city.person("nurse", &[]).unwrap(), city.person("planner", &["admin"]).unwrap());
    let guard = city.person("guard", &["guard"]).unwrap();
    for place in [hall, other] {
        admin.does("command/enrol", &json!({"place": place.0, "login": "guard", "duty": "guard"})).unwrap();
    }
    nurse.does("host/set-alarm-words", &json!({"safe": "蓝鸟", "duress": "红花"})).unwrap();
    let ring = |place| nurse.does("command/ring", &press(place)).unwrap().id("alarm").unwrap();
    let (duress, open) = (ring(hall), ring(other));
    nurse.does("command/take-back", &json!({"alarm": duress.0, "alarm_word": "红花"})).unwrap();
    for seconds in [15, 15, 30] {
        pass(&city, seconds);
    }
    let guards = |alarm: EntityId| {
        told(&city).iter().any(|(about, _, to)| *about == alarm && to.contains(&guard.id().to_string()))
    };
    assert!(guards(open) && !guards(duress));
    let police = told(&city).iter().any(|(about, _, to)| *about == duress && to.contains("police everywhere"));
    assert!(police, "whoever is elsewhere is told");
    assert_eq!(
        guard.sees("command/ringing", &json!({})).unwrap().parts("alarm").len(),
        2,
        "without sound it rings there"
    );
}

#[test]
fn an_exercise_says_so_a_test_tells_nobody_and_what_is_wrong_with_the_house_is_for_seats_and_leaders() {
    let city = TestCity::with(&["command", "office"]).unwrap();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let hall = city.place("building", "building", "B-1", Some("S-1")).unwrap();
    let officer = city.person("officer", &["duty-officer"]).unwrap();
    let guard = city.person("guard", &["guard"]).unwrap();
    officer.does("command/enrol", &json!({"place": hall.0, "login": "guard", "duty": "guard"})).unwrap();
    let ring = |body: Json| officer.does("command/ring", &body).unwrap().id("alarm").unwrap();
    ring(json!({"place": hall.0, "category": "test"}));
    assert_eq!(told(&city), []);
    let exercise = ring(json!({"place": hall.0, "category": "fire", "exercise": true}));
    let seats: [&dyn Display; 2] = [&"operator everywhere", &"duty-officer everywhere"];
    assert_eq!(told(&city), [of(exercise, "alarm-rings-exercise", &seats)]);
    officer.does("command/acknowledge", &json!({"alarm": exercise.0})).unwrap();
    // The desk was held yesterday and is not today.
    on_duty(&officer, street, "desk", &officer);
    city.pass(36 * 3_600 * SECOND);
    let before = told(&city).len();
    let hole = officer.does("command/check-roster", &json!({"place": hall.0})).unwrap().created("alarm")[0];
    assert_eq!(told(&city)[before..], [of(hole, "alarm-of-house", &seats)]);
    for seconds in [15, 15, 30] {
        pass(&city, seconds);
    }
    let mut wanted = of(hole, "alarm-of-house", &seats);
    wanted.2.insert("official everywhere".into());
    let of_hole: Vec<Told> = told(&city).into_iter().filter(|(about, _, _)| *about == hole).collect();
    assert_eq!(of_hole, [wanted], "no police, and not {}", guard.id());
}

#[test]
fn a_task_that_does_not_go_on_is_told_to_the_seats_on_duty_and_a_check_in_still_missing_to_whoever_leads() {
    let city = TestCity::with(&["command", "office"]).unwrap();
    let street = city.place("division", "street", "S-1", None).unwrap();
    let hall = city.place("building", "building", "B-1", Some("S-1")).unwrap();
    let who = |login: &str, role: &str| city.person(login, &[role]).unwrap();
    let (desk, lead, off) = (who("desk", "operator"), who("lead", "official"), who("off", "operator"));
    let (officer, boss) = (who("officer", "duty-officer"), who("boss", "official"));
    for (post, person) in [("desk", &desk), ("lead", &lead)] {
        on_duty(&officer, street, post, person);
    }
    let alarm = desk.does("command/ring", &press(hall)).unwrap().id("alarm").unwrap();
    desk.does("command/acknowledge", &json!({"alarm": alarm.0})).unwrap();
    let sent = |login: &str| {
        let person = city.person(login, &[]).unwrap();
        let body = json!({"login": login, "sort": "guard", "place": street.0});
        let responder = officer.does("command/register-responder", &body).unwrap().id("responder").unwrap();
        person.does("command/sign-on", &json!({})).unwrap();
        let body = json!({"alarm": alarm.0, "pick_1": responder.0, "reason": "near"});
        desk.does("command/send-responders", &body).unwrap().created("task")[0]
    };
    let (silent, goes) = (sent("one"), sent("two"));
    city.person("two", &[]).unwrap().does("command/accept-task", &json!({"task": goes.0})).unwrap();
    let of_task = |task: EntityId| -> Vec<Told> {
        told(&city).into_iter().filter(|(about, m, _)| *about == task && m != "task-offered").collect()
    };
    pass(&city, 60);
    assert_eq!(of_task(silent), [of(silent, "task-no-answer", &[&desk.id()])]);
    pass(&city, 240);
    let late = of(goes, "task-late", &[&desk.id()]);
    assert_eq!(of_task(goes), std::slice::from_ref(&late));
    city.person("two", &[]).unwrap().does("command/set-out", &json!({"task": goes.0})).unwrap();
    pass(&city, 20 * 60);
    assert_eq!(of_task(goes), [late.clone(), of(goes, "task-overdue", &[&desk.id()])]);
    pass(&city, 5 * 60);
    assert_eq!(of_task(goes), [late, of(goes, "task-overdue", &[&desk.id(), &lead.id()])]);
    for nobody in [&off, &boss, &officer] {
        assert!(told(&city).iter().all(|(_, _, to)| !to.contains(&nobody.id().to_string())), "{}", nobody.id());
    }
}

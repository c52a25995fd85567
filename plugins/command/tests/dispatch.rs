//! From who can be sent to who is there, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity, Value};
use serde_json::{Value as Json, json};

const MINUTE: i64 = 60 * Micros::SECOND;
const SECOND: i64 = Micros::SECOND;

/// A city with a hall in a district, and a station in another.
struct Scene {
    city: TestCity,
    hall: EntityId,
    grid: EntityId,
    far: EntityId,
}

/// A place with a position; the kit's own places have none.
fn place(admin: &Person<'_>, code: &str, parent: &str, lat: f64) -> EntityId {
    let at = json!({"lon": 115.9, "lat": lat});
    let body =
        json!({"kind": "grid", "category": "grid", "code": code, "name": code, "parent": parent, "position": at});
    admin.does("host/create-place", &body).unwrap().id("place").unwrap()
}

fn scene() -> Scene {
    let city = TestCity::with(&["command"]).unwrap();
    city.place("division", "district", "D-1", None).unwrap();
    city.place("division", "district", "D-2", None).unwrap();
    let admin = city.person("admin", &["admin"]).unwrap();
    let (hall, grid, far) = (
        place(&admin, "hall", "D-1", 28.700),
        place(&admin, "G-1", "D-1", 28.705),
        place(&admin, "G-2", "D-2", 28.720),
    );
    drop(admin);
    Scene { city, hall, grid, far }
}

impl Scene {
    fn seat(&self) -> Person<'_> {
        self.city.person("seat", &["operator"]).unwrap()
    }

    /// Somebody who is written down, and has signed on.
    fn responder(&self, login: &str, sort: &str, at: EntityId) -> (Person<'_>, EntityId) {
        let person = self.city.person(login, &[]).unwrap();
        let officer = self.city.person("officer", &["duty-officer"]).unwrap();
        let body = json!({"login": login, "sort": sort, "place": at.0});
        let responder = officer.does("command/register-responder", &body).unwrap().id("responder").unwrap();
        person.does("command/sign-on", &json!({})).unwrap();
        (person, responder)
    }

    fn card(&self, needs: &str) {
        let officer = self.city.person("officer", &["duty-officer"]).unwrap();
        officer.does("command/set-dispatch-card", &json!({"needs": needs})).unwrap();
    }

    /// An alarm that was taken.
    fn alarm(&self, category: &str) -> EntityId {
        let alarm = self.rung(category);
        self.seat().does("command/acknowledge", &json!({"alarm": alarm.0})).unwrap();
        alarm
    }

    fn rung(&self, category: &str) -> EntityId {
        let body = json!({"place": self.hall.0, "category": category});
        self.city.person("nurse", &[]).unwrap().does("command/ring", &body).unwrap().id("alarm").unwrap()
    }

    fn pass(&self, time: i64) {
        self.city.pass(time);
        self.city.city().run_timers();
    }

    /// Who is proposed, in order.
    fn proposed(&self, alarm: EntityId) -> Vec<String> {
        let page = self.seat().sees("command/proposal", &json!({"alarm": alarm.0})).unwrap();
        page.rows("picks").into_iter().map(|row| row[1].clone()).collect()
    }

    /// Need, how many, why.
    fn short(&self, alarm: EntityId) -> Vec<Vec<String>> {
        self.seat().sees("command/proposal", &json!({"alarm": alarm.0})).unwrap().rows("shortfalls")
    }

    fn send(&self, alarm: EntityId, who: &[EntityId]) -> Vec<EntityId> {
        let done = self.seat().does("command/send-responders", &sent(alarm, who)).unwrap();
        done.created("task")
    }
}

fn sent(alarm: EntityId, who: &[EntityId]) -> Json {
    let mut body = json!({"alarm": alarm.0});
    for (n, id) in who.iter().enumerate() {
        body[format!("pick_{}", n + 1)] = json!(id.0);
    }
    body
}

fn about(task: EntityId) -> Json {
    json!({"task": task.0})
}

fn rings(seat: &Person<'_>) -> usize {
    seat.sees("command/ringing", &json!({})).unwrap().parts("alarm").len()
}

#[test]
fn a_responder_is_written_down_by_a_desk_and_signs_on_and_off_by_themselves() {
    let s = scene();
    let wang = s.city.person("wang", &[]).unwrap();
    assert_eq!(wang.refused("command/sign-on", &json!({})).unwrap(), "denied: no-responder");
    let officer = s.city.person("officer", &["duty-officer"]).unwrap();
    let body =
        |place: EntityId| json!({"login": "wang", "sort": "volunteer", "place": place.0, "skills": "first-aid boat"});
    assert_eq!(wang.refused("command/register-responder", &body(s.grid)).unwrap().kind(), "role");
    let home = s.city.place("building", "building", "B-9", Some("D-1")).unwrap();
    let dwelling = officer.refused("command/register-responder", &body(home)).unwrap();
    assert_eq!(dwelling, "invalid: place: stand-by-no-dwelling");
    let responder = officer.does("command/register-responder", &body(s.grid)).unwrap().id("responder").unwrap();
    let again = officer.does("command/register-responder", &body(s.far)).unwrap().id("responder").unwrap();
    assert_eq!(responder, again, "one standing for an account");
    let list = |who: &Person<'_>| who.sees("command/responders", &json!({})).unwrap().rows("responders");
    assert_eq!(list(&officer), [["wang", "volunteer", "stand-off", "G-2", "first-aid boat"]]);
    wang.does("command/sign-on", &json!({})).unwrap();
    assert_eq!(list(&officer)[0][2], "stand-free");
    assert!(list(&s.seat())[0].iter().all(|cell| !cell.contains("28.")), "no position of a person in a list");
    let on = s.city.value(responder, "command.responder.on_since").unwrap();
    s.city.pass(MINUTE);
    wang.does("command/sign-on", &json!({})).unwrap();
    assert_eq!(s.city.value(responder, "command.responder.on_since").unwrap(), on, "signed on twice is signed on once");
    wang.does("command/sign-off", &json!({})).unwrap();
    assert_eq!(list(&officer)[0][2], "stand-off");
    officer.does("command/end-responder", &json!({"responder": responder.0})).unwrap();
    assert_eq!(wang.refused("command/sign-on", &json!({})).unwrap(), "denied: no-responder");
    assert!(list(&officer).is_empty());
}

#[test]
fn the_most_particular_card_wins_and_a_version_never_changes() {
    let s = scene();
    let officer = s.city.person("officer", &["duty-officer"]).unwrap();
    let (fire, help) = (s.alarm("fire"), s.alarm("help"));
    let card = |alarm: EntityId, level: u8| {
        let page = s.seat().sees("command/proposal", &json!({"alarm": alarm.0, "as_if": level})).unwrap();
        let said = ["card-default", "card-of-city", "card-of-place"].into_iter().find(|key| page.says(key)).unwrap();
        (said, page.value("asked").unwrap())
    };
    assert_eq!(card(fire, 1).0, "card-default");
    let set = |body: Json| officer.does("command/set-dispatch-card", &body).unwrap();
    set(json!({"needs": "police x1"}));
    assert_eq!(card(fire, 1), ("card-of-city", "1".into()));
    set(json!({"needs": "fire x3", "category": "fire"}));
    assert_eq!((card(fire, 1).1, card(help, 1).1), ("3".into(), "1".into()), "the alarm's own kind");
    set(json!({"needs": "fire x6", "category": "fire", "card_from": 3}));
    assert_eq!((card(fire, 2).1, card(fire, 3).1, card(fire, 4).1), ("3".into(), "6".into(), "6".into()));
    let first = set(json!({"needs": "fire x2; guard x2", "place": s.hall.0}));
    assert_eq!(card(fire, 4), ("card-of-place", "4".into()), "the nearest place, of any kind and level");
    let second = set(json!({"needs": "fire x5", "place": s.hall.0}));
    assert_eq!(
        (first.value("version").unwrap().as_int(), second.value("version").unwrap().as_int()),
        (Some(1), Some(2))
    );
    let kept = s.city.value(first.id("card").unwrap(), "command.dispatch-card.needs").unwrap();
    assert_eq!(kept.as_text(), Some("fire x2; guard x2"));
    set(json!({"place": s.hall.0}));
    assert_eq!(card(fire, 3), ("card-of-city", "6".into()), "an emptied card is none");
    let wrong = officer.refused("command/set-dispatch-card", &json!({"needs": "police two"})).unwrap();
    assert_eq!(wrong, "invalid: needs: need-unreadable");
    assert_eq!(officer.sees("command/dispatch-cards", &json!({})).unwrap().rows("dispatch-cards").len(), 3);
}

#[test]
fn a_person_sends_whom_was_proposed_or_says_why_not() {
    let s = scene();
    s.card("police x1 3000m; volunteer x2");
    let (_, near) = s.responder("near", "police", s.grid);
    let (_, far) = s.responder("far", "police", s.far);
    let (_, one) = s.responder("one", "volunteer", s.grid);
    let rung = s.rung("help");
    assert_eq!(s.seat().refused("command/send-responders", &sent(rung, &[near])).unwrap(), "conflict: take-it-first");
    let alarm = s.alarm("security");
    assert_eq!(s.proposed(alarm), ["near", "one"]);
    assert_eq!(s.short(alarm)[0][..2], ["volunteer", "1"]);
    let page = s.seat().sees("command/proposal", &json!({"alarm": alarm.0})).unwrap();
    assert_eq!(page.rows("picks")[0], ["police", "near", "why-near", "556"]);
    assert_eq!(page.rows("cover"), [["D-1", "police", "0", "1"], ["D-1", "volunteer", "0", "1"]]);
    assert!(page.commands().contains(&"send-responders"));
    // Somebody else, or fewer: why?
    for who in [&[far, one][..], &[near][..]] {
        let refused = s.seat().refused("command/send-responders", &sent(alarm, who)).unwrap();
        assert_eq!(refused, "invalid: reason: differs-needs-reason");
    }
    let twice = s.seat().refused("command/send-responders", &sent(alarm, &[near, near])).unwrap();
    assert_eq!(twice, "invalid: pick_2: picked-twice");
    let mut body = sent(alarm, &[far, one]);
    body["reason"] = json!("懂当地话");
    let done = s.seat().does("command/send-responders", &body).unwrap();
    let tasks = done.created("task");
    assert_eq!((s.city.state(alarm).unwrap().as_str(), tasks.len()), ("dispatched", 2));
    assert_eq!(s.city.value(tasks[0], "command.task.differs").unwrap().as_text(), Some("懂当地话"));
    assert_eq!(done.changes().iter().filter(|c| *c == "intend notify").count(), 2, "{:?}", done.changes());
    // The card still asks for a second volunteer, and its police stands.
    assert!(s.proposed(alarm).is_empty());
    let busy = s.seat().refused("command/send-responders", &sent(alarm, &[one])).unwrap();
    assert_eq!(busy, "invalid: pick_1: responder-busy");
    assert_eq!(
        s.city.person("boss", &["official"]).unwrap().refused("command/send-responders", &body).unwrap().kind(),
        "role"
    );
}

#[test]
fn somebody_who_declines_or_does_not_answer_is_not_asked_again_and_the_next_is_proposed() {
    let s = scene();
    s.card("police x1");
    let (a, first) = s.responder("a", "police", s.grid);
    let (b, second) = s.responder("b", "police", s.grid);
    let (_c, _third) = s.responder("c", "police", s.far);
    let (seat, alarm) = (s.seat(), s.alarm("help"));
    let task = s.send(alarm, &[first])[0];
    assert_eq!(s.proposed(alarm), [""; 0], "the card is met");
    assert_eq!(b.refused("command/accept-task", &about(task)).unwrap(), "not-found: no-such-task", "not theirs");
    assert_eq!(seat.refused("command/accept-task", &about(task)).unwrap(), "not-found: no-such-task");
    assert_eq!(a.sees("command/my-task", &json!({})).unwrap().commands(), ["accept-task", "decline-task", "sign-off"]);
    assert_eq!(a.refused("command/sign-off", &json!({})).unwrap(), "conflict: task-first");
    let declined = a.does("command/decline-task", &json!({"task": task.0, "why_not": "发烧"})).unwrap();
    assert!(declined.changes().iter().any(|c| c.contains("why_not*")), "sealed: {:?}", declined.changes());
    assert!(s.city.is_sealed(task, "command.task.why_not"));
    assert_eq!((s.proposed(alarm), rings(&seat)), (vec!["b".to_owned()], 0));
    // Declining one alarm is nothing about the next one.
    assert_eq!(s.proposed(s.alarm("security")), ["a"]);
    let task = s.send(alarm, &[second])[0];
    s.pass(59 * SECOND);
    assert_eq!((s.city.state(task).unwrap().as_str(), rings(&seat)), ("offered", 0));
    s.pass(SECOND);
    assert_eq!((s.city.state(task).unwrap().as_str(), rings(&seat)), ("no-answer", 1));
    assert_eq!(s.proposed(alarm), ["c"]);
    assert_eq!(
        b.refused("command/accept-task", &about(task)).unwrap().kind(),
        "conflict",
        "too late: the seats went on"
    );
    let other = s.city.person("other", &[]).unwrap();
    assert!(other.sees("command/task", &about(task)).is_err());
    seat.does("command/see-task", &about(task)).unwrap();
    assert_eq!(rings(&seat), 0);
    let card = s.seat().sees("command/proposal", &json!({"alarm": alarm.0, "as_if": 1})).unwrap();
    assert_eq!(card.rows("picks")[0][1], "c");
}

#[test]
fn a_position_is_taken_only_on_an_accepted_task_and_is_gone_with_it() {
    let s = scene();
    s.card("police x1");
    let (wang, responder) = s.responder("wang", "police", s.grid);
    let seat = s.seat();
    let (li, _) = s.responder("li", "guard", s.grid);
    let alarm = s.alarm("help");
    let task = s.send(alarm, &[responder])[0];
    let here = json!({"task": task.0, "position": {"lon": 115.91, "lat": 28.71}});
    assert_eq!(wang.refused("command/tell-position", &here).unwrap(), "conflict: position-only-on-a-task", "not yet");
    wang.does("command/accept-task", &about(task)).unwrap();
    assert_eq!(li.refused("command/tell-position", &here).unwrap(), "not-found: no-such-task", "of another account");
    assert_eq!(seat.refused("command/tell-position", &here).unwrap(), "not-found: no-such-task");
    let told = wang.does("command/tell-position", &here).unwrap();
    assert_eq!(told.changes(), ["put command.task position* position_at"], "sealed in the journal");
    assert!(s.city.is_sealed(task, "command.task.position"));
    // Seen for a purpose, on one page, and by the access log.
    let of = json!({"alarm": alarm.0});
    assert!(seat.sees("command/where-now", &of).is_err(), "without a purpose");
    let looks = seat.stating("emergency").unwrap();
    let shows = |page: &changzhi_testkit::Shown| format!("{:?}", page.page).contains("28.71");
    let entered = || s.city.city().health().looks;
    assert_eq!(entered(), 0);
    assert!(shows(&looks.sees("command/where-now", &of).unwrap()));
    assert_eq!(entered(), 1, "the look is in the access log");
    let views = [
        ("proposal", of.clone()),
        ("dispatch-wall", json!({})),
        ("responders", json!({})),
        ("task", about(task)),
        ("alarm", of.clone()),
        ("board", json!({})),
    ];
    for (view, params) in &views {
        assert!(!shows(&looks.sees(&format!("command/{view}"), params).unwrap()), "{view}");
    }
    assert_eq!(entered(), 1, "no other page opened it");
    wang.does("command/arrive", &about(task)).unwrap();
    wang.does("command/finish-task", &about(task)).unwrap();
    assert!(!s.city.is_sealed(task, "command.task.position"), "gone");
    assert_eq!(s.city.value(task, "command.task.position_at").unwrap(), Value::None);
    assert!(!shows(&looks.sees("command/where-now", &of).unwrap()));
    assert_eq!(
        wang.refused("command/tell-position", &here).unwrap(),
        "conflict: position-only-on-a-task",
        "not any more"
    );
    for (view, params) in &views {
        assert!(!shows(&looks.sees(&format!("command/{view}"), params).unwrap()), "{view}");
    }
}

#[test]
fn a_missed_check_in_rings_the_seats_until_one_has_taken_notice() {
    let s = scene();
    s.card("police x1");
    let (wang, responder) = s.responder("wang", "police", s.grid);
    let (seat, alarm) = (s.seat(), s.alarm("help"));
    let task = s.send(alarm, &[responder])[0];
    for step in ["accept-task", "set-out"] {
        wang.does(&format!("command/{step}"), &about(task)).unwrap();
    }
    s.pass(15 * MINUTE);
    wang.does("command/check-in", &about(task)).unwrap();
    s.pass(19 * MINUTE);
    assert_eq!(rings(&seat), 0, "the check-in set it back");
    s.pass(MINUTE);
    assert_eq!(rings(&seat), 1);
    assert_eq!(s.city.state(task).unwrap(), "on-the-way", "nothing is judged, nothing ends");
    let wall = seat.sees("command/dispatch-wall", &json!({})).unwrap();
    assert_eq!((wall.value("open-tasks"), wall.value("overdue-tasks")), (Some("1".into()), Some("1".into())));
    assert_eq!(wall.rows("open-tasks")[0][..3], ["wang".to_owned(), "state-on-the-way".into(), "2100".into()]);
    seat.does("command/see-task", &about(task)).unwrap();
    assert_eq!(rings(&seat), 0);
    s.pass(60 * MINUTE);
    assert_eq!(rings(&seat), 0, "a seat looks after it");
    wang.does("command/check-in", &about(task)).unwrap();
    s.pass(20 * MINUTE);
    assert_eq!(rings(&seat), 1, "and the clock began anew");
    wang.does("command/arrive", &about(task)).unwrap();
    assert_eq!(rings(&seat), 0);
    wang.does("command/finish-task", &about(task)).unwrap();
}

#[test]
fn standing_down_releases_everybody_and_a_recalled_one_is_told() {
    let s = scene();
    s.card("police x2; guard x1");
    let (a, first) = s.responder("a", "police", s.grid);
    let (_, second) = s.responder("b", "police", s.grid);
    let (_, guard) = s.responder("g", "guard", s.grid);
    let (seat, alarm) = (s.seat(), s.alarm("help"));
    let tasks = s.send(alarm, &[first, second, guard]);
    a.does("command/accept-task", &about(tasks[0])).unwrap();
    a.does("command/tell-position", &json!({"task": tasks[0].0, "position": {"lon": 1.0, "lat": 2.0}})).unwrap();
    assert!(seat.refused("command/recall-task", &about(tasks[1])).is_ok(), "a reason is needed");
    let recalled = seat.does("command/recall-task", &json!({"task": tasks[1].0, "reason": "另有任务"})).unwrap();
    assert!(recalled.changes().contains(&"intend notify".to_owned()));
    let end = json!({"alarm": alarm.0, "outcome": "real", "safe_word_of": "王护士"});
    seat.does("command/stand-down", &end).unwrap();
    let states: Vec<String> = tasks.iter().map(|t| s.city.state(*t).unwrap()).collect();
    assert_eq!(states, ["released", "recalled", "released"]);
    assert!(!s.city.is_sealed(tasks[0], "command.task.position"));
    let list = seat.sees("command/responders", &json!({})).unwrap().rows("responders");
    assert!(list.iter().all(|row| row[2] == "stand-free"), "{list:?}");
    // Whoever was taken longest ago, or never, comes before whoever was just released.
    s.pass(MINUTE);
    assert_eq!(s.proposed(s.alarm("security"))[..2], ["a", "b"], "released and recalled in one minute: by number");
}

#[test]
fn an_exercise_touches_nobody_who_is_needed() {
    let s = scene();
    s.card("police x1");
    let (wang, responder) = s.responder("wang", "police", s.grid);
    let body = json!({"place": s.hall.0, "category": "help", "exercise": true});
    let exercise = s.seat().does("command/ring", &body).unwrap().id("alarm").unwrap();
    s.seat().does("command/acknowledge", &json!({"alarm": exercise.0})).unwrap();
    let played = s.send(exercise, &[responder])[0];
    wang.does("command/accept-task", &about(played)).unwrap();
    assert!(wang.sees("command/my-task", &json!({})).unwrap().says("exercise"));
    let real = s.alarm("security");
    assert_eq!(s.proposed(real), ["wang"], "an exercise holds nobody up");
    let task = s.send(real, &[responder])[0];
    let mine = wang.sees("command/my-task", &json!({})).unwrap();
    assert_eq!(mine.commands()[0], "accept-task", "what is real comes first");
    wang.does("command/accept-task", &about(task)).unwrap();
    let refused = s.seat().refused("command/send-responders", &sent(exercise, &[responder])).unwrap();
    assert_eq!(refused, "invalid: pick_1: responder-busy", "and nobody who is needed is played with");
    let call = json!({"alarm": exercise.0, "agency": "police-110"});
    assert_eq!(s.seat().refused("command/hand-over", &call).unwrap(), "conflict: exercise-stays-here");
}

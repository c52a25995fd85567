//! Buttons on walls through the door of all devices: their clocks, their signs of life, and the line they ring by.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_devices::door::{self, Became, Knock, Says};
use changzhi_gate::{CityBackend, DeviceProof, GateRefusal, Outcome};
use changzhi_testkit::{EntityId, Micros, TestCity, Value};
use serde_json::json;
use std::sync::Arc;

struct Button<'a> {
    city: &'a TestCity,
    record: EntityId,
    secret: String,
}

impl<'a> Button<'a> {
    fn enrolled(city: &'a TestCity, place: EntityId) -> Button<'a> {
        let officer = city.person("officer", &["duty-officer"]).unwrap();
        let body = json!({"place": place.0, "device": "A-302", "category": "help", "room": "302"});
        let done = officer.does("command/enrol-button", &body).unwrap();
        let secret = done.text("device_secret").unwrap().to_owned();
        Button { city, record: done.id("button").unwrap(), secret }
    }

    fn backend(&self) -> CityBackend {
        CityBackend(Arc::clone(self.city.city()))
    }

    fn says_by(&self, secret: &str, key: &str, says: &Says) -> Result<Became, GateRefusal> {
        let proof = DeviceProof::Secret(secret);
        let knock = Knock { device: "A-302", proof, address: "10.0.0.9", key: Some(key), locale: "en" };
        let checked = door::check(self.city.gate(), &self.backend(), &knock, says)?;
        match self.city.city().submit(checked.submission).wait() {
            Outcome::Done { answer, .. } => Ok(Became::of(&answer)),
            other => panic!("{other:?}"),
        }
    }

    fn says(&self, key: &str, says: &Says) -> Became {
        self.says_by(&self.secret, key, says).unwrap()
    }
}

fn pressed(at: Option<Micros>, category: &str) -> Says {
    Says::Pressed { pressed: at.map(Micros::to_rfc3339), category: Some(category.to_owned()) }
}

#[test]
fn a_button_rings_whatever_its_clock_says_and_however_many_guess_its_secret() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let button = Button::enrolled(&city, hall);
    city.pass(3 * Micros::DAY);
    let late = |became: &Became| {
        let alarm = EntityId(became.alarm.unwrap());
        city.value(alarm, "command.alarm.late").unwrap() == Value::Flag(true)
    };
    // Never set: 1970. It cannot have been pressed before it was enrolled.
    let unset = button.says("1", &pressed(Some(Micros(0)), "fire"));
    assert_eq!((unset.outcome.as_str(), late(&unset)), ("rung", true));
    let ahead = button.says("2", &pressed(Some(city.now().plus(400 * Micros::DAY)), "medical"));
    assert_eq!((ahead.outcome.as_str(), late(&ahead)), ("rung", true));
    // Two days ago may be true: a record.
    let old = button.says("3", &pressed(Some(city.now().plus(-2 * Micros::DAY)), "security"));
    assert_eq!(old.outcome, "kept");
    // What does not read at all is left out.
    let odd = Says::Pressed { pressed: Some("soon".into()), category: Some("joke".into()) };
    let odd = button.says("4", &odd);
    assert_eq!((odd.outcome.as_str(), late(&odd)), ("rung", false));
    // Somebody guesses, from the same address: they are made to wait, the button is not.
    let guess = |n: u32| button.says_by("btn_guess", &format!("g{n}"), &pressed(None, "help")).unwrap_err();
    let refused: Vec<GateRefusal> = (0..40).map(guess).collect();
    assert!(matches!(refused.first(), Some(GateRefusal::WrongPin)));
    assert!(matches!(refused.last(), Some(GateRefusal::Throttled(_))));
    assert_eq!(button.says("5", &pressed(None, "help")).outcome, "joined");
}

#[test]
fn nobody_but_the_device_and_the_host_gives_what_devices_and_the_host_give() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let button = Button::enrolled(&city, hall);
    let admin = city.person("boss", &["admin", "operator", "duty-officer"]).unwrap();
    for command in ["command/press-button", "command/button-alive"] {
        assert_eq!(admin.refused(command, &json!({"button": button.record.0})).unwrap().kind(), "role", "{command}");
    }
    let down = json!({"line": "MQTT", "since": city.now().to_rfc3339()});
    assert_eq!(admin.refused("command/line-down", &down).unwrap().kind(), "role");
}

#[test]
fn the_page_of_buttons_shows_when_each_was_heard_and_which_battery_is_to_be_changed() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let button = Button::enrolled(&city, hall);
    let seat = city.person("seat", &["operator"]).unwrap();
    let row = || seat.sees("command/buttons", &json!({})).unwrap().rows("buttons").remove(0);
    assert_eq!((row()[0].clone(), row()[7].clone(), row()[8].clone()), ("4".into(), String::new(), String::new()));
    assert_eq!(button.says("1", &Says::Alive { battery: Some(20) }).outcome, "alive");
    assert_eq!(
        (row()[0].clone(), row()[7].clone(), row()[8].clone()),
        ("3".into(), city.now().0.to_string(), "20".into())
    );
    assert_eq!(row()[5], "", "a sign of life is no press: the drill still asks for one");
    seat.does("command/revoke-button", &json!({"button": button.record.0})).unwrap();
    let before = row();
    city.pass(Micros::HOUR);
    assert!(button.says("2", &Says::Alive { battery: Some(90) }).is_revoked());
    assert_eq!(row(), before);
    assert!(button.says("3", &pressed(None, "help")).is_revoked());
    assert_eq!(row()[0], "2", "pressed though it is revoked");
}

#[test]
fn a_line_that_is_down_is_one_alarm_beside_the_calls_for_help_until_a_person_ends_it() {
    let city = TestCity::with(&["command"]).unwrap();
    let hall = city.place("building", "building", "B-1", None).unwrap();
    let (nurse, seat) = (city.person("nurse", &[]).unwrap(), city.person("seat", &["operator"]).unwrap());
    let backend = CityBackend(Arc::clone(city.city()));
    let down = |since: Micros| {
        let told = city.city().submit(door::line_down(&backend, "MQTT", since).unwrap()).wait();
        assert!(matches!(told, Outcome::Done { .. }), "{told:?}");
    };
    let since = city.now();
    down(since);
    city.pass(10 * Micros::SECOND);
    nurse.does("command/ring", &json!({"place": hall.0, "category": "help"})).unwrap();
    // Told again, and down again before anybody looked: still one.
    down(since);
    down(city.now());
    let lines = || -> Vec<Vec<String>> { seat.sees("command/board", &json!({})).unwrap().rows("open-alarms") };
    let seen: Vec<(String, String)> = lines().into_iter().map(|r| (r[0].clone(), r[1].clone())).collect();
    assert_eq!(seen, [("1".into(), "help".into()), ("2".into(), "line-down".into())], "a call for help comes first");
    let ringing = seat.sees("command/ringing", &json!({})).unwrap();
    assert!(ringing.parts("alarm").len() == 2 && ringing.value("spot").as_deref() == Some("MQTT"));
}

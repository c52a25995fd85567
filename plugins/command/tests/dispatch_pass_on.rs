//! Raising the level, passing on with a receipt, joining and parting: in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity};
use serde_json::json;

struct Scene {
    city: TestCity,
    hall: EntityId,
}

fn scene() -> Scene {
    let city = TestCity::with(&["command"]).unwrap();
    city.place("division", "district", "D-1", None).unwrap();
    let hall = city.place("facility", "school", "hall", Some("D-1")).unwrap();
    Scene { city, hall }
}

impl Scene {
    fn seat(&self) -> Person<'_> {
        self.city.person("seat", &["operator"]).unwrap()
    }

    fn rung(&self, place: EntityId, category: &str) -> EntityId {
        let body = json!({"place": place.0, "category": category});
        self.city.person("nurse", &[]).unwrap().does("command/ring", &body).unwrap().id("alarm").unwrap()
    }

    fn alarm(&self, category: &str) -> EntityId {
        let alarm = self.rung(self.hall, category);
        self.seat().does("command/acknowledge", &json!({"alarm": alarm.0})).unwrap();
        alarm
    }

    fn police(&self, login: &str) -> EntityId {
        let person = self.city.person(login, &[]).unwrap();
        let officer = self.city.person("officer", &["duty-officer"]).unwrap();
        let body = json!({"login": login, "sort": "police", "place": self.hall.0});
        let responder = officer.does("command/register-responder", &body).unwrap().id("responder").unwrap();
        person.does("command/sign-on", &json!({})).unwrap();
        responder
    }

    fn card(&self, needs: &str, from: u8) {
        let officer = self.city.person("officer", &["duty-officer"]).unwrap();
        officer.does("command/set-dispatch-card", &json!({"needs": needs, "card_from": from})).unwrap();
    }

    fn proposed(&self, alarm: EntityId) -> usize {
        self.seat().sees("command/proposal", &json!({"alarm": alarm.0})).unwrap().rows("picks").len()
    }
}

fn of(alarm: EntityId) -> serde_json::Value {
    json!({"alarm": alarm.0})
}

#[test]
fn a_higher_level_takes_a_larger_card_and_proposes_the_difference() {
    let s = scene();
    s.card("police x1", 1);
    s.card("police x3", 2);
    let all = [s.police("a"), s.police("b"), s.police("c")];
    let (seat, alarm) = (s.seat(), s.alarm("help"));
    seat.does("command/send-responders", &json!({"alarm": alarm.0, "pick_1": all[0].0})).unwrap();
    assert_eq!(s.proposed(alarm), 0);
    assert!(seat.refused("command/escalate", &json!({"alarm": alarm.0})).is_ok(), "why?");
    seat.does("command/escalate", &json!({"alarm": alarm.0, "reason": "人多"})).unwrap();
    let page = seat.sees("command/proposal", &of(alarm)).unwrap();
    assert_eq!(
        (page.value("response-level"), page.value("asked"), page.value("standing-already")),
        (Some("2".into()), Some("3".into()), Some("1".into()))
    );
    assert_eq!(s.proposed(alarm), 2);
    let two = json!({"alarm": alarm.0, "pick_1": all[1].0, "pick_2": all[2].0});
    seat.does("command/send-responders", &two).unwrap();
    assert_eq!(s.proposed(alarm), 0);
}

#[test]
fn what_is_passed_on_stays_ours_and_red_until_the_receipt_is_in() {
    let s = scene();
    let (seat, alarm) = (s.seat(), s.alarm("fire"));
    let over = json!({"alarm": alarm.0, "agency": "fire-119"});
    let rung = json!({"alarm": s.rung(s.hall, "help").0, "agency": "fire-119"});
    assert_eq!(seat.refused("command/hand-over", &rung).unwrap(), "conflict: take-it-first");
    let handover = seat.does("command/hand-over", &over).unwrap().id("handover").unwrap();
    assert_eq!(seat.refused("command/hand-over", &over).unwrap(), "conflict: handover-waits");
    let red = |who: &Person<'_>| who.sees("command/dispatch-wall", &json!({})).unwrap().value("no-receipt");
    assert_eq!(red(&seat), Some("1".into()));
    assert!(seat.sees("command/proposal", &of(alarm)).unwrap().says("handover-red"));
    assert_eq!(s.city.state(alarm).unwrap(), "acknowledged", "asked is not taken");
    let value = |field: &str| s.city.value(alarm, field).unwrap().as_text().map(str::to_owned);
    assert_eq!(value("command.alarm.passed_to"), None);
    s.city.pass(180 * Micros::SECOND);
    assert!(s.city.city().run_timers() > 0, "whoever asked is told to ask again");
    let empty = json!({"handover": handover.0, "taker": " ", "receipt": " "});
    let refused = seat.refused("command/keep-receipt", &empty).unwrap();
    assert_eq!(refused, "invalid: taker: receipt-needed; receipt: receipt-needed");
    let receipt = json!({"handover": handover.0, "taker": "119 席 07", "receipt": "F-2026-118"});
    seat.does("command/keep-receipt", &receipt).unwrap();
    assert_eq!((s.city.state(handover).unwrap().as_str(), red(&seat)), ("taken", Some("0".into())));
    assert_eq!(value("command.alarm.passed_to").as_deref(), Some("fire-119"));
    assert_eq!(value("command.alarm.receipt").as_deref(), Some("F-2026-118"));
    assert_eq!(seat.refused("command/keep-receipt", &receipt).unwrap().kind(), "conflict");
}

#[test]
fn two_alarms_of_a_place_are_joined_by_a_person_and_parted_again() {
    let s = scene();
    s.card("police x1", 1);
    let police = s.police("a");
    let elsewhere = s.city.place("facility", "school", "elsewhere", Some("D-1")).unwrap();
    let (seat, main, second, far) = (s.seat(), s.alarm("help"), s.rung(s.hall, "security"), s.rung(elsewhere, "help"));
    let join = |alarm: EntityId, into: EntityId| json!({"alarm": alarm.0, "into": into.0});
    assert_eq!(seat.refused("command/join-alarms", &join(far, main)).unwrap(), "invalid: into: join-one-place");
    assert_eq!(seat.refused("command/join-alarms", &join(main, main)).unwrap(), "invalid: into: join-one-place");
    assert_eq!(seat.refused("command/join-alarms", &join(main, second)).unwrap(), "conflict: join-taken-only");
    let ringing = || seat.sees("command/ringing", &json!({})).unwrap().parts("alarm").len();
    assert_eq!(ringing(), 2);
    let joined = seat.does("command/join-alarms", &join(second, main)).unwrap();
    assert_eq!(ringing(), 1, "taken by name with it: {:?}", joined.changes());
    assert_eq!(s.city.value(second, "command.alarm.taken_name").unwrap().as_text(), Some("seat"));
    let page = seat.sees("command/proposal", &of(second)).unwrap();
    assert!(page.says("send-to-the-other"));
    let send = json!({"alarm": second.0, "pick_1": police.0});
    assert_eq!(seat.refused("command/send-responders", &send).unwrap(), "conflict: send-to-the-other");
    assert!(seat.sees("command/proposal", &of(main)).unwrap().says("part-of-this"));
    seat.does("command/send-responders", &json!({"alarm": main.0, "pick_1": police.0})).unwrap();
    let lonely = || seat.sees("command/dispatch-wall", &json!({})).unwrap().rows("nobody-on-it").len();
    assert_eq!(lonely(), 0);
    seat.does("command/part-alarms", &json!({"alarm": second.0, "reason": "另一间教室"})).unwrap();
    assert_eq!((lonely(), s.proposed(second)), (1, 0), "an alarm of its own, and nobody goes there");
    assert_eq!(
        seat.refused("command/part-alarms", &json!({"alarm": second.0, "reason": "x"})).unwrap(),
        "conflict: not-joined"
    );
    let end = json!({"alarm": second.0, "outcome": "real", "safe_word_of": "王护士"});
    seat.does("command/stand-down", &end).unwrap();
}

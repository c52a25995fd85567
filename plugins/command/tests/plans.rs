//! Plans of places: who puts one in, which floor an alarm shows, what was in force when it rang, and that a gap is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity};
use serde_json::{Value as Json, json};

/// The body of a plan of one floor.
fn plan(place: EntityId, floor: &str, picture: EntityId) -> Json {
    json!({
        "place": place.0, "floor": floor, "plan": [picture.0], "words": "走廊东西向，护士站在中间",
        "entrances": "北门、急诊入口", "assembly": "北门外广场", "marks": "entrance 12,80 北门\n集合点 95,10 广场",
        "source": "后勤科", "as_of": "2025-12-01T00:00:00Z"
    })
}

fn picture(who: &Person<'_>) -> EntityId {
    who.attaches("command", "image/png").unwrap()
}

fn puts_in(who: &Person<'_>, place: EntityId, floor: &str) -> EntityId {
    who.does("command/set-plan", &plan(place, floor, picture(who))).unwrap().id("plan").unwrap()
}

fn rings(who: &Person<'_>, place: EntityId, floor: Option<&str>) -> EntityId {
    let body = json!({"place": place.0, "category": "help", "floor": floor, "room": "302"});
    who.does("command/ring", &body).unwrap().id("alarm").unwrap()
}

fn about(alarm: EntityId) -> Json {
    json!({"alarm": alarm.0})
}

/// The pictures on an alarm's page, in order, by the number of the file.
fn shown(who: &Person<'_>, alarm: EntityId) -> Vec<EntityId> {
    let page = format!("{:?}", who.sees("command/alarm", &about(alarm)).unwrap().page);
    let number = |rest: &str| rest.split("Entity(").nth(1)?.split(')').next()?.parse().ok().map(EntityId);
    page.split("\"stored\"").skip(1).filter_map(number).collect()
}

/// A hospital in a district, and who looks after its alarm.
fn scene() -> (TestCity, EntityId) {
    let city = TestCity::with(&["command"]).unwrap();
    city.place("division", "district", "D-1", None).unwrap();
    let hospital = city.place("facility", "hospital", "H-1", Some("D-1")).unwrap();
    (city, hospital)
}

fn file_of(city: &TestCity, plan: EntityId) -> EntityId {
    let named = city.value(plan, "command.plan.plan").unwrap();
    EntityId(named.as_text().unwrap().parse().unwrap())
}

#[test]
fn an_alarm_shows_the_floor_that_was_pressed_first_however_it_is_written() {
    let (city, hospital) = scene();
    let (desk, seat) = (city.person("desk", &["duty-officer"]).unwrap(), city.person("seat", &["operator"]).unwrap());
    let (one, three) = (puts_in(&desk, hospital, "1 楼"), puts_in(&desk, hospital, "3 楼"));
    let (one, three) = (file_of(&city, one), file_of(&city, three));
    let nurse = city.person("nurse", &[]).unwrap();
    let alarm = rings(&nurse, hospital, Some("三层"));
    assert_eq!(shown(&seat, alarm), [three, one], "the one that was pressed, then the others");
    let page = seat.sees("command/alarm", &about(alarm)).unwrap();
    assert!(page.has_section("plan") && page.has_section("3 楼") && page.has_section("1 楼"));
    assert_eq!(page.parts("plan-mark").len(), 4, "two points on each");
    assert!(page.says("走廊东西向，护士站在中间"), "and in words for whoever sees no picture");
    let first = page.page.nodes.iter().position(|n| format!("{:?}", n.kind).contains("acknowledge")).unwrap();
    let drawn = page.page.nodes.iter().position(|n| format!("{:?}", n.kind).contains("\"plan\"")).unwrap();
    assert!(first < drawn, "taking it comes first");
    let ring = seat.sees("command/ringing", &json!({})).unwrap();
    assert_eq!(ring.value("plan").as_deref(), Some("3 楼"), "the ring says that there is one");

    let other = rings(&nurse, hospital, Some("7 楼"));
    assert_eq!(other, alarm, "within two minutes it is the same alarm, and its first floor stays");
    city.pass(180 * Micros::SECOND);
    let other = rings(&nurse, hospital, Some("7 楼"));
    assert_eq!(shown(&seat, other), [one, three], "none of that floor: from the lowest up");
    assert!(seat.sees("command/alarm", &about(other)).unwrap().says("plan-none-of-floor"));
    city.pass(180 * Micros::SECOND);
    let nowhere = rings(&nurse, hospital, None);
    assert_eq!(shown(&seat, nowhere), [one, three]);
    assert!(!seat.sees("command/alarm", &about(nowhere)).unwrap().says("plan-none-of-floor"));
}

#[test]
fn a_new_plan_of_a_floor_ends_the_one_before_and_an_alarm_shows_what_was_in_force_when_it_rang() {
    let (city, hospital) = scene();
    let desk = city.person("desk", &["duty-officer"]).unwrap();
    let old = puts_in(&desk, hospital, "3 楼");
    city.pass(Micros::HOUR);
    let nurse = city.person("nurse", &[]).unwrap();
    let alarm = rings(&nurse, hospital, Some("3 楼"));
    city.pass(Micros::HOUR);
    let other_floor = puts_in(&desk, hospital, "4 楼");
    let replaced = city.now();
    let new = puts_in(&desk, hospital, "三层");
    assert_eq!(city.value(old, "command.plan.until").unwrap().as_time(), Some(replaced), "kept, with its end");
    assert_eq!(city.value(other_floor, "command.plan.until").unwrap().as_time(), None, "no other floor's");
    let (old_file, new_file) = (file_of(&city, old), file_of(&city, new));
    let page = desk.sees("command/alarm", &about(alarm)).unwrap();
    assert_eq!(shown(&desk, alarm)[0], old_file, "what was in force then");
    assert!(page.says("plan-changed-since"));
    let next = rings(&nurse, hospital, Some("3 楼"));
    assert_ne!(next, alarm);
    assert_eq!(shown(&desk, next)[0], new_file);
    assert!(!desk.sees("command/alarm", &about(next)).unwrap().says("plan-changed-since"));

    let versions = desk.sees("command/floor-plan", &json!({"floor-plan": old.0})).unwrap();
    assert_eq!(versions.rows("versions").len(), 2, "both, whichever is opened");
    assert!(versions.says("plan-is-over"));
    let list = desk.sees("command/plans", &json!({"place": hospital.0})).unwrap().rows("plans");
    assert_eq!(list.iter().map(|r| r[1].as_str()).collect::<Vec<_>>(), ["三层", "4 楼"], "those in force");
    city.pass(Micros::SECOND);
    desk.does("command/end-plan", &json!({"floor-plan": new.0})).unwrap();
    let again = desk.refused("command/end-plan", &json!({"floor-plan": new.0})).unwrap();
    assert_eq!(again, "conflict: plan-is-over");
    assert_eq!(shown(&desk, next)[0], new_file, "it was in force when that rang");
}

#[test]
fn a_place_without_a_plan_is_said_to_have_none_and_is_listed_for_whoever_enrols() {
    let (city, hospital) = scene();
    let desk = city.person("desk", &["duty-officer"]).unwrap();
    city.person("nurse", &[]).unwrap();
    let gaps = |view: &str| desk.sees(view, &json!({})).unwrap().rows("plan-gaps");
    assert!(gaps("command/plans").is_empty(), "nobody can press there");
    let silent = rings(&desk, hospital, Some("3 楼"));
    assert!(desk.sees("command/alarm", &about(silent)).unwrap().says("plan-none-nobody"));
    let nurse =
        json!({"place": hospital.0, "login": "nurse", "duty": "staff", "floor": "3 楼", "duty_phone": "0791-1"});
    desk.does("command/enrol", &nurse).unwrap();
    let button = json!({"place": hospital.0, "device": "B-5", "category": "help", "floor": "5F"});
    desk.does("command/enrol-button", &button).unwrap();
    let page = desk.sees("command/alarm", &about(silent)).unwrap();
    assert!(page.says("plan-none-ask"), "whom to ring is named");
    assert!(page.parts("plan").is_empty());
    assert_eq!(desk.sees("command/ringing", &json!({})).unwrap().value("plan").as_deref(), Some("plan-none"));
    for view in ["command/plans", "command/enrolments", "command/buttons"] {
        assert_eq!(gaps(view), [["2", "H-1", "plan-none"]], "{view}");
    }
    puts_in(&desk, hospital, "三楼");
    assert_eq!(gaps("command/enrolments"), [["3", "H-1", "5F"]], "the floor of the button is missing still");
    puts_in(&desk, hospital, "五楼");
    assert!(gaps("command/buttons").is_empty());
}

#[test]
fn only_who_looks_after_a_place_puts_in_its_plans_and_only_pictures_of_their_own_of_places_with_floors() {
    let (city, hospital) = scene();
    let (desk, guard) = (city.person("desk", &["operator"]).unwrap(), city.person("guard", &["guard"]).unwrap());
    for role in ["guard", "police", "official", "unit", "resident"] {
        let who = city.person(&format!("a-{role}"), &[role]).unwrap();
        assert_eq!(
            who.refused("command/set-plan", &plan(hospital, "1 楼", EntityId(1))).unwrap().kind(),
            "role",
            "{role}"
        );
        assert!(who.sees("command/plans", &json!({})).is_err(), "{role}");
    }
    let body = |change: fn(&mut Json)| {
        let mut body = plan(hospital, "3 楼", picture(&desk));
        change(&mut body);
        body
    };
    let refused = |body: &Json| desk.refused("command/set-plan", body).unwrap().as_str().to_owned();
    let paper = desk.attaches("command", "application/pdf").unwrap();
    assert_eq!(refused(&plan(hospital, "3 楼", paper)), "invalid: plan: plan-no-picture");
    let foreign = guard.attaches("command", "image/png").unwrap();
    assert_eq!(refused(&plan(hospital, "3 楼", foreign)), "invalid: plan: core-file-not-there", "another's");
    for (bad, why) in [
        (body(|b| b["marks"] = "nurse 1,1 王护士".into()), "invalid: marks: plan-no-mark"),
        (body(|b| b["as_of"] = "2026-01-02T00:00:00Z".into()), "invalid: as_of: plan-of-tomorrow"),
        (body(|b| b["words"] = "  ".into()), "invalid: words: plan-say-it"),
        (body(|b| b["floor"] = " ".into()), "invalid: floor: plan-say-it"),
    ] {
        assert_eq!(refused(&bad), why);
    }
    let district = city.place("division", "district", "D-2", None).unwrap();
    let house = city.place("building", "dwelling", "B-2", Some("D-1")).unwrap();
    let compound = city.place("compound", "compound", "C-1", Some("D-1")).unwrap();
    for place in [district, house, compound] {
        let asked = plan(place, "3 楼", picture(&desk));
        assert_eq!(refused(&asked), "invalid: place: plan-of-no-dwelling");
    }

    let kept = puts_in(&desk, hospital, "3 楼");
    // Whoever may answer an alarm may see it; nobody else.
    guard.sees("command/floor-plan", &json!({"floor-plan": kept.0})).unwrap();
    let resident = city.person("li", &["resident"]).unwrap();
    assert!(resident.sees("command/floor-plan", &json!({"floor-plan": kept.0})).is_err());
    assert_eq!(guard.refused("command/end-plan", &json!({"floor-plan": kept.0})).unwrap().kind(), "role");
}

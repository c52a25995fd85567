//! A matter from its filing to its end, in the real host: what each command changes, and what it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Person, TestCity};
use serde_json::{Value as Json, json};

fn city() -> TestCity {
    TestCity::with(&["services"]).unwrap()
}

fn filed(who: &Person) -> EntityId {
    let body = json!({"title": "路灯不亮", "category": "lighting"});
    who.does("services/file-report", &body).unwrap().id("matter").unwrap()
}

fn about(matter: EntityId) -> Json {
    json!({"matter": matter.0})
}

fn because(matter: EntityId, reason: &str) -> Json {
    json!({"matter": matter.0, "reason": reason})
}

/// Files a report and brings it to `handling` at `unit-1`.
fn handled(desk: &Person, unit: &Person) -> EntityId {
    let matter = filed(desk);
    desk.does("services/accept", &about(matter)).unwrap();
    desk.does("services/assign", &json!({"matter": matter.0, "agency": "unit-1"})).unwrap();
    unit.does("services/start", &about(matter)).unwrap();
    matter
}

#[test]
fn a_filed_report_is_a_matter_in_its_place_with_its_words_sealed() {
    let city = city();
    let grid = city.place("grid", "grid", "G-1", None).unwrap();
    let resident = city.person("li", &[]).unwrap();
    let body = json!({
        "title": "路灯不亮", "body": "张三家门口", "category": "lighting", "place": grid.0, "channel": "phone",
        "contact": "13800000000",
    });
    let filed = resident.does("services/file-report", &body).unwrap();
    let apart = ["put host.claim pin", "create report-contact", "put services.contact matter contact*"];
    let put = "put services.report code source title body* channel";
    assert_eq!(filed.changes(), [&["create matter lighting submitted", put], &apart[..]].concat());
    let matter = filed.id("matter").unwrap();
    assert_eq!(filed.created("matter"), [matter]);
    assert_eq!(city.city().read(|w| w.core(matter)).unwrap().within, Some(grid));
    let code = city.value(matter, "services.report.code").unwrap();
    assert_eq!(code.as_text(), Some(filed.text("code").unwrap()));
    assert!(city.is_sealed(matter, "services.report.body"));
    assert!(city.is_sealed(filed.created("report-contact")[0], "services.contact.contact"), "under a key of its own");
    assert_eq!(city.value(matter, "services.report.source").unwrap().as_text(), Some("portal"));
}

#[test]
fn a_report_without_words_in_its_title_or_for_no_channel_is_refused() {
    let city = city();
    let resident = city.person("li", &[]).unwrap();
    let no_break = json!({"title": "\u{3000}", "category": "lighting"});
    assert_eq!(resident.refused("services/file-report", &no_break).unwrap(), "invalid: title: title-needed");
    let pigeon = json!({"title": "路灯不亮", "category": "lighting", "channel": "pigeon"});
    assert_eq!(resident.refused("services/file-report", &pigeon).unwrap(), "invalid: channel: body-not-an-option");
}

#[test]
fn a_retry_under_the_same_key_files_one_matter() {
    let city = city();
    let resident = city.person("li", &[]).unwrap().under_key("k-1");
    let body = json!({"title": "路灯不亮", "category": "lighting"});
    let first = resident.does("services/file-report", &body).unwrap();
    let again = resident.does("services/file-report", &body).unwrap();
    assert!(again.replayed && again.seq == first.seq && again.answer == first.answer);
}

#[test]
fn the_desk_accepts_and_nobody_else_does() {
    let city = city();
    let (resident, desk) = (city.person("li", &[]).unwrap(), city.person("desk", &["operator"]).unwrap());
    let matter = filed(&resident);
    assert_eq!(resident.refused("services/accept", &about(matter)).unwrap().kind(), "role");
    assert_eq!(desk.does("services/accept", &about(matter)).unwrap().changes(), ["advance accept submitted>accepted"]);
    assert_eq!(desk.refused("services/accept", &about(matter)).unwrap().kind(), "conflict", "it is accepted already");
}

#[test]
fn refusing_and_reopening_need_a_reason_the_resident_can_read() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let matter = filed(&desk);
    let needed = "invalid: reason: reason-needed";
    assert_eq!(desk.refused("services/refuse", &about(matter)).unwrap(), needed);
    let refused = desk.does("services/refuse", &because(matter, "属法院")).unwrap();
    assert_eq!(refused.changes(), ["advance refuse submitted>not-accepted"]);
    assert_eq!(desk.refused("services/reopen", &about(matter)).unwrap(), needed);
    let reopened = desk.does("services/reopen", &because(matter, "法院不收")).unwrap();
    assert_eq!(reopened.changes(), ["advance reopen not-accepted>reopened"]);
}

#[test]
fn handing_a_matter_to_another_unit_counts_as_a_hand_off_and_the_first_does_not() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let matter = filed(&desk);
    let to = |agency: &str| json!({"matter": matter.0, "agency": agency});
    assert_eq!(desk.refused("services/assign", &to("unit-1")).unwrap().kind(), "conflict", "not accepted yet");
    desk.does("services/accept", &about(matter)).unwrap();
    let first = desk.does("services/assign", &to("unit-1")).unwrap();
    assert_eq!(first.changes(), ["advance assign accepted>assigned", "put services.report agency"]);
    let second = desk.does("services/assign", &to("unit-2")).unwrap();
    assert_eq!(second.changes(), ["advance assign assigned>assigned", "put services.report handoffs agency"]);
    assert_eq!(city.value(matter, "services.report.handoffs").unwrap().as_int(), Some(1));
    assert_eq!(city.value(matter, "services.report.agency").unwrap().as_text(), Some("unit-2"));
}

#[test]
fn a_unit_starts_and_answers_and_another_closes() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let (unit, verifier) = (city.person("unit", &["unit"]).unwrap(), city.person("check", &["verifier"]).unwrap());
    let matter = filed(&desk);
    desk.does("services/accept", &about(matter)).unwrap();
    desk.does("services/assign", &json!({"matter": matter.0, "agency": "unit-1"})).unwrap();
    assert_eq!(verifier.refused("services/start", &about(matter)).unwrap().kind(), "role");
    let started = unit.does("services/start", &about(matter)).unwrap();
    assert_eq!(started.changes(), ["advance start assigned>handling"]);
    let reply = |text: &str| json!({"matter": matter.0, "reply": text, "outcome": "solved"});
    assert_eq!(unit.refused("services/answer", &reply("\u{3000}")).unwrap(), "invalid: reply: reply-needed");
    let answered = unit.does("services/answer", &reply("灯泡已换")).unwrap();
    let put = "put services.report reply answered handler";
    let given = "put services.step outcome evidence-";
    assert_eq!(answered.changes(), ["advance answer handling>answered", put, given]);
    assert_eq!(city.value(matter, "services.report.reply").unwrap().as_text(), Some("灯泡已换"));
    assert_eq!(city.value(matter, "services.report.handler").unwrap().as_entity(), Some(unit.id()));
    let closed = verifier.does("services/close", &about(matter)).unwrap();
    assert_eq!(
        (closed.changes(), city.state(matter).unwrap().as_str()),
        (vec!["advance close answered>closed".into()], "closed")
    );
}

#[test]
fn whoever_answered_does_not_close() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let matter = handled(&desk, &desk);
    desk.does("services/answer", &json!({"matter": matter.0, "reply": "灯泡已换", "outcome": "solved"})).unwrap();
    assert_eq!(desk.refused("services/close", &about(matter)).unwrap(), "denied: verifier-is-handler");
    assert_eq!(city.state(matter).unwrap(), "answered");
}

#[test]
fn a_matter_is_withdrawn_while_it_is_open_and_never_after() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let matter = handled(&desk, &desk);
    let withdrawn = desk.does("services/withdraw", &about(matter)).unwrap();
    assert_eq!(withdrawn.changes(), ["advance withdraw handling>withdrawn"]);
    assert_eq!(desk.refused("services/withdraw", &about(matter)).unwrap().kind(), "conflict");
}

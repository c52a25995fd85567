//! What a test can break, shown on the museum's plugin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{Micros, Person, Reply, TestCity};
use serde_json::json;

fn city() -> TestCity {
    let city = TestCity::new().unwrap();
    city.load(include_bytes!("../../../tests/museum/0.1.0.wasm")).unwrap();
    city
}

fn file(who: &Person, code: &str) -> Reply {
    who.asks("museum/file", &json!({"code": code, "a": 1.0})).unwrap()
}

#[test]
fn a_trapped_call_is_kept_and_changes_nothing_and_the_one_after_it_goes_well() {
    let city = city();
    let clerk = city.person("li", &["clerk"]).unwrap();
    city.trap_next("museum").unwrap();
    let Reply::Failed(why) = file(&clerk, "A-1") else { panic!("the call was not stopped") };
    assert!(why.contains("deadline of 0 ms"), "{why}");
    assert_eq!(city.kept("museum").unwrap().len(), 1);
    assert!(matches!(file(&clerk, "A-1"), Reply::Done(_)), "its code is still free");
    city.trap_next("museum").unwrap();
    let failed = clerk.sees("museum/list", &json!({})).unwrap_err().to_string();
    assert!(failed.contains("plugin fault in view"), "{failed}");
    clerk.sees("museum/list", &json!({})).unwrap();
    assert!(city.trap_next("nobody").unwrap_err().to_string().contains("not loaded"));
}

#[test]
fn a_full_journal_refuses_writers_serves_readers_and_recovers() {
    let city = city();
    let clerk = city.person("li", &["clerk"]).unwrap();
    city.journal_full(true);
    let Reply::Unavailable(why) = file(&clerk, "A-1") else { panic!("a full journal took it") };
    assert!(why.contains("disk is full"), "{why}");
    clerk.sees("museum/list", &json!({})).unwrap();
    city.journal_full(false);
    assert!(matches!(file(&clerk, "A-1"), Reply::Done(_)));
}

#[test]
fn after_the_journal_failed_nothing_is_acknowledged() {
    let city = city();
    let clerk = city.person("li", &["clerk"]).unwrap();
    city.journal_fails();
    for code in ["A-1", "A-2"] {
        assert!(matches!(file(&clerk, code), Reply::Unavailable(_)));
    }
    assert!(city.city().health().failed.is_some());
}

#[test]
fn a_clock_that_jumps_back_does_not_take_the_journal_with_it() {
    let city = city();
    let clerk = city.person("li", &["clerk"]).unwrap();
    let Reply::Done(first) = file(&clerk, "A-1") else { panic!() };
    city.at(Micros(0));
    let Reply::Done(second) = file(&clerk, "A-2") else { panic!() };
    let at = |seq| city.city().transaction(seq).unwrap().at;
    assert!(at(second.seq) >= at(first.seq) && city.now() == Micros(0));
}

#[test]
fn a_test_that_asks_for_what_is_not_there_is_told() {
    let city = city();
    let clerk = city.person("li", &["clerk"]).unwrap();
    assert!(clerk.does("museum/fly", &json!({})).unwrap_err().to_string().contains("no such command"));
    assert!(clerk.does("museum", &json!({})).unwrap_err().to_string().contains("plugin/name"));
    let done = clerk.refused("museum/nothing", &json!({})).unwrap_err().to_string();
    assert!(done.contains("was done"), "{done}");
}

//! Notices and their receipts, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::TestCity;
use serde_json::{Value as Json, json};

fn notice(read_by: &str) -> Json {
    json!({"title": "防汛", "text": "今晚值守", "read-by": read_by})
}

#[test]
fn a_notice_is_published_by_the_desk_with_a_limit_that_lies_ahead() {
    let city = TestCity::with(&["office"]).unwrap();
    let (desk, clerk) = (city.person("desk", &["operator"]).unwrap(), city.person("li", &[]).unwrap());
    let late = desk.refused("office/publish-notice", &notice("2025-12-31T00:00:00Z")).unwrap();
    assert_eq!(late, "invalid: read-by: limit-in-the-past");
    assert_eq!(clerk.refused("office/publish-notice", &notice("2026-01-02T00:00:00Z")).unwrap().kind(), "role");
    let done = desk.does("office/publish-notice", &notice("2026-01-02T00:00:00Z")).unwrap();
    assert_eq!(done.changes(), ["create notice", "put office.notice title text read-by"]);
    let text = city.value(done.id("notice").unwrap(), "office.notice.text").unwrap();
    assert_eq!(text.as_text(), Some("今晚值守"));
}

#[test]
fn each_reader_leaves_one_receipt_and_sees_that_it_was_read() {
    let city = TestCity::with(&["office"]).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let (li, wang) = (city.person("li", &[]).unwrap(), city.person("wang", &[]).unwrap());
    let published = desk.does("office/publish-notice", &notice("2026-01-02T00:00:00Z")).unwrap();
    let read = json!({"notice": published.id("notice").unwrap().0});
    let first = li.does("office/read-notice", &read).unwrap();
    assert_eq!(first.changes(), ["create receipt", "put office.receipt key notice reader"]);
    let again = li.does("office/read-notice", &read).unwrap();
    assert!(again.changes().is_empty(), "reading again leaves the first receipt as it is");
    assert_eq!(again.id("receipt").unwrap(), first.id("receipt").unwrap());
    let other = json!({"notice": first.id("receipt").unwrap().0});
    assert_eq!(wang.refused("office/read-notice", &other).unwrap(), "not-found: no-such-notice");
    let read = |who: &changzhi_testkit::Person| who.sees("office/notices", &json!({})).unwrap().rows("notices");
    assert_eq!((read(&li)[0][0].as_str(), read(&li)[0][3].as_str()), ("防汛", "true"));
    assert_eq!(read(&wang)[0][3], "false");
}

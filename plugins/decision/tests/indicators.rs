//! Definitions of indicators, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::TestCity;
use serde_json::{Value as Json, json};

fn definition(counts: &str, direction: &str) -> Json {
    json!({
        "code": "closed-share", "title": "办结率", "why": "看见结果", "counts": counts, "among": "closed-matters",
        "direction": direction, "min-n": 30, "interval": true,
    })
}

#[test]
fn a_fair_definition_gets_the_next_version_and_the_page_shows_each() {
    let city = TestCity::with(&["decision"]).unwrap();
    let official = city.person("lead", &["official"]).unwrap();
    let first = official.does("decision/define-indicator", &definition("closed-verified", "more-is-better")).unwrap();
    let put = "put decision.indicator key code version title why counts among direction min-n interval";
    assert_eq!(first.changes(), ["create indicator", put]);
    let again = official.does("decision/define-indicator", &definition("solved", "more-is-better")).unwrap();
    assert_eq!(again.value("version").unwrap().as_int(), Some(2));
    let indicator = again.id("indicator").unwrap();
    assert_eq!(city.value(indicator, "decision.indicator.key").unwrap().as_text(), Some("closed-share@2"));
    let rows = official.sees("decision/indicators", &json!({})).unwrap().rows("indicators");
    let shown: Vec<_> = rows.iter().map(|r| (r[1].as_str(), r[2].as_str(), r[3].as_str())).collect();
    assert_eq!(shown, [("closed-share", "2", "solved"), ("closed-share", "1", "closed-verified")]);
}

#[test]
fn a_definition_that_rewards_hiding_problems_is_refused_with_every_reason() {
    let city = TestCity::with(&["decision"]).unwrap();
    let (official, desk) = (city.person("lead", &["official"]).unwrap(), city.person("desk", &["operator"]).unwrap());
    let fewer = definition("reports", "fewer-is-better");
    let refused = official.refused("decision/define-indicator", &fewer).unwrap();
    assert_eq!(refused, "invalid: direction: fewer-reports-refused");
    let mut bare = definition("petitions", "more-is-better");
    (bare["among"], bare["min-n"], bare["interval"]) = (json!("nothing"), json!(5), json!(false));
    let all = official.refused("decision/define-indicator", &bare).unwrap();
    let reasons = ["direction: more-counts-refused", "among: bare-count-refused", "min-n: small-n-refused"];
    assert_eq!(all.as_str(), format!("invalid: {}", reasons.join("; ")));
    assert_eq!(desk.refused("decision/define-indicator", &fewer).unwrap().kind(), "role");
}

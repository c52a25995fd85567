//! What is written is read as the same; what is nonsense is an error and never a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_cap::{CapError, Limits, messages, read, write};
use proptest::prelude::*;

const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>36010041600000_20260826160913</identifier><sender>cap@nc.gov.cn</sender><sent>2026-08-26T16:09:13+08:00</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
  <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>
    <severity>Extreme</severity><certainty>Likely</certainty><headline>暴雨红色预警 &amp; 提示</headline>
    <area><areaDesc>东湖区</areaDesc><polygon>28.6,115.8 28.6,115.9 28.7,115.9 28.7,115.8 28.6,115.8</polygon>
      <geocode><valueName>CPEAS Geographic Code</valueName><value>360102000000</value></geocode></area>
  </info>
</alert>"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, fork: false, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_the_same(alert in support::alert()) {
        let text = write(&alert).map_err(|flaws| TestCaseError::fail(format!("{flaws:?}")))?;
        let back = read(&text, Limits::default()).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(&back.alert, &alert);
        prop_assert!(back.warnings.is_empty(), "{:?}", back.warnings);
        prop_assert_eq!(write(&back.alert).unwrap(), text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = messages(&text, Limits::default());
    }

    /// The parts of real messages in any order, cut anywhere: what a fuzzer would come to.
    #[test]
    fn a_broken_message_is_read_or_refused(cuts in prop::collection::vec((0..900_usize, 0..900_usize), 1..6), junk in "[<>&;!\\[\\]a-z0-9/:='\" -]{0,12}") {
        let mut text = String::new();
        for (from, long) in cuts {
            let part: String = SAMPLE.chars().skip(from).take(long).collect();
            text.push_str(&part);
            text.push_str(&junk);
        }
        let _ = messages(&text, Limits::default());
        let mut whole: Vec<char> = SAMPLE.chars().collect();
        let at = text.len() % whole.len();
        whole.splice(at..at, junk.chars());
        if let Ok(read) = read(&whole.iter().collect::<String>(), Limits::default()) {
            // What can be read can be judged, and written or refused.
            if let Ok(text) = write(&read.alert) {
                prop_assert!(changzhi_cap::read(&text, Limits::default()).is_ok());
            }
        }
    }
}

#[test]
fn the_sample_of_these_tests_is_whole() {
    let read = read(SAMPLE, Limits::default()).unwrap();
    assert_eq!(read.alert.infos[0].headline.as_deref(), Some("暴雨红色预警 & 提示"));
    assert!(read.warnings.is_empty() && write(&read.alert).is_ok());
}

#[test]
fn an_error_names_the_element_the_line_and_the_way_to_mend_it() {
    let wrong = SAMPLE.replace("<severity>Extreme</severity>", "<severity>Terrible</severity>").replace("+08:00", "Z");
    let CapError::Invalid(flaws) = read(&wrong, Limits::default()).unwrap_err() else { panic!() };
    let said: Vec<String> = flaws.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("alert/sent (line 3): ") && said[0].contains("no Z"), "{said:?}");
    assert!(
        said[1].starts_with("alert/info[1]/severity (line 6): ") && said[1].contains("Extreme, Severe"),
        "{said:?}"
    );
}

#[test]
fn a_billion_laughs_and_a_foreign_file_are_refused_before_anything_is_expanded() {
    let bomb = format!(
        "<!DOCTYPE a [<!ENTITY a \"{}\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]>{}",
        "x".repeat(1000),
        SAMPLE.replace("东湖区", "&b;")
    );
    assert_eq!(read(&bomb, Limits::default()).unwrap_err(), CapError::Dtd { line: 1 });
    let entity = SAMPLE.replace("东湖区", "&b;");
    assert!(matches!(read(&entity, Limits::default()), Err(CapError::NotXml { .. })));
}

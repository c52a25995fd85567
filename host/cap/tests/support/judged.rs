//! What must hold of any bytes that are read: said once, for the fuzz targets and for the tests that run their inputs again.

use changzhi_cap::{CapError, Limits, Read, messages, read, rules, write};

/// Small limits, so that a fuzzer finds their edges.
const LIMITS: Limits = Limits { bytes: 1 << 16, depth: 16, elements: 2_000 };

/// One message.
pub fn cap(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match read(text, LIMITS) {
        Ok(message) => understood(&message),
        Err(error) => explained(&error),
    }
}

/// A document with one message or many.
pub fn edxl(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let all = match messages(text, LIMITS) {
        Ok(all) => all,
        Err(error) => return explained(&error),
    };
    assert!(!all.is_empty(), "a document that is taken has a message");
    for inside in all {
        assert!(text.contains(&inside.text), "a message is a part of its document");
        match (&inside.read, read(&inside.text, LIMITS)) {
            // Taken out of its envelope it is the message it was in it.
            (Ok(one), Ok(again)) => {
                assert_eq!(one, &again);
                understood(one);
            }
            (Err(one), Err(again)) => {
                assert_eq!(one, &again);
                explained(one);
            }
            (one, again) => panic!("it reads as {one:?} in its envelope and as {again:?} by itself"),
        }
    }
}

/// A message can be judged, drawn, and written or refused with a reason; what is written is valid and says the same.
fn understood(message: &Read) {
    let alert = &message.alert;
    for area in alert.infos.iter().flat_map(|i| &i.areas) {
        for ring in &area.polygons {
            assert_eq!(ring.flaw(), None, "what is no polygon is not taken for one");
            assert!(ring.touches(ring));
        }
        for circle in &area.circles {
            assert!(circle.holds(circle.centre) && circle.ring(12).0.len() == 13);
        }
        for pair in &area.geocodes {
            if let Some(division) = changzhi_cap::division(pair) {
                assert!(division.code.starts_with(&division.prefix) && division.twelve().len() == 12);
            }
        }
    }
    let flaws = rules::check(alert);
    match write(alert) {
        Ok(text) => {
            assert!(flaws.is_empty(), "what breaks a rule is not written: {flaws:?}");
            let roomy = Limits { bytes: 1 << 20, ..LIMITS };
            let back = read(&text, roomy).unwrap_or_else(|e| panic!("what is written does not read: {e}\n{text}"));
            assert_eq!(write(&back.alert).as_ref(), Ok(&text), "written again it is the same");
        }
        Err(told) => assert!(!told.is_empty() && told.iter().all(|f| !f.to_string().is_empty())),
    }
}

fn explained(error: &CapError) {
    let lines = error.lines();
    assert!(!error.to_string().is_empty() && !lines.is_empty() && lines.len() <= 60, "{error:?}");
}

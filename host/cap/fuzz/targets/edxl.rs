//! The reader of documents: an alert by itself, or alerts in an envelope of EDXL-DE 1.0.
#![no_main]

#[path = "../../tests/support/judged.rs"]
#[allow(dead_code)]
mod judged;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judged::edxl(bytes));

//! The reader of one message: CAP 1.0, 1.1, 1.2.
#![no_main]

#[path = "../../tests/support/judged.rs"]
#[allow(dead_code)]
mod judged;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judged::cap(bytes));

//! The reader of documents: an alert by itself, or alerts in an envelope of EDXL-DE 1.0.
#![no_main]

#[path = "../../tests/support/judged.rs"]
#[allow(dead_code)]
mod judged;
#[path = "../pieces.rs"]
mod pieces;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judged::edxl(bytes));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    pieces::change(data, size, max_size, seed)
});

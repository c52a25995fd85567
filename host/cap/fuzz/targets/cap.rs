//! The reader of one message: CAP 1.0, 1.1, 1.2.
#![no_main]

#[path = "../../tests/support/judged.rs"]
#[allow(dead_code)]
mod judged;
#[path = "../pieces.rs"]
mod pieces;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judged::cap(bytes));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    pieces::change(data, size, max_size, seed)
});

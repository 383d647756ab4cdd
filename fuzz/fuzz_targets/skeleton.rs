//! libfuzzer over [`test_properties::skeleton`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::skeleton(bytes));

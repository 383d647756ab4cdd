//! libfuzzer over [`test_properties::compose`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::compose(bytes));

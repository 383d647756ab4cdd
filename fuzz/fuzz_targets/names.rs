//! libfuzzer over [`test_properties::names`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::names(bytes));

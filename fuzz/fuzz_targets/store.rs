//! libfuzzer over [`test_properties::store`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::store(bytes));

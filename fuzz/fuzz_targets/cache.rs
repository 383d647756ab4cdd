//! libfuzzer over [`test_properties::cache`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::cache(bytes));

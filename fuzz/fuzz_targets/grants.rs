//! libfuzzer over [`test_properties::grants`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::grants(bytes));

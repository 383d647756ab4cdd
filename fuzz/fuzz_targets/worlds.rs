//! libfuzzer over [`test_properties::worlds`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::worlds(bytes));

//! libfuzzer over [`test_properties::plan_cbor`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::plan_cbor(bytes));

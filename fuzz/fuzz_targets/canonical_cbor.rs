//! libfuzzer over [`test_properties::canonical_cbor`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_properties::canonical_cbor(bytes));

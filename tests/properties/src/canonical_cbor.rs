//! Canonical CBOR: there is one way to write a value, and it is accepted.

use ciborium_ll::{Decoder, Encoder, Header};
use compositor_core::Limits;
use compositor_core::cbor::{check, from_json};

/// Any bytes as CBOR, and as JSON that becomes CBOR.
pub fn canonical_cbor(bytes: &[u8]) {
    let limits = &Limits::default();
    match check(bytes, limits) {
        Ok(()) => assert_eq!(written_again(bytes), bytes),
        Err(violation) => assert!(violation.offset <= bytes.len(), "{violation}"),
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(cbor) = from_json(text, limits)
    {
        assert_eq!(check(&cbor, limits), Ok(()));
        assert_eq!(written_again(&cbor), cbor);
    }
}

/// Reads bytes item by item with a reader that is not ours, and lets its writer
/// choose how each is written.
fn written_again(bytes: &[u8]) -> Vec<u8> {
    let mut rest = bytes;
    let mut again = Vec::new();
    while !rest.is_empty() {
        let mut decoder = Decoder::from(rest);
        let header = decoder.pull().expect("canonical bytes are CBOR");
        let read = decoder.offset();
        Encoder::from(&mut again)
            .push(header)
            .expect("memory takes all");
        let content = match header {
            Header::Bytes(length) | Header::Text(length) => length.expect("a definite length"),
            _ => 0,
        };
        let (content, next) = rest[read..].split_at(content);
        again.extend_from_slice(content);
        rest = next;
    }
    again
}

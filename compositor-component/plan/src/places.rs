//! Where JSON pointers lead in the text of a plan.

use crate::from_cbor::from_cbor;
use crate::other_cbor::from_other_cbor;
use crate::read::{Encoding, read_json};
use compositor_diagnostic::Position;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::tree::Source;

/// Where RFC 6901 pointers lead in a plan's text: each to the value that it is about, or to
/// the nearest one around that is there. None of a text that is neither JSON nor CBOR.
pub fn places(bytes: &[u8], pointers: &[String], limits: &Limits) -> Option<Vec<Position>> {
    let source = match Encoding::of(bytes) {
        _ if bytes.len() > limits.plan_bytes => None,
        Encoding::Json => read_json(bytes, "the plan", limits).ok(),
        Encoding::Cbor => {
            let canonical = from_cbor(bytes, limits).ok();
            let tree = canonical.or_else(|| from_other_cbor(bytes, limits)?.ok());
            tree.map(|tree| Source { tree, text: None })
        }
    };
    Some(source?.positions(pointers.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &[u8], pointer: &str) -> Option<Position> {
        let pointers = [pointer.to_string()];
        let places = places(text, &pointers, &Limits::default())?;
        places.into_iter().next()
    }

    #[test]
    fn places_of_pointers() {
        let text = "{\n  \"a/b\": [ {\"é\": 1}, \"x\" ]\n}";
        for (pointer, line, column, of) in [
            ("/a~1b/1", 2, 22, "\"x\""),
            ("/a~1b/0/é", 2, 18, "1"),
            ("/a~1b/0/digest", 2, 12, "{\"é\": 1}"),
            ("/none/of/it", 1, 1, text),
            ("", 1, 1, text),
        ] {
            let place = at(text.as_bytes(), pointer).expect("a place");
            let end = (place.offset + place.length) as usize;
            assert_eq!((place.line, place.column), (line, column), "{pointer}");
            assert_eq!(&text[place.offset as usize..end], of, "{pointer}");
        }
        assert_eq!(at(b"{", ""), None);
        assert_eq!(at(b"", ""), None);
        // {"a": [1]} in CBOR of any form: the value behind the key.
        let place = at(&[0xa1, 0x61, b'a', 0x81, 0x01], "/a/0").expect("a place");
        assert_eq!((place.line, place.offset, place.length), (0, 4, 1));
    }
}

//! canon:cbor: RFC 8949 section 4.2.1 (core deterministic encoding) with NFC
//! text, no duplicate keys and nothing after the end. The decoder rejects
//! everything else, naming the byte offset and the rule.

mod read;
mod write;

pub use read::{Item, Kind, decode, decode_any};
pub use read::{Violation, check};
pub use write::from_json;
pub use write::{array, encode, map, sort_map};

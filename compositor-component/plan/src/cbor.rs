//! canon:cbor: RFC 8949 section 4.2.1 (core deterministic encoding) with NFC
//! text, no duplicate keys and nothing after the end. The decoder rejects
//! everything else, naming the byte offset and the rule.

mod read;
mod write;

pub(crate) use read::decode_any;
pub use read::{Item, Kind, Violation, check, decode};
pub(crate) use write::{array, map};
pub use write::{encode, from_json, sort_map};

//! What must hold of any input, one function a fuzz target: each takes bytes and
//! panics when something does not hold. `fuzz/` feeds them with libfuzzer;
//! `tests/replay.rs` with what that kept.

mod cache;
mod canonical_cbor;
mod compose;
mod plan;
mod skeleton;
mod store;

pub use cache::cache;
pub use canonical_cbor::canonical_cbor;
pub use compose::{compose, composed};
pub use plan::{plan_cbor, plan_json};
pub use skeleton::skeleton;
pub use store::store;

/// A property, by the name of its fuzz target and its corpus.
pub type Property = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Property; 7] = [
    ("plan_json", plan_json),
    ("plan_cbor", plan_cbor),
    ("canonical_cbor", canonical_cbor),
    ("skeleton", skeleton),
    ("compose", compose),
    ("store", store),
    ("cache", cache),
];

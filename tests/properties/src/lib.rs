//! What must hold of any input, one function a fuzz target: each takes bytes and
//! panics when something does not hold. `fuzz/` feeds them with libfuzzer;
//! `tests/replay.rs` with what that kept.

mod cache;
mod canonical_cbor;
mod compose;
mod grants;
mod many;
mod names;
mod plan;
mod skeleton;
mod store;
mod strip;
mod world_types;
mod worlds;

pub use cache::cache;
pub use canonical_cbor::canonical_cbor;
pub use compose::{compose, composed};
pub use grants::grants;
pub use many::many;
pub use names::names;
pub use plan::{plan_cbor, plan_json};
pub use skeleton::skeleton;
pub use store::store;
pub use strip::strip;
pub use world_types::{Outcome, world_types};
pub use worlds::{composed as composed_worlds, worlds};

/// A property, by the name of its fuzz target and its corpus.
pub type Property = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Property; 10] = [
    ("plan_json", plan_json),
    ("plan_cbor", plan_cbor),
    ("canonical_cbor", canonical_cbor),
    ("skeleton", skeleton),
    ("compose", compose),
    ("grants", grants),
    ("names", names),
    ("store", store),
    ("cache", cache),
    ("worlds", worlds),
];

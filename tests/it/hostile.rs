//! Hostile inputs: each is refused with its code, in bounded time and memory,
//! and leaves nothing behind. What is asserted of all of them is in `row`.

mod artifact;
mod cbor;
mod component;
mod digest;
mod flips;
mod graph;
mod id;
mod json;
mod limits;
mod policy;
mod row;
mod store;
mod terminal;
mod types;
mod versions;
mod wit;

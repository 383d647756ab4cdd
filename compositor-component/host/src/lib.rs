//! What the compositor needs of its host: blobs, trust, events and what runs a program,
//! as traits, with what is passed through them; and a host [`memory`] for tests and for
//! embedders. Nothing here does IO or knows a clock, a path or an environment.

pub use compositor_validator::Validated;

mod host;
pub mod memory;
pub mod records;

pub use host::{
    Blobs, Configuration, Events, Folder, Grants, Host, Import, Output, Program, Route, Runner,
    Segment, Server, Trust, Unserved, Writer, proposals,
};

//! Hosts that artifacts are for, what each takes and gives, and worlds.
//!
//! The bytes of an artifact do not depend on it: what a host lacks is an error
//! or a warning.

mod description;
mod named;
mod table;
mod world;

pub use description::Target;
pub use named::UnknownTarget;
pub use table::BY_NAME;
pub use world::TargetWorld;

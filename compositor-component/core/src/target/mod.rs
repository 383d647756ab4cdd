//! Hosts that artifacts are for: what each takes and gives.
//!
//! The bytes of an artifact do not depend on it: what a host lacks is an error
//! or a warning.

mod check;
mod description;
mod named;
mod table;

pub use check::{check, too_many, unsealed};
pub use description::Target;
pub use named::UnknownTarget;

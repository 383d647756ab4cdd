//! What is wrong, where, and what to do: the ground that every other crate stands on.
//!
//! A phase collects [`Findings`], each a [`Diagnostic`] of a [`Rule`], which has a [`Code`],
//! at a place of the plan; [`tree`] turns places into lines and columns at the end. [`limits`] and
//! [`ceilings`] say how much is allowed, [`lists`] and [`suggest`] say it in words,
//! [`order`] sorts, and [`mod@index`] tells indices of one list from those of another.

pub mod ceilings;
mod diagnostic;
mod digest;
mod error;
mod findings;
pub mod index;
pub mod limits;
pub mod lists;
pub mod order;
mod remedy;
mod rule;
mod severity;
pub mod suggest;
pub mod tree;

pub use diagnostic::{Diagnostic, Position};
pub use digest::{Digest, DigestError};
pub use error::{Code, Error};
pub use findings::Findings;
pub use remedy::Remedy;
pub use rule::Rule;
pub use severity::Severity;

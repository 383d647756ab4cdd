//! The decide phase: for each import that nothing binds, whether its component gets
//! it, and why.

mod check;
mod handed;
mod imports;
mod retained;

pub use check::{check, notes};
pub use imports::together;
pub use retained::Retained;

//! The shape phase: every component has the world that the plan says it has,
//! every binding's two sides exist and fit, every import has a provider or
//! leave to stay open. All mismatches are reported at once,
//! with the WIT of both sides where they differ.

mod bound;
mod check;
mod exports;
mod half_open;
mod lacks;
mod links;
mod open;
mod owners;
mod same;
mod shaped;
mod shared;
mod worlds;

pub use bound::Bound;
pub use check::check;
pub use half_open::half_open;
pub use links::{Side, mismatch};
pub use owners::Owners;
pub use same::{Same, items};
pub use shaped::{Export, Link, Open, ShapedPlan};
pub use shared::{ResourceImport, SharedIndex};

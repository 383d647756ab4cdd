//! The policy: what a plan and its host grant and deny, and the rules that say so.

mod grants;
mod idle;
mod inputs;
mod rules;
mod unmatched;
mod wasi;

pub use grants::{Grants, LeftTo, is_base, is_silent};
pub use idle::Idle;
pub use inputs::{reads_host, warnings};
pub use unmatched::{check as check_rules, has_rules};

//! Plans over components of WIT, composed under policies.

pub use test_generate::plan::{Composed, Plan};

/// A plan whose root has the id `app` and is of the world `app`.
pub fn plan(wit: &str) -> Plan {
    Plan::rooted("app").world("app", wit, "app")
}

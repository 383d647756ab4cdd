//! The plan: what it says, and the forms it is written in.

pub mod carried;
mod decision;
mod fields;
mod from_cbor;
mod host_rules;
mod locked;
pub mod names;
mod other_cbor;
mod read;
mod rules;
mod to_cbor;
mod to_json;
mod types;

pub use decision::{Decided, Decision};
pub use from_cbor::KEYS;
pub(crate) use host_rules::host_rules;
pub(crate) use locked::unlocked;
pub use names::{NameIndex, is_host_import};
pub use read::{Encoding, Parsed, parse, parse_any};
pub use to_cbor::{plan_id, to_cbor};
pub use to_json::to_json;
pub use types::{
    Binding, Capability, Component, Determinism, ExplicitExport, Limits, Linkage, Mode, Plan,
    Policy, Rule, Secret,
};

//! Plans: what they say, the forms they are written in, their ids and their graphs.
//!
//! [`parse`] reads JSON or canonical CBOR to a [`Plan`] with the places of all that it
//! says; [`to_json()`] and [`to_cbor()`] write it, and [`plan_id`] is the hash of that.
//! [`graph`] checks ids, bindings and cycles, [`subplan`] takes out the part of a plan
//! that one component needs, [`names`] and [`carried`] know what names of imports mean.
//! A component's bytes are not looked at here.

pub mod carried;
pub mod cbor;
mod choice;
mod decision;
mod fields;
mod from_cbor;
pub mod graph;
mod host_rules;
mod index;
mod json;
mod kind;
mod locked;
pub mod names;
mod nfc;
mod other_cbor;
mod place;
mod places;
mod presence;
mod read;
mod record;
mod rules;
pub mod subplan;
mod table;
mod to_cbor;
mod to_json;
mod types;

pub use decision::{Decided, Decision};
pub use host_rules::host_rules;
pub use index::{BindingIndex, ComponentIndex};
pub use kind::Version;
pub use locked::unlocked;
pub use names::{NameIndex, is_host_import};
pub use place::{Place, RuleList};
pub use places::places;
pub use read::{Encoding, Parsed, parse, parse_any};
pub use table::{FieldSchema, Most, Presence, Shape};
pub use to_cbor::{plan_id, to_cbor};
pub use to_json::to_json;
pub use types::{
    Binding, Capability, Component, Determinism, ExplicitExport, Limits, Linkage, Mode, Plan,
    Policy, Rule, Secret,
};

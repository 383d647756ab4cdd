//! A plan as canonical CBOR, and its id, which is a hash of that. The schema
//! is `plans/plan.cddl`.

use super::types::Plan;
use crate::cbor;
use crate::kind::{Form, Kind};
use crate::table::FieldSchema;
use compositor_diagnostic::Digest;
use compositor_diagnostic::order::sort_by;

/// The plan in canonical CBOR: lists sorted, defaults left out. It has what
/// plan ids are made of, and the sources.
pub fn to_cbor(plan: &Plan) -> Vec<u8> {
    encode_sorted(&plan.sorted())
}

/// `sha256("plan:v1" || plan CBOR without sources)`, of a locked plan: where
/// components came from says nothing about what they are.
pub fn plan_id(plan: &Plan) -> Digest {
    let mut plan = plan.sorted();
    for component in &mut plan.components {
        component.source = None;
    }
    Digest::of_domain("plan:v1", &encode_sorted(&plan))
}

fn encode_sorted(plan: &Plan) -> Vec<u8> {
    let Encoded(bytes) = Plan::write(plan);
    bytes
}

/// An item of canonical CBOR. What is made of others is joined of them: as values all at
/// once they would take many times their bytes.
struct Encoded(Vec<u8>);

impl Form for Encoded {
    const IS_CBOR: bool = true;

    fn text(text: &str) -> Self {
        Self(cbor::encode(&text.into()))
    }

    fn number(number: u64) -> Self {
        Self(cbor::encode(&number.into()))
    }

    fn digest(digest: &Digest) -> Self {
        Self(cbor::encode(&digest.as_bytes().as_slice().into()))
    }

    fn word(number: u64, _: &str) -> Self {
        Self::number(number)
    }

    fn list(items: impl ExactSizeIterator<Item = Self>) -> Self {
        Self(cbor::array(items.map(|Self(item)| item)))
    }

    fn object(fields: impl Iterator<Item = (&'static FieldSchema, Self)>) -> Self {
        let keyed = fields.filter_map(|(field, Self(value))| Some((field.key?, value)));
        let mut keyed: Vec<_> = keyed.collect();
        sort_by(&mut keyed, |(a, _), (b, _)| a.cmp(b));
        Self(cbor::map(keyed))
    }
}

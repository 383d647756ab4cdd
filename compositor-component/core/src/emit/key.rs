//! The key that an artifact is cached under.

use ciborium::Value;

use compositor_diagnostic::Digest;
use compositor_diagnostic::order::sort_by;
use compositor_plan::{Component, Decided, Plan, cbor, plan_id};

/// The version of everything that decides an artifact's bytes beside the
/// plan and the blobs. Raise it when emission changes.
const EMIT_FORMAT: u64 = 3;

/// `sha256("emit:v1" || [plan id, [digest …], emit format, [[import, what it
/// gets, component …] …]])`; of decisions, those that change the artifact.
pub fn emit_key(plan: &Plan, decided: &[Decided]) -> Digest {
    let mut components: Vec<&Component> = plan.components.iter().collect();
    sort_by(&mut components, |a, b| a.id.cmp(&b.id));
    let digests = components.iter().filter_map(|c| c.digest.as_ref());
    let decided = decided.iter();
    let decision = |decided: &Decided| {
        let consumers = decided.consumers.iter().map(|id| text(id));
        let head = [text(&decided.import), decided.decision.code().into()];
        Value::Array(head.into_iter().chain(consumers).collect())
    };
    let key = Value::Array(vec![
        bytes(&plan_id(plan)),
        Value::Array(digests.map(bytes).collect()),
        EMIT_FORMAT.into(),
        Value::Array(
            decided
                .filter(|d| !d.decision.is_plain())
                .map(decision)
                .collect(),
        ),
    ]);
    Digest::of_domain("emit:v1", &cbor::encode(&key))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_string())
}

fn bytes(digest: &Digest) -> Value {
    Value::Bytes(digest.as_bytes().to_vec())
}

//! The key that an artifact is cached under.

use ciborium::Value;

use compositor_diagnostic::Digest;
use compositor_diagnostic::order::sort_by;
use compositor_plan::{Component, Decided, Plan, cbor, plan_id};
use compositor_wasm::Strip;

/// The version of everything that decides an artifact's bytes beside the
/// plan and the blobs. Raise it when emission changes.
const EMIT_FORMAT: u64 = 3;

/// `sha256("emit:v1" || [plan id, [digest …], emit format, [[import, what it
/// gets, component …] …], strip])`; of decisions, those that change the artifact. What is
/// stripped is left out when nothing is.
pub fn emit_key(plan: &Plan, decided: &[Decided], strip: Option<Strip>) -> Digest {
    let mut components: Vec<&Component> = plan.components.iter().collect();
    sort_by(&mut components, |a, b| a.id.cmp(&b.id));
    let digests = components.iter().filter_map(|c| c.digest.as_ref());
    let decided = decided.iter();
    let decision = |decided: &Decided| {
        let consumers = decided.consumers.iter().map(|id| text(id));
        let head = [text(&decided.import), decided.decision.code().into()];
        Value::Array(head.into_iter().chain(consumers).collect())
    };
    let mut key = vec![
        bytes(&plan_id(plan)),
        Value::Array(digests.map(bytes).collect()),
        EMIT_FORMAT.into(),
        Value::Array(
            decided
                .filter(|d| !d.decision.is_plain())
                .map(decision)
                .collect(),
        ),
    ];
    key.extend(strip.map(|mode| text(mode.as_str())));
    Digest::of_domain("emit:v1", &cbor::encode(&Value::Array(key)))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_string())
}

fn bytes(digest: &Digest) -> Value {
    Value::Bytes(digest.as_bytes().to_vec())
}

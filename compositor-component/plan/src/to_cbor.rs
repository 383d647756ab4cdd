//! A plan as canonical CBOR, and its id, which is a hash of that. The schema
//! is `plans/plan.cddl`.

use ciborium::Value;

use super::types::{Binding, Component, Linkage, Plan, Policy, Rule};
use crate::cbor;
use compositor_diagnostic::Digest;

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
    let mut map = vec![
        (0, cbor::encode(&text("1"))),
        (1, cbor::encode(&text(&plan.root))),
        (2, items(&plan.components, component)),
        (3, items(&plan.bindings, binding)),
        (
            4,
            items(&plan.secrets, |secret| {
                object([(0, text(&secret.id)), (1, text(&secret.uri))])
            }),
        ),
    ];
    // Left out when the plan states none, which is not the same as an empty one.
    map.extend(plan.policy.as_ref().map(|p| (5, policy(p))));
    if plan.linkage != Linkage::default() {
        map.push((6, cbor::encode(&plan.linkage.number().into())));
    }
    if !plan.explicit_exports.is_empty() {
        let exports = items(&plan.explicit_exports, |export| {
            object([
                (0, text(&export.source_instance)),
                (1, text(&export.interface_name)),
            ])
        });
        map.push((7, exports));
    }
    if !plan.imports.is_empty() {
        map.push((8, items(&plan.imports, |name| text(name))));
    }
    cbor::map(map)
}

fn component(component: &Component) -> Value {
    let mut map = vec![(0, text(&component.id))];
    map.extend(component.digest.as_ref().map(|digest| (1, bytes(digest))));
    map.extend(component.source.as_ref().map(|source| (2, text(source))));
    map.extend(component.world.as_ref().map(|world| (3, bytes(world))));
    object(map)
}

fn binding(binding: &Binding) -> Value {
    let mut map = vec![
        (0, text(&binding.import_name)),
        (1, text(&binding.provider)),
        (2, text(&binding.export_name)),
    ];
    map.extend(binding.consumer.as_ref().map(|id| (3, text(id))));
    object(map)
}

fn policy(policy: &Policy) -> Vec<u8> {
    let determinism = policy.determinism.number();
    let capabilities = items(&policy.capabilities, |capability| {
        let level = u64::from(!capability.required);
        let map = vec![(0, text(&capability.name)), (1, level.into())];
        with_components(map, &capability.components)
    });
    let limits = [
        (0, policy.limits.cpu_ms),
        (1, policy.limits.memory_bytes),
        (2, policy.limits.io_ops),
        (3, policy.limits.wall_ms),
    ];
    let limits = limits
        .into_iter()
        .filter_map(|(key, limit)| Some((key, limit?.into())));
    let mut map = vec![(0, cbor::encode(&determinism.into())), (1, capabilities)];
    let tenant = policy.tenant.as_ref();
    map.extend(tenant.map(|tenant| (2, cbor::encode(&text(tenant)))));
    map.push((3, cbor::encode(&object(limits))));
    if !policy.denials.is_empty() {
        map.push((4, items(&policy.denials, denial)));
    }
    cbor::map(map)
}

fn denial(rule: &Rule) -> Value {
    let mut map = vec![(0, text(&rule.name))];
    map.extend(rule.mode.map(|mode| (1, mode.number().into())));
    with_components(map, &rule.components)
}

fn with_components(mut map: Vec<(u64, Value)>, components: &Option<Vec<String>>) -> Value {
    let ids = components.as_ref();
    map.extend(ids.map(|ids| (2, list(ids, |id| text(id)))));
    object(map)
}

fn object(entries: impl IntoIterator<Item = (u64, Value)>) -> Value {
    let entries = entries.into_iter();
    Value::Map(entries.map(|(key, value)| (key.into(), value)).collect())
}

fn items<T>(items: &[T], item: impl Fn(&T) -> Value) -> Vec<u8> {
    cbor::array(items.iter().map(|value| cbor::encode(&item(value))))
}

fn list<T>(items: &[T], item: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(item).collect())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_string())
}

fn bytes(digest: &Digest) -> Value {
    Value::Bytes(digest.as_bytes().to_vec())
}

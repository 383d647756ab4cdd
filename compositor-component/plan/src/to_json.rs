//! A plan as JSON, for people: fields in the order of the schema, two spaces.

use serde_json::{Map, Value, json};

use super::types::{Binding, Component, Linkage, Plan, Policy, Rule};

/// The plan as JSON text. Lists keep their order; defaults are left out.
pub fn to_json(plan: &Plan) -> String {
    let mut map = Map::new();
    if let Some(schema) = &plan.schema {
        map.insert("$schema".into(), schema.as_str().into());
    }
    map.insert("version".into(), "1".into());
    if let Some(description) = &plan.description {
        map.insert("description".into(), description.as_str().into());
    }
    map.insert("root".into(), plan.root.as_str().into());
    if plan.linkage != Linkage::default() {
        map.insert("linkage".into(), plan.linkage.as_str().into());
    }
    map.insert(
        "components".into(),
        plan.components.iter().map(component).collect(),
    );
    map.insert(
        "bindings".into(),
        plan.bindings.iter().map(binding).collect(),
    );
    if !plan.explicit_exports.is_empty() {
        let exports = plan.explicit_exports.iter().map(|export| {
            json!({
                "source_instance": export.source_instance,
                "interface_name": export.interface_name,
            })
        });
        map.insert("explicit_exports".into(), exports.collect());
    }
    if !plan.imports.is_empty() {
        map.insert("imports".into(), plan.imports.as_slice().into());
    }
    if !plan.secrets.is_empty() {
        let secrets = plan
            .secrets
            .iter()
            .map(|secret| json!({ "secret_id": secret.id, "backend_uri": secret.uri }));
        map.insert("secrets".into(), secrets.collect());
    }
    if let Some(stated) = &plan.policy {
        map.insert("policy".into(), policy(stated));
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(map)).unwrap_or_default();
    text.push('\n');
    text
}

fn component(component: &Component) -> Value {
    let mut map = Map::new();
    map.insert("id".into(), component.id.as_str().into());
    if let Some(digest) = &component.digest {
        map.insert("digest".into(), digest.to_string().into());
    }
    if let Some(source) = &component.source {
        map.insert("source".into(), source.as_str().into());
    }
    if let Some(world) = &component.world {
        map.insert("world".into(), world.to_string().into());
    }
    map.into()
}

fn binding(binding: &Binding) -> Value {
    let mut map = Map::new();
    if let Some(consumer) = &binding.consumer {
        map.insert("consumer_id".into(), consumer.as_str().into());
    }
    map.insert("import_name".into(), binding.import_name.as_str().into());
    map.insert("provider_id".into(), binding.provider.as_str().into());
    map.insert("export_name".into(), binding.export_name.as_str().into());
    map.into()
}

fn policy(policy: &Policy) -> Value {
    let determinism = policy.determinism.as_str();
    let capabilities = policy.capabilities.iter().map(|capability| {
        let level = if capability.required {
            "required"
        } else {
            "optional"
        };
        let mut map = Map::new();
        map.insert("name".into(), capability.name.as_str().into());
        map.insert("level".into(), level.into());
        with_components(map, &capability.components)
    });
    let mut map = Map::new();
    map.insert("determinism".into(), determinism.into());
    map.insert("capabilities".into(), capabilities.collect());
    if !policy.denials.is_empty() {
        let denials = policy.denials.iter().map(denial);
        map.insert("denials".into(), denials.collect());
    }
    if let Some(tenant) = &policy.tenant {
        map.insert("tenant".into(), tenant.as_str().into());
    }
    let limits = [
        ("cpu_ms", policy.limits.cpu_ms),
        ("memory_bytes", policy.limits.memory_bytes),
        ("io_ops", policy.limits.io_ops),
        ("wall_ms", policy.limits.wall_ms),
    ];
    let limits: Map<String, Value> = limits
        .into_iter()
        .filter_map(|(name, limit)| Some((name.to_string(), limit?.into())))
        .collect();
    if !limits.is_empty() {
        map.insert("limits".into(), limits.into());
    }
    map.into()
}

fn denial(rule: &Rule) -> Value {
    let mut map = Map::new();
    map.insert("name".into(), rule.name.as_str().into());
    if let Some(mode) = rule.mode {
        map.insert("mode".into(), mode.as_str().into());
    }
    with_components(map, &rule.components)
}

fn with_components(mut map: Map<String, Value>, components: &Option<Vec<String>>) -> Value {
    if let Some(ids) = components {
        map.insert("components".into(), ids.as_slice().into());
    }
    map.into()
}

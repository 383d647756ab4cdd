//! Plans over components of WIT, composed under policies.

use std::collections::BTreeMap;

use compositor_core::memory::MemoryStore;
use compositor_core::{Artifact, Decided, Diagnostic, Limits, build, host_policy, lock};
use serde_json::{Value, json};
use wasmparser::component_types::ComponentEntityType as Entity;
use wasmparser::{Validator, WasmFeatures};

/// A plan, with its components and what its host says.
#[derive(Clone)]
pub struct Plan {
    pub value: Value,
    components: Vec<(String, Vec<u8>)>,
    host: Value,
}

/// What came of a plan.
pub struct Composed {
    /// The artifact's imports, each with its functions.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The artifact's exports.
    pub exports: Vec<String>,
    /// The artifact's bytes.
    pub bytes: Vec<u8>,
    /// What was decided.
    pub decided: Vec<Decided>,
}

/// A plan whose root has the id `app` and is of the world `app`.
pub fn plan(wit: &str) -> Plan {
    Plan::bare().world("app", wit, "app")
}

impl Plan {
    /// A plan without components, whose root is to have the id `app`.
    pub fn bare() -> Self {
        Self {
            value: json!({ "version": "1", "root": "app", "components": [], "bindings": [] }),
            components: Vec::new(),
            host: json!({}),
        }
    }

    /// Adds a component of a world in WIT, whose functions do nothing.
    pub fn world(self, id: &str, wit: &str, world: &str) -> Self {
        let bytes = test_generate::component(wit, world);
        self.component(
            id,
            &bytes.unwrap_or_else(|error| panic!("{error:?}\n{wit}")),
        )
    }

    /// Adds a component.
    pub fn component(mut self, id: &str, bytes: &[u8]) -> Self {
        self.components.push((id.to_string(), bytes.to_vec()));
        let component = json!({ "id": id, "source": format!("file:{id}.wasm") });
        self.list("components").push(component);
        self
    }

    /// Adds a binding whose two sides have the same name.
    pub fn bind(mut self, consumer: &str, name: &str, provider: &str) -> Self {
        self.list("bindings").push(json!({
            "consumer_id": consumer, "import_name": name,
            "provider_id": provider, "export_name": name,
        }));
        self
    }

    /// Sets a field of the plan.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.value[field] = value;
        self
    }

    /// States a policy.
    pub fn policy(self, policy: Value) -> Self {
        self.with("policy", policy)
    }

    /// What its host allows and denies.
    pub fn host(mut self, policy: Value) -> Self {
        self.host = policy;
        self
    }

    fn list(&mut self, name: &str) -> &mut Vec<Value> {
        self.value[name].as_array_mut().expect("a list")
    }

    fn build(&self) -> Result<(Artifact, Vec<u8>), Vec<Diagnostic>> {
        let store = MemoryStore::new();
        let put = |(id, bytes): &(String, Vec<u8>)| (id.clone(), store.put(bytes.clone()));
        let digests: Vec<_> = self.components.iter().map(put).collect();
        let limits = Limits::default();
        let host = host_policy::parse(self.host.to_string().as_bytes(), &limits);
        let host = host.unwrap_or_else(|findings| panic!("{findings:#?}"));
        let locked = lock(self.value.to_string().as_bytes(), &digests, &limits)?;
        let artifact = build(&locked, &host, store.host())?;
        let bytes = store.get(&artifact.digest).expect("it is in the store");
        Ok((artifact, bytes))
    }

    /// Composes it; the artifact validates.
    #[track_caller]
    pub fn composed(&self) -> Composed {
        let built = self.build();
        let (artifact, bytes) = built.unwrap_or_else(|errors| panic!("{errors:#?}"));
        let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
        let validated = Validator::new_with_features(features).validate_all(&bytes);
        let types = validated.unwrap_or_else(|error| panic!("it does not validate: {error}"));
        let view = types.as_ref();
        let functions = |name: &String| match view.component_item_for_import(name) {
            Some(item) => match item.ty {
                Entity::Instance(id) => {
                    let items = types[id].exports.iter();
                    let items = items.filter(|(_, item)| matches!(item.ty, Entity::Func(_)));
                    items.map(|(name, _)| name.clone()).collect()
                }
                Entity::Type { .. } => Vec::new(),
                _ => vec![name.clone()],
            },
            None => Vec::new(),
        };
        let (imports, exports) = test_generate::names(&bytes);
        let imports = imports.into_iter();
        Composed {
            imports: imports
                .map(|name| (name.clone(), functions(&name)))
                .collect(),
            exports,
            decided: artifact.decided,
            bytes,
        }
    }

    /// What is wrong with it.
    #[track_caller]
    pub fn errors(&self) -> Vec<Diagnostic> {
        match self.build() {
            Ok(_) => panic!("it was composed"),
            Err(errors) => errors,
        }
    }
}

impl Composed {
    /// The functions of an import; none where the artifact does not have it.
    pub fn functions(&self, import: &str) -> Vec<&str> {
        let functions = self.imports.get(import).into_iter().flatten();
        functions.map(String::as_str).collect()
    }

    /// Why a component gets what it does for an import.
    pub fn why(&self, component: &str, import: &str) -> &str {
        let mut decided = self.decided.iter();
        let found = decided.find(|decided| {
            decided.import == import && decided.consumers.iter().any(|id| id == component)
        });
        found.map_or("", |decided| decided.why.as_str())
    }

    /// Whether a text is in the artifact.
    pub fn has(&self, text: &str) -> bool {
        let mut windows = self.bytes.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    }
}

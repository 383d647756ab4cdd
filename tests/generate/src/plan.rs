//! A plan in the making, as tests read: these components, these bindings, this
//! policy. It is composed natively here; who has folders or runs programs writes it
//! out first.

use std::collections::BTreeMap;

use compositor_core::memory::MemoryStore;
use compositor_core::{
    Artifact, Decided, Diagnostic, HostPolicy, Limits, build, host_policy, lock, validate,
};
use serde_json::{Value, json};
use wasmparser::{Validator, WasmFeatures};

use crate::functions::functions;
use crate::names::names;

/// A plan, with its components and what its host says.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The plan, not locked; the sources are `ID.wasm` beside it.
    pub value: Value,
    components: Vec<(String, Vec<u8>)>,
    host: Value,
}

/// What a plan was composed to.
#[derive(Debug)]
pub struct Composed {
    /// The artifact's imports, each with its functions.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The names of the artifact's exports.
    pub exports: Vec<String>,
    /// The artifact.
    pub bytes: Vec<u8>,
    /// What was decided.
    pub decided: Vec<Decided>,
}

/// A plan whose root has the id `app`.
pub fn plan(root: impl AsRef<[u8]>) -> Plan {
    Plan::new("app", root)
}

impl Plan {
    /// A plan with a root.
    pub fn new(root: &str, component: impl AsRef<[u8]>) -> Self {
        Self::rooted(root).component(root, component)
    }

    /// A plan without components, whose root is to have this id.
    pub fn rooted(root: &str) -> Self {
        Self {
            value: json!({ "version": "1", "root": root, "components": [], "bindings": [] }),
            components: Vec::new(),
            host: json!({}),
        }
    }

    /// A plan of components, the first of which is the root.
    pub fn of(components: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>) -> Self {
        let mut plan = Self::rooted("");
        for (id, bytes) in components {
            if plan.components.is_empty() {
                plan.value["root"] = id.as_ref().into();
            }
            plan = plan.component(id.as_ref(), bytes);
        }
        plan
    }

    /// Adds a component, in the text format or in binary; one of the same id is
    /// replaced. What is neither is kept as it is.
    ///
    /// # Panics
    ///
    /// When it is text that is not sound.
    pub fn component(mut self, id: &str, component: impl AsRef<[u8]>) -> Self {
        let component = component.as_ref();
        let bytes = match std::str::from_utf8(component) {
            Ok(text) if text.trim_start().starts_with('(') => {
                wat::parse_str(text).unwrap_or_else(|error| panic!("{id}: {error}\n{text}"))
            }
            _ => component.to_vec(),
        };
        match self.components.iter_mut().find(|(other, _)| other == id) {
            Some((_, old)) => *old = bytes,
            None => {
                self.components.push((id.to_string(), bytes));
                let source = format!("file:{id}.wasm");
                self.push("components", json!({ "id": id, "source": source }));
            }
        }
        self
    }

    /// Adds a component of a world in WIT, whose functions do nothing.
    ///
    /// # Panics
    ///
    /// When that is not WIT.
    pub fn world(self, id: &str, wit: &str, world: &str) -> Self {
        let bytes = crate::component(wit, world);
        self.component(id, bytes.unwrap_or_else(|error| panic!("{error:?}\n{wit}")))
    }

    /// Adds a binding whose two sides have the same name.
    pub fn bind(self, consumer: &str, name: &str, provider: &str) -> Self {
        self.bind_as(consumer, name, provider, name)
    }

    /// Adds a binding.
    pub fn bind_as(mut self, consumer: &str, import: &str, provider: &str, export: &str) -> Self {
        let binding = json!({
            "consumer_id": consumer, "import_name": import,
            "provider_id": provider, "export_name": export,
        });
        self.push("bindings", binding);
        self
    }

    /// Adds an export beside those of the root.
    pub fn export(mut self, source: &str, name: &str) -> Self {
        let export = json!({ "source_instance": source, "interface_name": name });
        self.push("explicit_exports", export);
        self
    }

    /// Leaves an import open.
    pub fn open(mut self, name: &str) -> Self {
        self.push("imports", name.into());
        self
    }

    /// Binds when it runs.
    pub fn runtime(self) -> Self {
        self.with("linkage", "runtime".into())
    }

    /// Sets a field of the plan.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.value[field] = value;
        self
    }

    /// States a whole policy.
    pub fn policy(self, policy: Value) -> Self {
        self.with("policy", policy)
    }

    /// States in the policy what is required.
    pub fn capabilities(self, names: &[&str]) -> Self {
        let of = |name| json!({ "name": name, "level": "required" });
        let required = names.iter().map(of).collect();
        self.with_policy("capabilities", required)
    }

    /// States a limit in the policy.
    pub fn limit(mut self, name: &str, value: u64) -> Self {
        self.value["policy"]["limits"][name] = value.into();
        self
    }

    /// States in the policy how far runs may differ.
    pub fn determinism(self, word: &str) -> Self {
        self.with_policy("determinism", word.into())
    }

    /// States a tenant in the policy.
    pub fn tenant(self, name: &str) -> Self {
        self.with_policy("tenant", name.into())
    }

    /// States what its host allows and denies.
    pub fn host(mut self, policy: Value) -> Self {
        self.host = policy;
        self
    }

    /// Its components: ids and bytes, in their order.
    pub fn components(&self) -> &[(String, Vec<u8>)] {
        &self.components
    }

    /// What its host says, as JSON.
    pub fn host_text(&self) -> String {
        self.host.to_string()
    }

    /// A store with its components, and the plan, locked.
    ///
    /// # Errors
    ///
    /// When the plan cannot be read.
    pub fn stored(&self) -> Result<(MemoryStore, Vec<u8>), Vec<Diagnostic>> {
        let store = MemoryStore::new();
        let put = |(id, bytes): &(String, Vec<u8>)| (id.clone(), store.put(bytes.clone()));
        let digests: Vec<_> = self.components.iter().map(put).collect();
        let locked = lock(
            self.value.to_string().as_bytes(),
            &digests,
            &Limits::default(),
        )?;
        Ok((store, locked))
    }

    /// What its host allows and denies, as the core has it.
    ///
    /// # Panics
    ///
    /// When it is not a host's policy.
    pub fn host_policy(&self) -> HostPolicy {
        let policy = host_policy::parse(self.host_text().as_bytes(), &Limits::default());
        policy.unwrap_or_else(|findings| panic!("{findings:#?}"))
    }

    /// Composes it.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    ///
    /// # Panics
    ///
    /// When the artifact is not in the store.
    pub fn build(&self) -> Result<(Artifact, Vec<u8>), Vec<Diagnostic>> {
        let (store, locked) = self.stored()?;
        let artifact = build(&locked, &self.host_policy(), store.host())?;
        let bytes = store.get(&artifact.digest).expect("it is in the store");
        Ok((artifact, bytes))
    }

    /// Composes it; the artifact validates.
    ///
    /// # Panics
    ///
    /// When it is refused, or the artifact is not valid.
    #[track_caller]
    pub fn artifact(&self) -> Vec<u8> {
        self.valid().1
    }

    /// Composes it, and reads what came of it; the artifact validates.
    ///
    /// # Panics
    ///
    /// When it is refused, or the artifact is not valid.
    #[track_caller]
    pub fn composed(&self) -> Composed {
        let (artifact, bytes) = self.valid();
        Composed {
            imports: functions(&bytes).into_iter().collect(),
            exports: names(&bytes).1,
            decided: artifact.decided,
            bytes,
        }
    }

    /// What is wrong with it.
    ///
    /// # Panics
    ///
    /// When it is composed.
    #[track_caller]
    pub fn errors(&self) -> Vec<Diagnostic> {
        match self.build() {
            Ok(_) => panic!("it was composed"),
            Err(errors) => errors,
        }
    }

    /// What is said of it before it is composed: errors, or warnings and notes.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let said = self.stored().and_then(|(store, locked)| {
            validate(&locked, &self.host_policy(), store.host()).map(|report| report.findings)
        });
        said.unwrap_or_else(|errors| errors)
    }

    #[track_caller]
    fn valid(&self) -> (Artifact, Vec<u8>) {
        let built = self.build();
        let (artifact, bytes) = built.unwrap_or_else(|errors| panic!("{errors:#?}"));
        // What an artifact is made of may be newer than what runtimes have on.
        let features =
            WasmFeatures::default() | WasmFeatures::CM_ASYNC | WasmFeatures::CM_FIXED_LENGTH_LISTS;
        let validated = Validator::new_with_features(features).validate_all(&bytes);
        validated.unwrap_or_else(|error| panic!("the artifact does not validate: {error}"));
        (artifact, bytes)
    }

    fn with_policy(mut self, field: &str, value: Value) -> Self {
        self.value["policy"][field] = value;
        self
    }

    fn push(&mut self, list: &str, value: Value) {
        match &mut self.value[list] {
            Value::Array(list) => list.push(value),
            list => *list = json!([value]),
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

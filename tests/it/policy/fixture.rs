//! Plans under a policy, composed natively or written to a folder.

use std::collections::BTreeMap;

use compositor_core::memory::MemoryStore;
use compositor_core::{Diagnostic, HostPolicy, Limits, host_policy};
use compositor_tests::{Compiled, Temp};
use serde_json::{Value, json};
use wasmparser::{Validator, WasmFeatures};
use wasmtime::component::Val;
use wasmtime_wasi::WasiCtxBuilder;

use super::describe::outcome;
use super::guest::Guest;

/// A plan, with its components and what its host says.
pub struct Plan {
    pub value: Value,
    components: Vec<(String, Vec<u8>)>,
    host: Value,
}

/// A plan whose root has the id `app`.
pub fn plan(root: impl AsRef<[u8]>) -> Plan {
    let plan = Plan {
        value: json!({ "version": "1", "root": "app", "components": [], "bindings": [] }),
        components: Vec::new(),
        host: json!({}),
    };
    plan.component("app", root)
}

impl Plan {
    /// Adds a component, in binary or in the text format.
    pub fn component(mut self, id: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = wat::parse_bytes(bytes.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        self.components.push((id.to_string(), bytes.into_owned()));
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

    /// States a policy.
    pub fn policy(mut self, policy: Value) -> Self {
        self.value["policy"] = policy;
        self
    }

    /// What its host allows and denies.
    pub fn host(mut self, policy: Value) -> Self {
        self.host = policy;
        self
    }

    fn list(&mut self, name: &str) -> &mut Vec<Value> {
        self.value[name].as_array_mut().expect("a list")
    }

    /// Composes it natively.
    pub fn emit(&self) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let store = MemoryStore::new();
        let put = |(id, bytes): &(String, Vec<u8>)| (id.clone(), store.put(bytes.clone()));
        let digests: Vec<_> = self.components.iter().map(put).collect();
        let host = host_policy::parse(self.host.to_string().as_bytes(), &Limits::default());
        let host: HostPolicy = host.unwrap_or_else(|findings| panic!("{findings:#?}"));
        let locked = compositor_core::lock(
            self.value.to_string().as_bytes(),
            &digests,
            &Limits::default(),
        )?;
        let artifact = compositor_core::build(&locked, &host, store.host())?;
        Ok(store.get(&artifact.digest).expect("it is in the store"))
    }

    /// Composes it; the artifact validates.
    pub fn artifact(&self) -> Vec<u8> {
        let bytes = self.emit().unwrap_or_else(|errors| panic!("{errors:#?}"));
        // What an artifact is made of may be newer than what runtimes have on.
        let features =
            WasmFeatures::default() | WasmFeatures::CM_ASYNC | WasmFeatures::CM_FIXED_LENGTH_LISTS;
        let validated = Validator::new_with_features(features).validate_all(&bytes);
        validated.unwrap_or_else(|error| panic!("the artifact does not validate: {error}"));
        bytes
    }

    /// Writes it to a folder, with its components and `policy.json`.
    pub fn written(&self) -> Temp {
        let folder = Temp::new();
        for (id, bytes) in &self.components {
            folder.write(format!("{id}.wasm"), bytes);
        }
        folder.write("plan.json", self.value.to_string());
        folder.write("policy.json", self.host.to_string());
        folder
    }
}

/// The names of a component's own imports that have functions, and those that
/// have none.
pub fn imports(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let features = WasmFeatures::all();
    let mut validator = Validator::new_with_features(features);
    let types = validator.validate_all(component).expect("it is valid");
    let names = crate::runtimes::imports(component).into_iter();
    names.partition(|name| has_functions(&types.as_ref(), name))
}

fn has_functions(types: &wasmparser::types::TypesRef<'_>, import: &str) -> bool {
    use wasmparser::component_types::ComponentEntityType as Entity;
    let item = types.component_item_for_import(import);
    match item.expect("an import has a type").ty {
        Entity::Instance(id) => {
            let mut items = types[id].exports.values();
            items.any(|item| matches!(item.ty, Entity::Func(_)))
        }
        Entity::Type { .. } => false,
        _ => true,
    }
}

/// What comes of each call of a guest, each in an instance of its own.
pub fn outcomes(
    guest: &Guest,
    artifact: &[u8],
    wasi: impl Fn() -> WasiCtxBuilder,
) -> BTreeMap<String, String> {
    let compiled = Compiled::new(artifact).unwrap_or_else(|error| panic!("{error:?}"));
    let functions = guest.functions.iter().enumerate();
    let tried = functions.filter(|(_, called)| !is_base(&called.name));
    let tried = tried.map(|(index, called)| {
        let started = compiled.start(wasi());
        let mut started = started.unwrap_or_else(|error| panic!("{error:?}"));
        let mut call = || match started.call(&guest.call, &[Val::U32(index as u32)]) {
            Ok(values) => Ok(bytes(&values)),
            Err(error) => Err(format!("{error:?}")),
        };
        let result = call();
        // Handles that a call leaves behind would be in the next one's way.
        if result.is_ok()
            && let Err(trap) = call()
        {
            panic!("{}: a second call {trap}", called.name);
        }
        (called.name.clone(), outcome(guest, index, result))
    });
    tried.collect()
}

fn bytes(values: &[Val]) -> Vec<u8> {
    let [Val::List(bytes)] = values else {
        panic!("{values:?} is not a list of bytes");
    };
    let byte = |value: &Val| match value {
        Val::U8(byte) => *byte,
        _ => panic!("{value:?} is not a byte"),
    };
    bytes.iter().map(byte).collect()
}

/// Whether a name is of what is always there.
pub fn is_base(name: &str) -> bool {
    let of = |start: &str| name.starts_with(start);
    of("wasi:io/")
        || of("wasi:cli/types@")
        || of("wasi:cli/std")
        || of("wasi:cli/exit@")
        || of("wasi:cli/terminal-")
}

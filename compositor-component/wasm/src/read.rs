//! A component's types and names in one parse, which validates all but code.

use wasmparser::types::Types;
use wasmparser::{MemoryType, Parser, Payload, TypeRef, ValidPayload, Validator, WasmFeatures};

use compositor_validator::{FEATURES, SHARED_MEMORIES};

/// Names of the outermost component's imports and exports, in order.
pub struct Names {
    /// Of its imports.
    pub imports: Vec<String>,
    /// Of its exports.
    pub exports: Vec<String>,
    /// What memories are, of which a validator says nothing.
    pub(super) memory_features: WasmFeatures,
    /// How many the module has that is read.
    memories: usize,
    /// Modules and components, through all nesting and with this one.
    pub modules_and_components: usize,
    /// The most instances that one component has.
    pub instances: usize,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            imports: Vec::new(),
            exports: Vec::new(),
            memory_features: WasmFeatures::empty(),
            memories: 0,
            modules_and_components: 0,
            instances: 0,
        }
    }
}

impl Names {
    fn end(&mut self, types: &Types) {
        let types = types.as_ref();
        let instances = types.core_instance_count() + types.component_instance_count();
        self.instances = self.instances.max(instances as usize);
    }

    fn memory(&mut self, memory: MemoryType) {
        self.memories += 1;
        if self.memories > 1 {
            self.memory_features |= WasmFeatures::MULTI_MEMORY;
        }
        if memory.shared {
            self.memory_features |= SHARED_MEMORIES;
        }
    }
}

/// What the validator says, without the numbers that it has for resources: they
/// count everything that the process validated before.
fn said(message: &str) -> String {
    let lines = message.lines();
    let lines = lines.map(|line| line.split(" (ResourceId").next().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Why a component has no types.
pub struct Unread {
    /// The validator's word.
    pub message: String,
    /// A proposal that it would take, where that is said.
    pub(super) missing: Option<WasmFeatures>,
}

impl From<wasmparser::Error> for Unread {
    fn from(error: wasmparser::Error) -> Self {
        Self {
            message: said(error.message()),
            missing: error.missing_wasm_feature(),
        }
    }
}

/// Validates a component but for its code, as one that may use some proposals;
/// one parse gives its types and its names. At a depth, it is the component that
/// is embedded in as many others; what these have behind it is not looked at.
pub fn read(
    skeleton: &[u8],
    depth: usize,
    features: WasmFeatures,
) -> Result<(Types, Names), Unread> {
    let mut validator = Validator::new_with_features(features);
    let mut names = Names::default();
    let mut around = 0;
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    for payload in parser.parse_all(skeleton) {
        let payload = payload?;
        match validator.payload(&payload)? {
            ValidPayload::Parser(_) => around += 1,
            ValidPayload::End(types) => {
                names.end(&types);
                if around == depth {
                    return Ok((types, names));
                }
                around -= 1;
            }
            // Code has no part in types; the store validates it.
            ValidPayload::Func(..) | ValidPayload::Ok => {}
        }
        match payload {
            Payload::ComponentImportSection(section) if around == depth => {
                for import in section {
                    names.imports.push(import?.name.name.to_string());
                }
            }
            Payload::ComponentExportSection(section) if around == depth => {
                for export in section {
                    names.exports.push(export?.name.name.to_string());
                }
            }
            Payload::Version { .. } => {
                names.modules_and_components += 1;
                names.memories = 0;
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    names.memory(memory?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Memory(memory) = import?.ty {
                        names.memory(memory);
                    }
                }
            }
            _ => {}
        }
    }
    Err(Unread {
        message: "it does not end".into(),
        missing: None,
    })
}

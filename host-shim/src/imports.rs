//! What an artifact imports and whether it can be called, read of its bytes
//! before anything of it is compiled.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use wasmparser::component_types::ComponentEntityType;
use wasmparser::types::TypesRef;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use crate::bindings::sys::compose::runner::{Import, Program};
use crate::error::{Error, ErrorCode, error};
use crate::footprint::{Footprint, footprint};
use crate::program::id_of;

/// What a guest is called through at run time, of any version of its track.
const ENDPOINT: &str = "compose:dynlink/endpoint@0.1.";

/// What only components have that may have several tasks at once.
const ASYNC: WasmFeatures = WasmFeatures::CM_ASYNC
    .union(WasmFeatures::CM_ASYNC_STACKFUL)
    .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
    .union(WasmFeatures::CM_THREADING)
    .union(WasmFeatures::CM_ERROR_CONTEXT);

/// What of an artifact decides whether it may run.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// The imports that functions come through.
    imports: Vec<Import>,
    /// Whether it may have several tasks at once: it has async functions, or imports WASI
    /// 0.3.
    pub is_concurrent: bool,
    /// Whether it exports an endpoint.
    pub is_endpoint: bool,
    /// What an instance of it takes.
    pub footprint: Footprint,
}

impl Outside {
    /// Reads it of a component. Bodies of functions are not looked at: whoever
    /// compiles them does that.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        let read = |is_async: bool| {
            let mut features = WasmFeatures::all();
            features.set(ASYNC, is_async);
            let mut validator = Validator::new_with_features(features);
            let mut depth = 0usize;
            let (mut imports, mut exports) = (Vec::new(), Vec::new());
            let mut is_concurrent = is_async;
            for payload in Parser::new(0).parse_all(bytes) {
                let payload = payload?;
                match &payload {
                    Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                    Payload::ComponentImportSection(section) if depth == 0 => {
                        for import in section.clone() {
                            let name = import?.name;
                            let implements = name.full_implements();
                            let import = Import {
                                name: name.name.to_string(),
                                implements: implements.map(Cow::into_owned),
                                functions: Vec::new(),
                            };
                            is_concurrent |= is_of_wasi_0_3(&import);
                            imports.push(import);
                        }
                    }
                    Payload::ComponentExportSection(section) if depth == 0 => {
                        for export in section.clone() {
                            exports.push(export?.name.name.to_string());
                        }
                    }
                    Payload::End(offset) if depth == 0 => {
                        let types = validator.end(*offset)?;
                        for import in &mut imports {
                            import.functions = functions(types.as_ref(), &import.name);
                        }
                        imports.retain(|import| !import.functions.is_empty());
                        break;
                    }
                    Payload::End(_) => depth -= 1,
                    _ => {}
                }
                validator.payload(&payload)?;
            }
            Ok(Self {
                is_concurrent,
                imports,
                is_endpoint: exports.iter().any(|name| name.starts_with(ENDPOINT)),
                footprint: footprint(bytes)?,
            })
        };
        // Few have anything of that, and it cannot be told where it may be.
        let found = read(false).or_else(|_| read(true));
        found.map_err(|cause: wasmparser::BinaryReaderError| {
            let message = format!("the component cannot be compiled: {cause:#}");
            error(ErrorCode::EmitCompositionFailed, message)
        })
    }

    /// Holds what it imports to what was decided for its program.
    pub fn hold(&self, program: &Program) -> Result<(), Error> {
        let Some(decided) = &program.imports else {
            return Ok(());
        };
        let mut known: HashMap<(&str, Option<&str>), HashSet<&str>> = HashMap::new();
        for import in decided {
            let functions = import.functions.iter().map(String::as_str);
            let implements = import.implements.as_deref();
            let of = known.entry((&import.name, implements)).or_default();
            of.extend(functions);
        }
        for import in &self.imports {
            let known = known.get(&(import.name.as_str(), import.implements.as_deref()));
            let is_decided = |name: &&String| known.is_some_and(|of| of.contains(name.as_str()));
            if let Some(function) = import.functions.iter().find(|name| !is_decided(name)) {
                return Err(undecided(program, import, function));
            }
        }
        Ok(())
    }
}

/// Whether an import is of WASI 0.3 or later, as whole interfaces are, also where none of
/// its functions is async.
fn is_of_wasi_0_3(import: &Import) -> bool {
    let interface = import.implements.as_deref().unwrap_or(&import.name);
    let version = interface
        .rsplit_once('@')
        .map_or("", |(_, version)| version);
    interface.starts_with("wasi:") && !version.starts_with("0.2")
}

fn undecided(program: &Program, import: &Import, function: &str) -> Error {
    let Import {
        name, implements, ..
    } = import;
    let shown = match implements {
        Some(interface) => format!("`{name}`, which implements `{interface}`"),
        None => format!("`{name}`"),
    };
    let message = format!(
        "the artifact of `{}` has function `{function}` of import {shown}: it was not decided that \
         it may, so this is not what was composed",
        id_of(program)
    );
    Error {
        context: Some(name.clone()),
        ..error(ErrorCode::ExecCapabilityDenied, message)
    }
}

/// What comes through an import that is no type; of an import without a type,
/// which there is not, its own name.
fn functions(types: TypesRef<'_>, import: &str) -> Vec<String> {
    let is_type = |ty: &ComponentEntityType| matches!(ty, ComponentEntityType::Type { .. });
    let item = types.component_item_for_import(import);
    match item.map(|item| &item.ty) {
        Some(ComponentEntityType::Instance(id)) => {
            let items = types[*id].exports.iter();
            let items = items.filter(|(_, item)| !is_type(&item.ty));
            items.map(|(name, _)| name.to_string()).collect()
        }
        Some(ty) if is_type(ty) => Vec::new(),
        _ => vec![import.to_string()],
    }
}

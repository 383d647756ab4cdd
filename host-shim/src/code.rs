//! Whose code a program's frames are of, which a failure is told by. The runtime
//! tells a frame by its core module, its function and its place in the artifact; what
//! stands there is read of the artifact when the first failure is told, and not before.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use composectl_runtime::{Code, Place};
use sha2::{Digest as _, Sha256};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};
use wasmtime::FrameInfo;

use crate::bindings::sys::compose::runner::{Part, Program};
use crate::digest::digest;
use crate::host::Host;

/// Components that are named where several of a plan are the same.
const NAMED: usize = 3;

/// The code of a program.
pub struct ProgramCode {
    host: Arc<Host>,
    program: Program,
    modules: OnceLock<Vec<Module>>,
}

impl ProgramCode {
    /// Nothing is read yet.
    pub fn new(host: &Arc<Host>, program: &Program) -> Arc<Self> {
        Arc::new(Self {
            host: host.clone(),
            program: program.clone(),
            modules: OnceLock::new(),
        })
    }

    fn modules(&self) -> &[Module] {
        self.modules.get_or_init(|| {
            // Without its bytes, as when they were removed, frames have no component.
            let read = || {
                let artifact = digest(&self.program.artifact).ok()?;
                self.host.store().ok()?.bytes(&artifact).ok()
            };
            let bytes = read().unwrap_or_default();
            modules(&bytes, &owners(&self.program.parts))
        })
    }
}

impl Code for ProgramCode {
    fn place(&self, frame: &FrameInfo) -> Option<Place> {
        let module = frame.module();
        let seen = Seen {
            offset: frame.module_offset()? as u64,
            function: frame.func_index(),
            imports: module.imports().len(),
            exports: module.exports().len(),
        };
        place(self.modules(), &seen)
    }
}

/// What the runtime tells of a frame.
struct Seen {
    /// Where its instruction is in the artifact.
    offset: u64,
    /// Its function's index in its module.
    function: u32,
    /// How many imports and exports its module has.
    imports: usize,
    exports: usize,
}

/// A core module of an artifact.
struct Module {
    range: Range<u64>,
    /// The component that it is in, for people; none in one that was generated.
    component: Option<String>,
    imports: usize,
    exports: usize,
    /// Imported functions, which have the first indices.
    imported: u32,
    /// Where each function of its own is.
    bodies: Vec<Range<u64>>,
    /// What functions are exported as.
    names: HashMap<u32, String>,
}

/// Whose a frame is. Modules that the runtime makes are in no artifact; their
/// offsets are those of other modules at times, but not of the same function of one
/// with as many imports and exports.
fn place(modules: &[Module], seen: &Seen) -> Option<Place> {
    let index = modules.partition_point(|module| module.range.end <= seen.offset);
    let module = modules.get(index)?;
    let body = seen.function.checked_sub(module.imported)? as usize;
    let is_it = module.bodies.get(body)?.contains(&seen.offset)
        && (module.imports, module.exports) == (seen.imports, seen.exports);
    let component = module.component.as_ref().filter(|_| is_it)?;
    Some(Place {
        component: component.clone(),
        export: module.names.get(&seen.function).cloned(),
    })
}

/// Components by their digests, for people: `"a" or "b"` where both are one.
fn owners(parts: &[Part]) -> HashMap<Vec<u8>, String> {
    let mut ids: HashMap<Vec<u8>, Vec<&str>> = HashMap::new();
    for part in parts {
        ids.entry(part.digest.clone()).or_default().push(&part.id);
    }
    let shown = |ids: Vec<&str>| {
        let named: Vec<String> = ids.iter().take(NAMED).map(|id| format!("{id:?}")).collect();
        let named = named.join(" or ");
        match ids.len().checked_sub(NAMED) {
            None | Some(0) => named,
            Some(others) => format!("{named} or {others} others"),
        }
    };
    let ids = ids.into_iter();
    ids.map(|(digest, ids)| (digest, shown(ids))).collect()
}

/// The core modules of an artifact, in its order. A component of the plan is known by
/// its digest; what is in it is its own.
fn modules(artifact: &[u8], owners: &HashMap<Vec<u8>, String>) -> Vec<Module> {
    let mut modules = Vec::new();
    // The components around what is read, each with its owner.
    let mut around: Vec<Option<String>> = Vec::new();
    let mut module: Option<Module> = None;
    let owner = |bytes: &[u8]| owners.get(Sha256::digest(bytes).as_slice()).cloned();
    // Where a component of the plan is not composed with anything, it is the artifact.
    let mut next = owner(artifact);
    for payload in Parser::new(0).parse_all(artifact) {
        let Ok(payload) = payload else {
            break;
        };
        match payload {
            Payload::Version { encoding, .. } => match encoding {
                wasmparser::Encoding::Component => around.push(next.take()),
                wasmparser::Encoding::Module => {}
            },
            Payload::ComponentSection {
                unchecked_range, ..
            } => {
                let enclosing = around.last().cloned().flatten();
                next = enclosing.or_else(|| {
                    let (start, end) = (unchecked_range.start, unchecked_range.end);
                    artifact.get(start as usize..end as usize).and_then(owner)
                });
            }
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                module = Some(Module {
                    range: unchecked_range.start..unchecked_range.end,
                    component: around.last().cloned().flatten(),
                    imports: 0,
                    exports: 0,
                    imported: 0,
                    bodies: Vec::new(),
                    names: HashMap::new(),
                });
            }
            Payload::End(_) => match module.take() {
                Some(done) => modules.push(done),
                None => drop(around.pop()),
            },
            payload => {
                if let Some(module) = &mut module {
                    read(module, &payload);
                }
            }
        }
    }
    modules
}

/// Takes what a section says of a module.
fn read(module: &mut Module, payload: &Payload<'_>) {
    match payload {
        Payload::ImportSection(imports) => {
            for import in imports.clone().into_imports().filter_map(Result::ok) {
                module.imports += 1;
                if matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                    module.imported += 1;
                }
            }
        }
        Payload::ExportSection(exports) => {
            for export in exports.clone().into_iter().filter_map(Result::ok) {
                module.exports += 1;
                if matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact) {
                    let name = || export.name.to_string();
                    module.names.entry(export.index).or_insert_with(name);
                }
            }
        }
        Payload::CodeSectionEntry(body) => {
            let range = body.range();
            module.bodies.push(range.start..range.end);
        }
        _ => {}
    }
}

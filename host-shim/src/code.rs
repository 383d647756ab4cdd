//! Whose code a program's frames are of, which a failure is told by. The runtime
//! tells a frame by its core module, its function and its place in what was compiled;
//! what stands there is read of the artifact when the first failure is told, and not
//! before.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use composectl_runtime::{Code, Images, Place, Tenant, split};
use sha2::{Digest as _, Sha256};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};
use wasmtime::FrameInfo;

use crate::bindings::sys::compose::runner::{Part, Program};
use crate::digest::digest;
use crate::host::Host;
use crate::imports::Outside;

/// The code of a program.
pub struct ProgramCode {
    host: Arc<Host>,
    tenant: Arc<Tenant<Outside>>,
    program: Program,
    known: OnceLock<Option<Known>>,
}

impl ProgramCode {
    /// Nothing is read yet.
    pub fn new(host: &Arc<Host>, tenant: &Arc<Tenant<Outside>>, program: &Program) -> Arc<Self> {
        Arc::new(Self {
            host: host.clone(),
            tenant: tenant.clone(),
            program: program.clone(),
            known: OnceLock::new(),
        })
    }

    fn known(&self) -> Option<&Known> {
        let read = || {
            let artifact = digest(&self.program.artifact).ok()?;
            let images = self.tenant.images(artifact.as_bytes())?;
            let bytes = self.host.store().ok()?.bytes(&artifact).ok()?;
            Known::of(images, &bytes, &self.program.parts)
        };
        // Without its bytes, as when they were removed, frames have no component.
        self.known.get_or_init(read).as_ref()
    }
}

impl Code for ProgramCode {
    fn place(&self, frame: &FrameInfo) -> Option<Place> {
        let module = frame.module();
        let offset = frame.module_offset()? as u64;
        let seen = Seen {
            offset,
            function: frame.func_index(),
            imports: module.imports().len(),
            exports: module.exports().len(),
        };
        let known = self.known()?;
        known.place(known.images.digest(module), &seen)
    }
}

/// What the runtime tells of a frame.
struct Seen {
    /// Where its instruction is in what was compiled: in its module where that was
    /// compiled by itself, else in the wrapper.
    offset: u64,
    /// Its function's index in its module.
    function: u32,
    /// How many imports and exports its module has.
    imports: usize,
    exports: usize,
}

/// What is known of a program's code.
struct Known {
    /// The modules that were compiled by themselves.
    images: Arc<Images>,
    /// Where the others are in the wrapper.
    wrapped: Vec<Module>,
    /// All of the artifact, each once, with the ids of the components that it is in.
    modules: HashMap<[u8; 32], (Module, Arc<[String]>)>,
}

/// A core module.
struct Module {
    digest: [u8; 32],
    range: Range<u64>,
    /// The ids of the components that it is in; none where it was generated.
    components: Vec<String>,
    imports: usize,
    exports: usize,
    /// Imported functions, which have the first indices.
    imported: u32,
    /// Where each function of its own is, from where the module begins.
    bodies: Vec<Range<u64>>,
    /// What functions are exported as.
    names: HashMap<u32, String>,
}

impl Known {
    fn of(images: Arc<Images>, artifact: &[u8], parts: &[Part]) -> Option<Self> {
        let wrapped = modules(&split(artifact).ok()?.wrapper, &HashMap::new());
        let mut distinct: HashMap<[u8; 32], Module> = HashMap::new();
        for module in modules(artifact, &owners(parts)) {
            match distinct.get_mut(&module.digest) {
                Some(same) => same.components.extend(module.components),
                None => drop(distinct.insert(module.digest, module)),
            }
        }
        let modules = distinct.into_iter().map(|(digest, mut module)| {
            let mut components = std::mem::take(&mut module.components);
            components.sort_unstable();
            components.dedup();
            (digest, (module, components.into()))
        });
        Some(Self {
            images,
            wrapped,
            modules: modules.collect(),
        })
    }

    /// Whose a frame is. Modules that the runtime makes are in no artifact; their
    /// offsets are those of other modules at times, but not of the same function of one
    /// with as many imports and exports.
    fn place(&self, compiled: Option<&[u8; 32]>, seen: &Seen) -> Option<Place> {
        let (digest, start) = match compiled {
            Some(digest) => (digest, 0),
            None => {
                let is_before = |module: &Module| module.range.end <= seen.offset;
                let module = self.wrapped.get(self.wrapped.partition_point(is_before))?;
                (&module.digest, module.range.start)
            }
        };
        let (module, components) = self.modules.get(digest)?;
        let body = seen.function.checked_sub(module.imported)? as usize;
        let offset = seen.offset.checked_sub(start)?;
        let is_it = module.bodies.get(body)?.contains(&offset)
            && (module.imports, module.exports) == (seen.imports, seen.exports);
        (is_it && !components.is_empty()).then(|| Place {
            components: components.clone(),
            export: module.names.get(&seen.function).cloned(),
        })
    }
}

/// The ids of components by their digests.
fn owners(parts: &[Part]) -> HashMap<Vec<u8>, Vec<String>> {
    let mut ids: HashMap<Vec<u8>, Vec<String>> = HashMap::new();
    for part in parts {
        let of = ids.entry(part.digest.clone()).or_default();
        of.push(part.id.clone());
    }
    ids
}

/// The core modules of a component, in its order. A component of the plan is known by
/// its digest; what is in it is its own.
fn modules(component: &[u8], owners: &HashMap<Vec<u8>, Vec<String>>) -> Vec<Module> {
    let mut modules = Vec::new();
    // The components around what is read, each with its owners.
    let mut around: Vec<Option<&Vec<String>>> = Vec::new();
    let mut module: Option<Module> = None;
    let owner = |bytes: &[u8]| match owners.is_empty() {
        true => None,
        false => owners.get(Sha256::digest(bytes).as_slice()),
    };
    let part = |range: &Range<u64>| component.get(range.start as usize..range.end as usize);
    // Where a component of the plan is not composed with anything, it is the artifact.
    let mut next = owner(component);
    for payload in Parser::new(0).parse_all(component) {
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
                let range = unchecked_range.start..unchecked_range.end;
                let enclosing = around.last().copied().flatten();
                next = enclosing.or_else(|| part(&range).and_then(owner));
            }
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                let range = unchecked_range.start..unchecked_range.end;
                module = Some(Module {
                    digest: Sha256::digest(part(&range).unwrap_or_default()).into(),
                    range,
                    components: around
                        .last()
                        .copied()
                        .flatten()
                        .cloned()
                        .unwrap_or_default(),
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
            let (range, start) = (body.range(), module.range.start);
            module.bodies.push(range.start - start..range.end - start);
        }
        _ => {}
    }
}

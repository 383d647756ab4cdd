//! What instances of a component take: how many memories and tables, and, beside
//! those, the globals and imported functions of its core modules, as often as each
//! is instantiated.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Instance, Parser, Payload, Result, TypeRef,
};

/// Bytes that a global takes.
const GLOBAL: u64 = 16;

/// Bytes that an imported function takes.
const FUNCTION: u64 = 32;

/// What an instance takes, at the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Bytes beside memories and tables.
    pub bytes: u64,
    /// Memories, of whatever size.
    pub memories: u64,
    /// Tables, of whatever size.
    pub tables: u64,
}

impl Footprint {
    fn add(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.memories = self.memories.saturating_add(other.memories);
        self.tables = self.tables.saturating_add(other.tables);
    }

    /// The larger of each.
    fn max(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            memories: self.memories.max(other.memories),
            tables: self.tables.max(other.tables),
        }
    }
}

/// What is there so far of a component that is being read.
#[derive(Default)]
struct Level {
    /// What an instance of each core module takes, and of each component.
    modules: Vec<Footprint>,
    components: Vec<Footprint>,
    /// What an instance of this takes.
    own: Footprint,
}

/// What an instance of a valid component takes, at the least.
///
/// # Errors
/// When it is no component.
pub fn footprint(bytes: &[u8]) -> Result<Footprint> {
    let mut parser = Parser::new(0);
    parser.set_features(wasmparser::WasmFeatures::all());
    let mut levels: Vec<Level> = Vec::new();
    // The core module that is being read, and what it has so far.
    let mut module: Option<Footprint> = None;
    // What comes out of an instance may be any of those before.
    let mut largest = Footprint::default();
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match &payload {
            Payload::Version { encoding, .. } => match encoding {
                wasmparser::Encoding::Module => module = Some(Footprint::default()),
                wasmparser::Encoding::Component => levels.push(Level::default()),
            },
            Payload::GlobalSection(globals) if let Some(module) = &mut module => {
                module.bytes += u64::from(globals.count()) * GLOBAL;
            }
            Payload::MemorySection(memories) if let Some(module) = &mut module => {
                module.memories += u64::from(memories.count());
            }
            Payload::TableSection(tables) if let Some(module) = &mut module => {
                module.tables += u64::from(tables.count());
            }
            Payload::ImportSection(imports) if let Some(module) = &mut module => {
                for import in imports.clone().into_imports() {
                    module.bytes += match import?.ty {
                        TypeRef::Func(_) | TypeRef::FuncExact(_) => FUNCTION,
                        _ => 0,
                    };
                }
            }
            Payload::End(_) => {
                let done = match module.take() {
                    Some(module) => module,
                    None => match levels.pop() {
                        Some(level) if levels.is_empty() => return Ok(level.own),
                        Some(level) => {
                            largest = largest.max(level.own);
                            if let Some(around) = levels.last_mut() {
                                around.components.push(level.own);
                            }
                            continue;
                        }
                        None => continue,
                    },
                };
                largest = largest.max(done);
                if let Some(around) = levels.last_mut() {
                    around.modules.push(done);
                }
            }
            _ => level(&payload, &mut levels, largest)?,
        }
    }
    Ok(Footprint::default())
}

/// Takes what a component says of its index spaces and instances.
fn level(payload: &Payload<'_>, levels: &mut [Level], largest: Footprint) -> Result<()> {
    let Some((this, around)) = levels.split_last_mut() else {
        return Ok(());
    };
    match payload {
        Payload::InstanceSection(instances) => {
            for instance in instances.clone() {
                if let Instance::Instantiate { module_index, .. } = instance? {
                    let module = this.modules.get(module_index as usize);
                    this.own.add(module.copied().unwrap_or(largest));
                }
            }
        }
        Payload::ComponentInstanceSection(instances) => {
            for instance in instances.clone() {
                if let ComponentInstance::Instantiate {
                    component_index, ..
                } = instance?
                {
                    let component = this.components.get(component_index as usize);
                    this.own.add(component.copied().unwrap_or(largest));
                }
            }
        }
        Payload::ComponentImportSection(imports) => {
            for import in imports.clone() {
                match import?.ty {
                    ComponentTypeRef::Module(_) => this.modules.push(largest),
                    ComponentTypeRef::Component(_) => this.components.push(largest),
                    _ => {}
                }
            }
        }
        Payload::ComponentAliasSection(aliases) => {
            for alias in aliases.clone() {
                match alias? {
                    ComponentAlias::InstanceExport { kind, .. } => match kind {
                        ComponentExternalKind::Module => this.modules.push(largest),
                        ComponentExternalKind::Component => this.components.push(largest),
                        _ => {}
                    },
                    ComponentAlias::Outer { kind, count, index } => {
                        let outer = (around.len() + 1).checked_sub(1 + count as usize);
                        let outer = outer.and_then(|at| around.get(at));
                        let find = |of: fn(&Level) -> &Vec<Footprint>| {
                            let found = outer.and_then(|level| of(level).get(index as usize));
                            found.copied().unwrap_or(largest)
                        };
                        match kind {
                            ComponentOuterAliasKind::CoreModule => {
                                this.modules.push(find(|level| &level.modules));
                            }
                            ComponentOuterAliasKind::Component => {
                                this.components.push(find(|level| &level.components));
                            }
                            _ => {}
                        }
                    }
                    ComponentAlias::CoreInstanceExport { .. } => {}
                }
            }
        }
        // An export is another index of what it is.
        Payload::ComponentExportSection(exports) => {
            for export in exports.clone() {
                let export = export?;
                let index = export.index as usize;
                match export.kind {
                    ComponentExternalKind::Module => {
                        let module = this.modules.get(index).copied().unwrap_or(largest);
                        this.modules.push(module);
                    }
                    ComponentExternalKind::Component => {
                        let component = this.components.get(index).copied().unwrap_or(largest);
                        this.components.push(component);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

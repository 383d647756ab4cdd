//! What instances of a component take beside their memories and tables: the
//! globals and imported functions of its core modules, as often as each is
//! instantiated.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Instance, Parser, Payload, Result, TypeRef,
};

/// Bytes that a global takes.
const GLOBAL: u64 = 16;

/// Bytes that an imported function takes.
const FUNCTION: u64 = 32;

/// What is there so far of a component that is being read.
#[derive(Default)]
struct Level {
    /// What an instance of each core module takes, and of each component.
    modules: Vec<u64>,
    components: Vec<u64>,
    /// What an instance of this takes.
    bytes: u64,
}

/// Bytes that an instance of a valid component takes, at the least.
///
/// # Errors
/// When it is no component.
pub fn footprint(bytes: &[u8]) -> Result<u64> {
    let mut parser = Parser::new(0);
    parser.set_features(wasmparser::WasmFeatures::all());
    let mut levels: Vec<Level> = Vec::new();
    // The core module that is being read, and the globals and functions of it.
    let mut module: Option<u64> = None;
    // What comes out of an instance may be any of those before.
    let mut largest = 0u64;
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match &payload {
            Payload::Version { encoding, .. } => match encoding {
                wasmparser::Encoding::Module => module = Some(0),
                wasmparser::Encoding::Component => levels.push(Level::default()),
            },
            Payload::GlobalSection(globals) => {
                let more = u64::from(globals.count()) * GLOBAL;
                module = module.map(|module| module.saturating_add(more));
            }
            Payload::ImportSection(imports) if module.is_some() => {
                let mut more = 0u64;
                for import in imports.clone().into_imports() {
                    more += match import?.ty {
                        TypeRef::Func(_) | TypeRef::FuncExact(_) => FUNCTION,
                        _ => 0,
                    };
                }
                module = module.map(|module| module.saturating_add(more));
            }
            Payload::End(_) => {
                let done = match module.take() {
                    Some(module) => module,
                    None => match levels.pop() {
                        Some(level) if levels.is_empty() => return Ok(level.bytes),
                        Some(level) => {
                            largest = largest.max(level.bytes);
                            if let Some(around) = levels.last_mut() {
                                around.components.push(level.bytes);
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
    Ok(0)
}

/// Takes what a component says of its index spaces and instances.
fn level(payload: &Payload<'_>, levels: &mut [Level], largest: u64) -> Result<()> {
    let Some((this, around)) = levels.split_last_mut() else {
        return Ok(());
    };
    match payload {
        Payload::InstanceSection(instances) => {
            for instance in instances.clone() {
                if let Instance::Instantiate { module_index, .. } = instance? {
                    let bytes = this.modules.get(module_index as usize);
                    let bytes = bytes.copied().unwrap_or(largest);
                    this.bytes = this.bytes.saturating_add(bytes);
                }
            }
        }
        Payload::ComponentInstanceSection(instances) => {
            for instance in instances.clone() {
                if let ComponentInstance::Instantiate {
                    component_index, ..
                } = instance?
                {
                    let bytes = this.components.get(component_index as usize);
                    let bytes = bytes.copied().unwrap_or(largest);
                    this.bytes = this.bytes.saturating_add(bytes);
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
                        let find = |of: fn(&Level) -> &Vec<u64>| {
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
                        let bytes = this.modules.get(index).copied().unwrap_or(largest);
                        this.modules.push(bytes);
                    }
                    ComponentExternalKind::Component => {
                        let bytes = this.components.get(index).copied().unwrap_or(largest);
                        this.components.push(bytes);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

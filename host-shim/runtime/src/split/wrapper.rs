//! A component written with imports in place of core modules.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentImportSection, ComponentOuterAliasKind,
    ComponentSection, ComponentTypeRef, CoreTypeSection, Encode as _, ModuleType,
};
use wasmparser::Result;

use super::core_module::CoreModule;
use super::section::{HEADER, sections};
use super::survey::{COMPONENT, CORE_MODULE, DEPTH, Survey};

/// Names and provenance, which say nothing to the runtime: without them, components
/// that differ in no more are one.
const CUSTOM: u8 = 0;

struct Wrapper<'a> {
    bytes: &'a [u8],
    survey: &'a Survey,
    /// Where the root has each module that is imported.
    indices: HashMap<[u8; 32], u32>,
}

/// Writes the component, of which some modules are imported.
pub fn write(
    bytes: &[u8],
    survey: &Survey,
    selected: &[(CoreModule, ModuleType)],
) -> Result<Vec<u8>> {
    let mut wrapper = Wrapper {
        bytes,
        survey,
        indices: HashMap::new(),
    };
    let mut out = bytes[..HEADER].to_vec();
    wrapper.modules(selected, &mut out);
    wrapper.component(0..bytes.len(), 0, &mut out)?;
    Ok(out)
}

impl Wrapper<'_> {
    /// The modules of the root, each under the index that it had, and then what nested
    /// components have.
    fn modules(&mut self, selected: &[(CoreModule, ModuleType)], out: &mut Vec<u8>) {
        let mut types = CoreTypeSection::new();
        for (_, ty) in selected {
            types.ty().module(ty);
        }
        types.append_to_component(out);
        let selected = selected.iter().zip(0u32..);
        let selected = selected.map(|((module, _), ty)| (module.digest, (module, ty)));
        let by_digest: HashMap<_, _> = selected.clone().collect();
        let mut next = 0;
        for range in &self.survey.root {
            let digest = self.survey.digests[&range.start];
            match (self.indices.get(&digest).copied(), by_digest.get(&digest)) {
                (Some(index), _) => alias(0, index, out),
                (None, Some((module, ty))) => {
                    imported(module, *ty, out);
                    self.indices.insert(digest, next);
                }
                (None, None) => {
                    out.push(CORE_MODULE);
                    self.bytes[range.clone()].encode(out);
                }
            }
            next += 1;
        }
        for (digest, (module, ty)) in selected {
            if let Entry::Vacant(index) = self.indices.entry(digest) {
                imported(module, ty, out);
                index.insert(next);
                next += 1;
            }
        }
    }

    /// The sections of a component, the root's without its modules.
    fn component(&self, range: Range<usize>, depth: usize, out: &mut Vec<u8>) -> Result<()> {
        for section in sections(self.bytes, range)? {
            match section.id {
                CUSTOM => {}
                CORE_MODULE if depth == 0 => {}
                CORE_MODULE => {
                    let digest = self.survey.digests.get(&section.payload.start);
                    match digest.and_then(|digest| self.indices.get(digest)) {
                        Some(index) => alias(depth as u32, *index, out),
                        None => out.extend_from_slice(&self.bytes[section.whole]),
                    }
                }
                COMPONENT if depth < DEPTH => {
                    let start = section.payload.start;
                    let mut nested = self.bytes[start..start + HEADER].to_vec();
                    self.component(section.payload, depth + 1, &mut nested)?;
                    out.push(COMPONENT);
                    nested.encode(out);
                }
                _ => out.extend_from_slice(&self.bytes[section.whole]),
            }
        }
        Ok(())
    }
}

fn imported(module: &CoreModule, ty: u32, out: &mut Vec<u8>) {
    let mut imports = ComponentImportSection::new();
    imports.import(module.name().as_str(), ComponentTypeRef::Module(ty));
    imports.append_to_component(out);
}

/// One more index for a module of a component around this one.
fn alias(count: u32, index: u32, out: &mut Vec<u8>) {
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::Outer {
        kind: ComponentOuterAliasKind::CoreModule,
        count,
        index,
    });
    aliases.append_to_component(out);
}

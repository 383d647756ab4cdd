//! Which core modules a component has, and which of them become imports.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use sha2::{Digest as _, Sha256};
use wasm_encoder::ModuleType;
use wasmparser::{
    ComponentAlias, ComponentAliasSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentOuterAliasKind, ComponentTypeRef,
    Result,
};

use super::core_module::CoreModule;
use super::module_type::module_type;
use super::section::{Section, reader, sections};

/// Sections of a component.
pub const CORE_MODULE: u8 = 1;
const CORE_TYPE: u8 = 3;
pub const COMPONENT: u8 = 4;
const ALIAS: u8 = 6;
const IMPORT: u8 = 10;
const EXPORT: u8 = 11;

/// Components in each other that are looked into: more than compositions of
/// compositions have, and few enough to be on the stack.
pub const DEPTH: usize = 64;

/// Core modules that a component may have, by validators.
const MODULES: usize = 1000;

/// How much of the root's type the imported modules' may be: half of what validators
/// take, so that what the component imports and exports itself has the other.
const TYPE: usize = 500_000;

/// The modules of a component.
#[derive(Debug, Default)]
pub struct Survey {
    /// Those of the root, in order.
    pub root: Vec<Range<usize>>,
    /// All, by where they begin.
    pub digests: HashMap<usize, [u8; 32]>,
    /// Each once, as they come.
    distinct: Vec<CoreModule>,
    /// Whether the root's indices stay what they are when it begins with imports of
    /// modules.
    is_plain: bool,
    /// What the root imports, in small letters, as names are compared.
    imports: HashSet<String>,
}

/// Finds the modules of a component.
///
/// # Errors
/// When it is none.
pub fn survey(component: &[u8]) -> Result<Survey> {
    let mut survey = Survey {
        is_plain: true,
        ..Survey::default()
    };
    let mut seen = HashSet::new();
    look(component, 0..component.len(), 0, &mut survey, &mut seen)?;
    Ok(survey)
}

fn look(
    bytes: &[u8],
    range: Range<usize>,
    depth: usize,
    survey: &mut Survey,
    seen: &mut HashSet<[u8; 32]>,
) -> Result<()> {
    for section in sections(bytes, range)? {
        match section.id {
            CORE_MODULE => {
                let range = section.payload;
                let digest: [u8; 32] = Sha256::digest(&bytes[range.clone()]).into();
                survey.digests.insert(range.start, digest);
                if depth == 0 {
                    survey.root.push(range.clone());
                }
                if seen.insert(digest) {
                    survey.distinct.push(CoreModule { digest, range });
                }
            }
            COMPONENT if depth < DEPTH => {
                look(bytes, section.payload, depth + 1, survey, seen)?;
            }
            _ if depth == 0 => survey.is_plain &= is_plain(bytes, &section, &mut survey.imports)?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether a section of the root defines no core type, and no core module.
fn is_plain(bytes: &[u8], section: &Section, imports: &mut HashSet<String>) -> Result<bool> {
    let reader = reader(bytes, section.payload.clone());
    match section.id {
        CORE_TYPE => return Ok(false),
        ALIAS => {
            for alias in ComponentAliasSectionReader::new(reader)? {
                let is_core = match alias? {
                    ComponentAlias::InstanceExport { kind, .. } => {
                        kind == ComponentExternalKind::Module
                    }
                    ComponentAlias::Outer { kind, .. } => matches!(
                        kind,
                        ComponentOuterAliasKind::CoreModule | ComponentOuterAliasKind::CoreType
                    ),
                    ComponentAlias::CoreInstanceExport { .. } => false,
                };
                if is_core {
                    return Ok(false);
                }
            }
        }
        IMPORT => {
            for import in ComponentImportSectionReader::new(reader)? {
                let import = import?;
                if matches!(import.ty, ComponentTypeRef::Module(_)) {
                    return Ok(false);
                }
                imports.insert(import.name.name.to_ascii_lowercase());
            }
        }
        EXPORT => {
            for export in ComponentExportSectionReader::new(reader)? {
                if export?.kind == ComponentExternalKind::Module {
                    return Ok(false);
                }
            }
        }
        _ => {}
    }
    Ok(true)
}

/// Those that become imports, with their types, in the order of the component.
pub fn select(bytes: &[u8], survey: &Survey) -> Vec<(CoreModule, ModuleType)> {
    if !survey.is_plain {
        return Vec::new();
    }
    let roots: HashSet<[u8; 32]> = (survey.root.iter())
        .map(|range| survey.digests[&range.start])
        .collect();
    let mut largest: Vec<(usize, &CoreModule)> = survey.distinct.iter().enumerate().collect();
    largest.sort_by_key(|(_, module)| std::cmp::Reverse(module.range.len()));
    // What is the root's has an index in any case.
    let mut room = MODULES.saturating_sub(survey.root.len());
    let mut size = 0;
    let mut selected = Vec::new();
    for (place, module) in largest {
        let is_root = roots.contains(&module.digest);
        if survey.imports.contains(&module.name()) || !is_root && room == 0 {
            continue;
        }
        let Some(typed) = module_type(bytes, module.range.clone()) else {
            continue;
        };
        if size + typed.size > TYPE {
            continue;
        }
        size += typed.size;
        room -= usize::from(!is_root);
        selected.push((place, (module.clone(), typed.ty)));
    }
    selected.sort_by_key(|(place, _)| *place);
    selected.into_iter().map(|(_, module)| module).collect()
}

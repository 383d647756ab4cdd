//! A core module to its skeleton. The store validates it: that takes all of its
//! code, which the core has no other use for.
//!
//! The skeleton keeps types, imports, tables, memories, tags, globals and
//! exports, and of the functions those that are exported or named by an
//! initializer, each with a body that is `unreachable`. Everything else has
//! no part in the module's type.

use std::collections::BTreeSet;
use std::ops::Range;

use compositor_validator::FEATURES;
use wasm_encoder::{CodeSection, Function, RawSection};
use wasmparser::{BinaryReader, ConstExpr, ExternalKind, Operator, SectionLimited, TypeRef};

use super::scan_error::ScanError;
use super::section::{custom, payload, section};
use super::window::Window;

const TYPE: u8 = 1;
const IMPORT: u8 = 2;
const FUNCTION: u8 = 3;
const TABLE: u8 = 4;
const MEMORY: u8 = 5;
const GLOBAL: u8 = 6;
const EXPORT: u8 = 7;
const CODE: u8 = 10;
const DATA: u8 = 11;
const TAG: u8 = 13;

/// That a module is invalid.
pub fn invalid(at: u64, what: &str) -> ScanError {
    ScanError::Invalid {
        at,
        message: format!("core module: {what}"),
    }
}

/// Makes the skeleton of the module in a range of a blob, if it is valid.
pub fn scan(window: &mut Window<'_>, start: u64, end: u64) -> Result<Vec<u8>, ScanError> {
    let header = window.bytes(start, 8.min(end - start))?;
    let mut kept: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut at = start + 8;
    while at < end {
        let section = section(window, at, end)?;
        match section.id {
            0 => {
                custom(window, &section)?;
            }
            // They have no part in the type, and may be gigabytes.
            CODE | DATA => {}
            id => {
                let bytes = payload(window, &section)?;
                if matches!(
                    id,
                    TYPE | IMPORT | FUNCTION | TABLE | MEMORY | GLOBAL | EXPORT | TAG
                ) {
                    kept.push((id, bytes));
                }
            }
        }
        at = section.end;
    }
    // Whoever scans the component has it validated, with the others of it.
    window.modules.push((start, end));
    let skeleton = shrink(&kept).map_err(|error| invalid(start, error.message()))?;
    Ok([header, skeleton].concat())
}

/// What a skeleton keeps of a module's functions.
#[derive(Default)]
struct Functions {
    imported: u32,
    /// Type indices of the defined ones.
    types: Vec<u32>,
    /// The defined ones that an export or an initializer names, ascending.
    kept: Vec<u32>,
}

impl Functions {
    /// A kept function's index in the skeleton.
    fn renumber(&self, func: u32) -> u32 {
        match self.kept.binary_search(&func) {
            Ok(index) => self.imported + index as u32,
            Err(_) => func,
        }
    }
}

/// The sections of the skeleton.
fn shrink(kept: &[(u8, Vec<u8>)]) -> wasmparser::Result<Vec<u8>> {
    let mut functions = Functions::default();
    let mut named = BTreeSet::new();
    for (id, bytes) in kept {
        let reader = BinaryReader::new_features(bytes, 0, FEATURES);
        match *id {
            IMPORT => {
                for import in wasmparser::ImportSectionReader::new(reader)?.into_imports() {
                    let ty = import?.ty;
                    let is_func = matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                    functions.imported += u32::from(is_func);
                }
            }
            FUNCTION => {
                let types = SectionLimited::<u32>::new(reader)?.into_iter();
                functions.types = types.collect::<Result<_, _>>()?;
            }
            TABLE | GLOBAL | EXPORT => {
                for name in names(*id, bytes)? {
                    named.insert(name.func);
                }
            }
            _ => {}
        }
    }
    functions.kept = named.range(functions.imported..).copied().collect();
    let mut module = wasm_encoder::Module::new();
    for (id, bytes) in kept {
        match *id {
            FUNCTION => {
                let mut section = wasm_encoder::FunctionSection::new();
                for func in &functions.kept {
                    let ty = functions.types.get((func - functions.imported) as usize);
                    section.function(ty.copied().unwrap_or_default());
                }
                module.section(&section);
            }
            TABLE | GLOBAL | EXPORT => {
                let data = &renamed(bytes, &names(*id, bytes)?, &functions);
                module.section(&RawSection { id: *id, data });
            }
            id => {
                module.section(&RawSection { id, data: bytes });
            }
        }
    }
    let mut code = CodeSection::new();
    for _ in &functions.kept {
        let mut body = Function::new([]);
        body.instructions().unreachable().end();
        code.function(&body);
    }
    if !functions.kept.is_empty() {
        module.section(&code);
    }
    Ok(module.as_slice()[8..].to_vec())
}

/// A place in a section that names a function.
struct Name {
    func: u32,
    /// The bytes of its index.
    range: Range<usize>,
}

/// The functions that a table, global or export section names.
fn names(id: u8, bytes: &[u8]) -> wasmparser::Result<Vec<Name>> {
    let reader = BinaryReader::new_features(bytes, 0, FEATURES);
    let mut names = Vec::new();
    match id {
        TABLE => {
            for table in wasmparser::TableSectionReader::new(reader)? {
                if let wasmparser::TableInit::Expr(init) = table?.init {
                    named_by(&init, &mut names)?;
                }
            }
        }
        GLOBAL => {
            for global in wasmparser::GlobalSectionReader::new(reader)? {
                named_by(&global?.init_expr, &mut names)?;
            }
        }
        _ => {
            let exports = wasmparser::ExportSectionReader::new(reader)?;
            for export in exports.into_iter_with_offsets() {
                let (start, export) = export?;
                if matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact) {
                    // An export is its name, a byte for its kind, its index.
                    let mut reader = BinaryReader::new(&bytes[start as usize..], start);
                    reader.read_string()?;
                    reader.read_u8()?;
                    names.push(name_at(&mut reader)?);
                }
            }
        }
    }
    Ok(names)
}

/// Collects the functions that an initializer names.
fn named_by(init: &ConstExpr<'_>, names: &mut Vec<Name>) -> wasmparser::Result<()> {
    let bytes = init.get_binary_reader();
    for operator in init.get_operators_reader().into_iter_with_offsets() {
        if let (Operator::RefFunc { .. }, at) = operator? {
            let skip = (at - bytes.range().start) as usize + 1;
            let mut reader = bytes.clone();
            reader.read_bytes(skip)?;
            names.push(name_at(&mut reader)?);
        }
    }
    Ok(())
}

fn name_at(reader: &mut BinaryReader<'_>) -> wasmparser::Result<Name> {
    let start = reader.original_position() as usize;
    let func = reader.read_var_u32()?;
    Ok(Name {
        func,
        range: start..reader.original_position() as usize,
    })
}

/// A section with its functions renumbered.
fn renamed(bytes: &[u8], names: &[Name], functions: &Functions) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for name in names {
        out.extend_from_slice(&bytes[at..name.range.start]);
        wasm_encoder::Encode::encode(&functions.renumber(name.func), &mut out);
        at = name.range.end;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

//! A core module to its skeleton, validated as it streams by.
//!
//! The skeleton keeps types, imports, tables, memories, tags, globals and
//! exports, and of the functions those that are exported or named by an
//! initializer, each with a body that is `unreachable`. Everything else has
//! no part in the module's type.

use std::collections::BTreeSet;
use std::ops::Range;

use wasm_encoder::{CodeSection, Function, RawSection};
use wasmparser::{
    BinaryReader, Chunk, ConstExpr, ExternalKind, FuncValidatorAllocations, Operator, Parser,
    SectionLimited, TypeRef, ValidPayload, Validator,
};

use super::scan::{ScanError, custom, payload, section};
use super::window::Window;
use crate::limits;

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

/// Validates the module in a range of a blob and makes its skeleton.
pub fn scan(window: &mut Window<'_>, start: u64, end: u64) -> Result<Vec<u8>, ScanError> {
    let header = window.bytes(start, 8.min(end - start))?;
    let mut stream = Stream::new(start);
    stream.push(&header)?;
    let mut kept: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut at = start + 8;
    while at < end {
        let section = section(window, at, end)?;
        let length = section.end - section.at;
        match section.id {
            0 => custom(window, &section)?,
            CODE => {
                let head = window.bytes(at, section.at - at)?;
                stream.push(&head)?;
                let mut from = section.at;
                while from < section.end {
                    let piece = (section.end - from).min(limits::READ_BYTES);
                    let bytes = &window.peek(from, piece as usize)?[..piece as usize];
                    stream.push(bytes)?;
                    from += piece;
                }
            }
            DATA => {
                let emptied = empty_data(window, section.at, section.end)?;
                stream.push_section(DATA, &emptied)?;
            }
            id => {
                let bytes = payload(window, &section)?;
                debug_assert_eq!(bytes.len() as u64, length);
                stream.push_section(id, &bytes)?;
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
    stream.finish()?;
    let skeleton = shrink(&kept).map_err(|error| ScanError::Invalid {
        at: start,
        message: error.message().to_string(),
    })?;
    Ok([header, skeleton].concat())
}

/// Feeds the validator what the module's sections are worth to it.
struct Stream {
    start: u64,
    parser: Parser,
    validator: Validator,
    allocations: Option<FuncValidatorAllocations>,
    buffer: Vec<u8>,
}

impl Stream {
    fn new(start: u64) -> Self {
        let mut parser = Parser::new(0);
        parser.set_features(super::FEATURES);
        Self {
            start,
            parser,
            validator: Validator::new_with_features(super::FEATURES),
            allocations: Some(FuncValidatorAllocations::default()),
            buffer: Vec::new(),
        }
    }

    fn push_section(&mut self, id: u8, payload: &[u8]) -> Result<(), ScanError> {
        let mut bytes = Vec::with_capacity(payload.len() + 6);
        bytes.push(id);
        wasm_encoder::Encode::encode(payload, &mut bytes);
        self.push(&bytes)
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), ScanError> {
        self.buffer.extend_from_slice(bytes);
        self.advance(false).map_err(|error| self.invalid(&error))
    }

    fn finish(mut self) -> Result<(), ScanError> {
        self.advance(true).map_err(|error| self.invalid(&error))
    }

    fn invalid(&self, error: &wasmparser::Error) -> ScanError {
        ScanError::Invalid {
            at: self.start,
            message: format!("core module: {}", error.message()),
        }
    }

    fn advance(&mut self, eof: bool) -> Result<(), wasmparser::Error> {
        let mut done = 0;
        loop {
            match self.parser.parse(&self.buffer[done..], eof)? {
                Chunk::NeedMoreData(_) => break,
                Chunk::Parsed { payload, consumed } => {
                    done += consumed;
                    match self.validator.payload(&payload)? {
                        ValidPayload::Func(func, body) => {
                            let allocations = self.allocations.take().unwrap_or_default();
                            let mut func = func.into_validator(allocations);
                            func.validate(&body)?;
                            self.allocations = Some(func.into_allocations());
                        }
                        ValidPayload::End(_) => break,
                        ValidPayload::Ok | ValidPayload::Parser(_) => {}
                    }
                }
            }
        }
        self.buffer.drain(..done);
        Ok(())
    }
}

/// A data section with the same segments, each without its bytes: their
/// length and content have no part in validation, and they may be gigabytes.
fn empty_data(window: &mut Window<'_>, start: u64, end: u64) -> Result<Vec<u8>, ScanError> {
    let mut at = start;
    let mut out = Vec::new();
    // An item's size shows when it is read: most are small, an offset
    // expression may be long, so the window grows until the item fits.
    let read = |window: &mut Window<'_>,
                at: &mut u64,
                item: &dyn Fn(&mut BinaryReader<'_>) -> wasmparser::Result<u32>|
     -> Result<(Vec<u8>, u32), ScanError> {
        let section_bytes = window.limits.section_bytes as u64;
        let mut most = 4096;
        loop {
            let least = (end - *at).min(most);
            let bytes = &window.peek(*at, least as usize)?[..least as usize];
            let mut reader = BinaryReader::new(bytes, 0);
            match item(&mut reader) {
                Ok(value) => {
                    let taken = reader.original_position() as usize;
                    *at += taken as u64;
                    return Ok((bytes[..taken].to_vec(), value));
                }
                Err(_) if most < (end - *at).min(section_bytes) => most *= 2,
                Err(error) => {
                    return Err(ScanError::Invalid {
                        at: *at,
                        message: format!("data segment: {}", error.message()),
                    });
                }
            }
        }
    };
    let (head, count) = read(window, &mut at, &|reader| reader.read_var_u32())?;
    out.extend(head);
    for _ in 0..count {
        let (head, _) = read(window, &mut at, &|reader| {
            let flags = reader.read_var_u32()?;
            if flags == 2 {
                reader.read_var_u32()?;
            }
            if flags != 1 {
                reader.read::<ConstExpr<'_>>()?;
            }
            Ok(flags)
        })?;
        out.extend(head);
        let (_, length) = read(window, &mut at, &|reader| reader.read_var_u32())?;
        out.push(0);
        at = at
            .checked_add(length.into())
            .filter(|at| *at <= end)
            .ok_or(ScanError::Truncated { at })?;
    }
    if at != end {
        let message = "data section: bytes follow its segments".to_string();
        return Err(ScanError::Invalid { at, message });
    }
    Ok(out)
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

/// The sections of the skeleton. The module has been validated.
fn shrink(kept: &[(u8, Vec<u8>)]) -> wasmparser::Result<Vec<u8>> {
    let mut functions = Functions::default();
    let mut named = BTreeSet::new();
    for (id, bytes) in kept {
        let reader = BinaryReader::new_features(bytes, 0, super::FEATURES);
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
    let reader = BinaryReader::new_features(bytes, 0, super::FEATURES);
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

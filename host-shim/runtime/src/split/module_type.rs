//! The type of a core module, as a component declares it where it imports one.

use std::ops::Range;

use wasm_encoder::ModuleType;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasmparser::{
    BinaryReader, CompositeInnerType, ExportSectionReader, ExternalKind, FromReader,
    FunctionSectionReader, GlobalType, HeapType, ImportSectionReader, MemorySectionReader,
    MemoryType, SectionLimited, SubType, TableSectionReader, TableType, TagSectionReader, TagType,
    TypeRef, TypeSectionReader, ValType,
};

use super::section::{reader, sections};

const TYPE: u8 = 1;
const IMPORT: u8 = 2;
const FUNCTION: u8 = 3;
const TABLE: u8 = 4;
const MEMORY: u8 = 5;
const GLOBAL: u8 = 6;
const EXPORT: u8 = 7;
const TAG: u8 = 13;

/// Declarations of a module's type; validators take no more.
const DECLARATIONS: usize = 100_000;

/// A module's type, and how much of a component's type it is as validators count.
pub struct Typed {
    /// All types of the module, so that one refers to another as it does there, its
    /// imports, and its exports.
    pub ty: ModuleType,
    /// Imports and exports, and the parameters and results of each.
    pub size: usize,
}

/// What a module has, imported or its own, in order.
#[derive(Default)]
struct Spaces {
    functions: Vec<u32>,
    tables: Vec<TableType>,
    memories: Vec<MemoryType>,
    globals: Vec<GlobalType>,
    tags: Vec<TagType>,
    /// How much each type counts; none where the runtime does not know it in the type of
    /// an imported module.
    sizes: Vec<Option<usize>>,
}

/// The type of the core module in a range of bytes; none when it cannot be imported,
/// or is invalid: who compiles it says why.
pub fn module_type(bytes: &[u8], range: Range<usize>) -> Option<Typed> {
    let mut spaces = Spaces::default();
    let mut typed = Typed {
        ty: ModuleType::new(),
        size: 1,
    };
    let mut declarations = 0;
    for section in sections(bytes, range).ok()? {
        let reader = reader(bytes, section.payload);
        let count = match section.id {
            TYPE => types(reader, &mut spaces, &mut typed.ty),
            IMPORT => imports(reader, &mut spaces, &mut typed),
            FUNCTION => {
                let functions = FunctionSectionReader::new(reader).ok()?;
                extend(functions, &mut spaces.functions)
            }
            TABLE => {
                let tables = TableSectionReader::new(reader).ok()?;
                let types = tables.into_iter().map(|table| Some(table.ok()?.ty));
                spaces.tables.extend(types.collect::<Option<Vec<_>>>()?);
                Some(0)
            }
            MEMORY => {
                let memories = MemorySectionReader::new(reader).ok()?;
                extend(memories, &mut spaces.memories)
            }
            GLOBAL => {
                let globals = wasmparser::GlobalSectionReader::new(reader).ok()?;
                let types = globals.into_iter().map(|global| Some(global.ok()?.ty));
                spaces.globals.extend(types.collect::<Option<Vec<_>>>()?);
                Some(0)
            }
            TAG => {
                let tags = TagSectionReader::new(reader).ok()?;
                extend(tags, &mut spaces.tags)
            }
            EXPORT => exports(reader, &spaces, &mut typed),
            _ => Some(0),
        };
        declarations += count?;
        if declarations > DECLARATIONS {
            return None;
        }
    }
    Some(typed)
}

/// Takes a section into an index space; it declares nothing.
fn extend<'a, T: FromReader<'a>>(
    section: SectionLimited<'a, T>,
    space: &mut Vec<T>,
) -> Option<usize> {
    for item in section {
        space.push(item.ok()?);
    }
    Some(0)
}

/// Declares types as they are, a group as a group; how many declarations that were.
fn types(reader: BinaryReader<'_>, spaces: &mut Spaces, ty: &mut ModuleType) -> Option<usize> {
    let mut count = 0;
    for group in TypeSectionReader::new(reader).ok()? {
        let group = group.ok()?;
        let is_alone = group.types().len() == 1;
        let sizes = group.types().map(|ty| size(ty).filter(|_| is_alone));
        spaces.sizes.extend(sizes);
        let encoder = ty.ty();
        RoundtripReencoder
            .parse_recursive_type_group(encoder, group)
            .ok()?;
        count += 1;
    }
    Some(count)
}

/// How much a function's type counts. The runtime panics at types that refer to others.
fn size(ty: &SubType) -> Option<usize> {
    let is_plain = ty.is_final && ty.supertype_idxs.is_empty() && !ty.composite_type.shared;
    let CompositeInnerType::Func(function) = &ty.composite_type.inner else {
        return None;
    };
    let values = function.params().iter().chain(function.results());
    let is_plain = is_plain && values.clone().all(|ty| is_abstract(*ty));
    is_plain.then(|| 2 + values.count())
}

/// Whether values of a type refer to no other type.
fn is_abstract(ty: ValType) -> bool {
    match ty {
        ValType::Ref(ty) => matches!(ty.heap_type(), HeapType::Abstract { .. }),
        _ => true,
    }
}

fn imports(reader: BinaryReader<'_>, spaces: &mut Spaces, typed: &mut Typed) -> Option<usize> {
    let mut count = 0;
    for import in ImportSectionReader::new(reader).ok()?.into_imports() {
        let import = import.ok()?;
        match import.ty {
            TypeRef::Func(ty) => spaces.functions.push(ty),
            TypeRef::Table(ty) => spaces.tables.push(ty),
            TypeRef::Memory(ty) => spaces.memories.push(ty),
            TypeRef::Global(ty) => spaces.globals.push(ty),
            TypeRef::Tag(ty) => spaces.tags.push(ty),
            TypeRef::FuncExact(_) => return None,
        }
        let entity = RoundtripReencoder.entity_type(import.ty).ok()?;
        typed.ty.import(import.module, import.name, entity);
        typed.size += spaces.size(import.ty)?;
        count += 1;
    }
    Some(count)
}

fn exports(reader: BinaryReader<'_>, spaces: &Spaces, typed: &mut Typed) -> Option<usize> {
    let mut count = 0;
    for export in ExportSectionReader::new(reader).ok()? {
        let export = export.ok()?;
        let at = export.index as usize;
        let ty = match export.kind {
            ExternalKind::Func => TypeRef::Func(*spaces.functions.get(at)?),
            ExternalKind::Table => TypeRef::Table(*spaces.tables.get(at)?),
            ExternalKind::Memory => TypeRef::Memory(*spaces.memories.get(at)?),
            ExternalKind::Global => TypeRef::Global(*spaces.globals.get(at)?),
            ExternalKind::Tag => TypeRef::Tag(*spaces.tags.get(at)?),
            ExternalKind::FuncExact => return None,
        };
        let entity = RoundtripReencoder.entity_type(ty).ok()?;
        typed.ty.export(export.name, entity);
        typed.size += spaces.size(ty)?;
        count += 1;
    }
    Some(count)
}

impl Spaces {
    /// How much an item counts; none where the runtime does not know it in the type of an
    /// imported module.
    fn size(&self, ty: TypeRef) -> Option<usize> {
        match ty {
            TypeRef::Func(ty) => *self.sizes.get(ty as usize)?,
            TypeRef::Tag(ty) => *self.sizes.get(ty.func_type_idx as usize)?,
            TypeRef::Table(ty) => is_abstract(ValType::Ref(ty.element_type)).then_some(1),
            TypeRef::Global(ty) => is_abstract(ty.content_type).then_some(1),
            TypeRef::Memory(_) => Some(1),
            TypeRef::FuncExact(_) => None,
        }
    }
}

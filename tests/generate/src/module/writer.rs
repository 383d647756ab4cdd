//! What is known of a module while it is written.

use std::collections::HashMap;

use wit_parser::abi::{WasmSignature, WasmType};
use wit_parser::{Function, InterfaceId, Resolve, TypeId};

use crate::memory::Memory;

/// A function that the module imports.
pub struct Imported<'a> {
    /// As WIT has it.
    pub func: &'a Function,
    /// As core code calls it.
    pub signature: WasmSignature,
}

/// A module in the making.
pub struct Writer<'a> {
    /// What the world's types are in.
    pub resolve: &'a Resolve,
    /// What its answers are made of.
    pub number: u32,
    /// What its memory starts with.
    pub memory: Memory<'a>,
    /// The functions that it imports.
    pub imports: Vec<Imported<'a>>,
    /// Functions that drop handles of imported resources.
    pub drops: HashMap<TypeId, String>,
    /// The interfaces that it exports.
    pub exported: Vec<InterfaceId>,
    /// Its imports, in the text format.
    pub declared: String,
    /// Its functions, in the text format.
    pub code: String,
}

impl<'a> Writer<'a> {
    /// Nothing is written yet.
    pub fn new(resolve: &'a Resolve, number: u32, is_wide: bool) -> Self {
        Self {
            resolve,
            number,
            memory: Memory::new(resolve, number, is_wide),
            imports: Vec::new(),
            drops: HashMap::new(),
            exported: Vec::new(),
            declared: String::new(),
            code: String::new(),
        }
    }

    /// Imported functions that a `tick` calls.
    pub fn ticks(&self) -> impl Iterator<Item = usize> {
        let imports = self.imports.iter().enumerate();
        imports
            .filter(|(_, import)| import.func.name.starts_with("tick"))
            .map(|(index, _)| index)
    }
}

/// The name of a core type.
pub fn core_type(ty: WasmType) -> &'static str {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}

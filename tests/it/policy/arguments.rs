//! What a guest passes to the functions that it calls.

use std::collections::HashMap;
use std::fmt::Write as _;

use test_generate::core_type;
use wit_parser::abi::{FlatTypes, WasmType};
use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

use super::guest::{Guest, signature};

/// Writes calls, in the text format.
pub struct Arguments<'a> {
    guest: &'a Guest,
    /// What makes the streams and futures of a function, by its index.
    ends: &'a HashMap<(usize, TypeId), String>,
    /// What makes a handle of a resource; none where nothing does.
    makers: HashMap<TypeId, Option<usize>>,
    written: Vec<String>,
    /// Free memory.
    next: u32,
}

/// A flat value: an expression and its type.
type Flat = (String, WasmType);

impl<'a> Arguments<'a> {
    pub fn new(guest: &'a Guest, ends: &'a HashMap<(usize, TypeId), String>) -> Self {
        Self {
            guest,
            ends,
            makers: HashMap::new(),
            written: Vec::new(),
            next: 1024,
        }
    }

    /// The functions that make handles.
    pub fn makers(&self) -> String {
        self.written.concat()
    }

    /// Instructions that call a function and leave its result in memory.
    pub fn call(&mut self, index: usize, function: &Function, result: u32) -> String {
        let signature = signature(self.guest, function);
        let mut before = String::new();
        let mut values: Vec<String> = Vec::new();
        let types: Vec<Type> = function.params.iter().map(|param| param.ty).collect();
        if signature.indirect_params {
            let at = self.room(self.guest.sizes.params(&types).size.size_wasm32());
            let offsets = self.guest.sizes.field_offsets(&types);
            for (offset, ty) in offsets {
                self.store(*ty, at + offset.size_wasm32() as u32, index, &mut before);
            }
            values.push(format!("(i32.const {at})"));
        } else {
            for ty in types {
                let flat = self.flat(ty, index, &mut before);
                values.extend(flat.into_iter().map(|(value, _)| value));
            }
        }
        if signature.retptr {
            values.push(format!("(i32.const {result})"));
        }
        let call = format!("(call $f{index} {})", values.join(" "));
        match signature.results.first() {
            Some(ty) => format!(
                "{before} ({}.store (i32.const {result}) {call})",
                core_type(*ty)
            ),
            None => format!("{before} {call}"),
        }
    }

    fn room(&mut self, size: usize) -> u32 {
        let at = self.next.next_multiple_of(8);
        self.next = at + size as u32;
        assert!(self.next < super::guest::RESULT, "too many arguments");
        at
    }

    /// A value as flat values; what it points at is stored before.
    fn flat(&mut self, ty: Type, index: usize, before: &mut String) -> Vec<Flat> {
        let resolve = &self.guest.resolve;
        let wanted = flat_types(resolve, ty);
        let Type::Id(id) = ty else {
            return match ty {
                Type::String => {
                    let at = self.text(before);
                    let pointer = (format!("(i32.const {at})"), WasmType::Pointer);
                    vec![pointer, ("(i32.const 3)".to_string(), WasmType::Length)]
                }
                _ => ones(&wanted),
            };
        };
        match &resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.flat(*ty, index, before),
            TypeDefKind::List(element) => {
                let at = self.list(&[*element], index, before);
                let pointer = (format!("(i32.const {at})"), WasmType::Pointer);
                vec![pointer, ("(i32.const 2)".to_string(), WasmType::Length)]
            }
            TypeDefKind::Handle(_) | TypeDefKind::Stream(_) | TypeDefKind::Future(_) => {
                vec![(self.handle(id, index), WasmType::I32)]
            }
            kind => {
                if let Some(fields) = fields(kind) {
                    let mut all = Vec::new();
                    for ty in fields {
                        all.extend(self.flat(ty, index, before));
                    }
                    return all;
                }
                let Some((case, payload)) = cases(kind).and_then(|cases| chosen(resolve, &cases))
                else {
                    return zeros(&wanted);
                };
                let mut all = vec![(format!("(i32.const {case})"), WasmType::I32)];
                all.extend(self.flat(payload, index, before));
                let mut whole = zeros(&wanted);
                for (place, value) in whole.iter_mut().zip(all) {
                    place.0 = widen(value, place.1);
                }
                whole
            }
        }
    }

    /// Stores a value in memory.
    fn store(&mut self, ty: Type, at: u32, index: usize, out: &mut String) {
        let resolve = &self.guest.resolve;
        let sizes = &self.guest.sizes;
        let mut pair = |pointer: u32, length: u32| {
            let _ = write!(
                out,
                "(i32.store (i32.const {at}) (i32.const {pointer}))
                 (i32.store (i32.const {}) (i32.const {length}))",
                at + 4
            );
        };
        let Type::Id(id) = ty else {
            if ty == Type::String {
                let text = self.room(3);
                pair(text, 3);
                let _ = write!(out, "(i32.store (i32.const {text}) (i32.const 0x636261))");
            }
            return;
        };
        match &resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.store(*ty, at, index, out),
            TypeDefKind::List(element) => {
                let mut before = String::new();
                let list = self.list(&[*element], index, &mut before);
                pair(list, 2);
                out.push_str(&before);
            }
            TypeDefKind::FixedLengthList(element, length) => {
                let size = sizes.size(element).size_wasm32() as u32;
                for place in 0..*length {
                    self.store(*element, at + place * size, index, out);
                }
            }
            TypeDefKind::Handle(_) | TypeDefKind::Stream(_) | TypeDefKind::Future(_) => {
                let handle = self.handle(id, index);
                let _ = write!(out, "(i32.store (i32.const {at}) {handle})");
            }
            kind => {
                if let Some(fields) = fields(kind) {
                    for (offset, ty) in sizes.field_offsets(&fields) {
                        self.store(*ty, at + offset.size_wasm32() as u32, index, out);
                    }
                } else if let Some(all) = cases(kind)
                    && let Some((case, payload)) = chosen(resolve, &all)
                {
                    let _ = write!(out, "(i32.store8 (i32.const {at}) (i32.const {case}))");
                    let inner = payload_offset(self.guest, &all);
                    self.store(payload, at + inner, index, out);
                }
            }
        }
    }

    /// A list of two elements; returns where it is.
    fn list(&mut self, parts: &[Type], index: usize, before: &mut String) -> u32 {
        let size = self.guest.sizes.record(parts).size.size_wasm32();
        let at = self.room(2 * size);
        for place in 0..2 {
            for (offset, ty) in self.guest.sizes.field_offsets(parts) {
                let at = at + place * size as u32 + offset.size_wasm32() as u32;
                self.store(*ty, at, index, before);
            }
        }
        at
    }

    fn text(&mut self, before: &mut String) -> u32 {
        let at = self.room(4);
        let _ = write!(before, "(i32.store (i32.const {at}) (i32.const 0x636261))");
        at
    }

    /// A handle to a resource, or the readable end of a stream or a future.
    fn handle(&mut self, id: TypeId, index: usize) -> String {
        let resolve = &self.guest.resolve;
        let resource = match resolve.types[id].kind {
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => resource(resolve, id),
            _ => {
                let new = &self.ends[&(index, id)];
                return format!("(i32.wrap_i64 (call {new}))");
            }
        };
        match self.maker(resource) {
            Some(maker) => format!("(call $make{maker})"),
            None => "(i32.const 0)".to_string(),
        }
    }

    /// What makes handles of a resource, from what any function returns.
    fn maker(&mut self, wanted: TypeId) -> Option<usize> {
        if let Some(known) = self.makers.get(&wanted) {
            return *known;
        }
        // What needs a handle to make one does not count.
        self.makers.insert(wanted, None);
        let guest = self.guest;
        let mut found: Vec<(usize, usize, String)> = Vec::new();
        for (index, called) in guest.functions.iter().enumerate() {
            let Some(result) = called.function.result else {
                continue;
            };
            if let Some(path) = path(guest, result, wanted, 0) {
                // Best what needs no handle itself.
                let params = called.function.params.iter();
                let needs = params.filter(|param| has_handle(&guest.resolve, param.ty));
                found.push((needs.count(), index, path));
            }
        }
        let (_, index, path) = found.into_iter().min()?;
        let function = &guest.functions[index].function;
        let result = function
            .result
            .map_or(0, |ty| guest.sizes.size(&ty).size_wasm32());
        let result = self.room(result.max(8));
        let call = self.call(index, function, result);
        let maker = self.written.len();
        self.written.push(format!(
            "(func $make{maker} (result i32) (local i32)
               {call} (local.set 0 (i32.const {result})) {path})\n"
        ));
        self.makers.insert(wanted, Some(maker));
        Some(maker)
    }
}

/// Instructions that leave a handle which is in a result; the local 0 points at
/// the result, and the handle is 0 when there is none.
fn path(guest: &Guest, ty: Type, wanted: TypeId, offset: u32) -> Option<String> {
    let Type::Id(id) = ty else {
        return None;
    };
    let resolve = &guest.resolve;
    match &resolve.types[id].kind {
        TypeDefKind::Type(ty) => path(guest, *ty, wanted, offset),
        TypeDefKind::Handle(Handle::Own(id)) => (resource(resolve, *id) == wanted)
            .then(|| format!("(i32.load offset={offset} (local.get 0))")),
        TypeDefKind::List(element) => {
            let inner = path(guest, *element, wanted, 0)?;
            Some(format!(
                "(if (result i32) (i32.load offset={} (local.get 0))
                   (then (local.set 0 (i32.load offset={offset} (local.get 0))) {inner})
                   (else (i32.const 0)))",
                offset + 4
            ))
        }
        kind => {
            if let Some(fields) = fields(kind) {
                let mut offsets = guest.sizes.field_offsets(&fields).into_iter();
                return offsets.find_map(|(inner, ty)| {
                    path(guest, *ty, wanted, offset + inner.size_wasm32() as u32)
                });
            }
            let cases = cases(kind)?;
            let inner = offset + payload_offset(guest, &cases);
            let mut all = cases.iter().enumerate();
            all.find_map(|(case, ty)| {
                let inner = path(guest, (*ty)?, wanted, inner)?;
                Some(format!(
                    "(if (result i32)
                       (i32.eq (i32.load8_u offset={offset} (local.get 0)) (i32.const {case}))
                       (then {inner}) (else (i32.const 0)))"
                ))
            })
        }
    }
}

/// The resource that a name stands for.
fn resource(resolve: &Resolve, id: TypeId) -> TypeId {
    match resolve.types[id].kind {
        TypeDefKind::Type(Type::Id(id)) => resource(resolve, id),
        _ => id,
    }
}

/// The parts of a record, a tuple or a list of a fixed length.
pub fn fields(kind: &TypeDefKind) -> Option<Vec<Type>> {
    Some(match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::FixedLengthList(element, length) => vec![*element; *length as usize],
        _ => return None,
    })
}

/// The payloads of a variant, an option or a result.
pub fn cases(kind: &TypeDefKind) -> Option<Vec<Option<Type>>> {
    Some(match kind {
        TypeDefKind::Variant(variant) => variant.cases.iter().map(|case| case.ty).collect(),
        TypeDefKind::Enum(names) => vec![None; names.cases.len()],
        TypeDefKind::Option(ty) => vec![None, Some(*ty)],
        TypeDefKind::Result(result) => vec![result.ok, result.err],
        _ => return None,
    })
}

/// Where the payload of a case is.
pub fn payload_offset(guest: &Guest, cases: &[Option<Type>]) -> u32 {
    let tag = if cases.len() > 256 {
        wit_parser::Int::U16
    } else {
        wit_parser::Int::U8
    };
    let cases = cases.iter().map(Option::as_ref);
    guest.sizes.payload_offset(tag, cases).size_wasm32() as u32
}

/// The case that is passed, unless it is the first without anything to say:
/// the last one with a handle in it.
fn chosen(resolve: &Resolve, cases: &[Option<Type>]) -> Option<(usize, Type)> {
    let cases = cases.iter().enumerate();
    let mut payloads = cases.filter_map(|(case, ty)| Some((case, (*ty)?)));
    payloads.rfind(|(_, ty)| has_handle(resolve, *ty))
}

fn has_handle(resolve: &Resolve, ty: Type) -> bool {
    let Type::Id(id) = ty else {
        return false;
    };
    match &resolve.types[id].kind {
        TypeDefKind::Type(ty) | TypeDefKind::List(ty) => has_handle(resolve, *ty),
        TypeDefKind::Handle(_) | TypeDefKind::Stream(_) | TypeDefKind::Future(_) => true,
        kind => {
            let fields = fields(kind).into_iter().flatten();
            let cases = cases(kind).into_iter().flatten().flatten();
            fields.chain(cases).any(|ty| has_handle(resolve, ty))
        }
    }
}

fn flat_types(resolve: &Resolve, ty: Type) -> Vec<WasmType> {
    let mut room = [WasmType::I32; 64];
    let mut flat = FlatTypes::new(&mut room);
    assert!(resolve.push_flat(&ty, &mut flat), "too many values");
    flat.to_vec()
}

fn zeros(types: &[WasmType]) -> Vec<Flat> {
    let zero = |ty: &WasmType| (format!("({}.const 0)", core_type(*ty)), *ty);
    types.iter().map(zero).collect()
}

fn ones(types: &[WasmType]) -> Vec<Flat> {
    let one = |ty: &WasmType| (format!("({}.const 1)", core_type(*ty)), *ty);
    types.iter().map(one).collect()
}

/// A value where another case has a wider one.
fn widen((value, ty): Flat, wanted: WasmType) -> String {
    match (core_type(ty), core_type(wanted)) {
        (one, other) if one == other => value,
        ("i32", _) => format!("(i64.extend_i32_u {value})"),
        ("f32", "i32") => format!("(i32.reinterpret_f32 {value})"),
        ("f32", _) => format!("(i64.extend_i32_u (i32.reinterpret_f32 {value}))"),
        _ => format!("(i64.reinterpret_f64 {value})"),
    }
}

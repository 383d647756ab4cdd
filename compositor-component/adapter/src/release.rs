//! Code that releases what a function was given: handles that were lent must
//! be gone when it returns (CanonicalABI.md, "Lifting and Lowering Values"),
//! and what it owns would otherwise stay open.

use wasm_encoder::{BlockType, ValType};

use super::abi::{self, Kind};
use super::code::{Body, at};
use compositor_wasm::types::{DefinedType, DefinedTypeId, ResourceId, Types, ValueType};

/// What releases a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handle {
    /// To a resource; owned or lent.
    Resource(ResourceId, bool),
    /// The end of a stream or a future of that type.
    End(DefinedTypeId),
}

/// The handles that a type is made of, each kind once.
pub fn handles(types: &Types, ty: ValueType, found: &mut Vec<Handle>) {
    match abi::kind(types, ty) {
        Kind::Primitive(_) | Kind::Flags(_) => {}
        Kind::Fields(parts) | Kind::List(parts) => {
            for ty in parts {
                handles(types, ty, found);
            }
        }
        Kind::Repeated(element, _) => handles(types, element, found),
        Kind::Cases(cases) => {
            for ty in cases.into_iter().flatten() {
                handles(types, ty, found);
            }
        }
        Kind::Handle => {
            if let Some(handle) = handle(types, ty)
                && !found.contains(&handle)
            {
                found.push(handle);
            }
        }
    }
}

fn handle(types: &Types, ty: ValueType) -> Option<Handle> {
    let ValueType::Defined(id) = ty else {
        return None;
    };
    Some(match types.defined(id) {
        DefinedType::Own(id) => Handle::Resource(id.resource(), true),
        DefinedType::Borrow(id) => Handle::Resource(id.resource(), false),
        _ => Handle::End(id),
    })
}

/// Writes the code that releases parameters.
pub struct Release<'a> {
    pub types: &'a Types,
    /// The function that releases each kind of handle; none for handles that
    /// are not in this component's table.
    pub with: &'a dyn Fn(Handle) -> Option<u32>,
    pub body: &'a mut Body,
}

impl Release<'_> {
    /// Of values in locals of these types.
    pub fn locals(&mut self, values: impl Iterator<Item = ValueType>, locals: &[ValType]) {
        let mut next = 0;
        for ty in values {
            self.flat(ty, &locals[next..], next as u32);
            next += abi::flatten(self.types, ty).len();
        }
    }

    /// Of values one after the other, where the local `address` points.
    pub fn record(&mut self, values: impl Iterator<Item = ValueType>, address: u32) {
        self.fields(&values.collect::<Vec<_>>(), address, 0);
    }

    /// Of a value in locals of these types from `first` on.
    fn flat(&mut self, ty: ValueType, locals: &[ValType], first: u32) {
        if !self.concerns(ty) {
            return;
        }
        match abi::kind(self.types, ty) {
            Kind::Primitive(_) | Kind::Flags(_) => {}
            Kind::Fields(fields) => {
                let mut next = 0;
                for ty in fields {
                    self.flat(ty, &locals[next..], first + next as u32);
                    next += abi::flatten(self.types, ty).len();
                }
            }
            Kind::Repeated(element, length) => {
                let width = abi::flatten(self.types, element).len();
                for index in 0..length as usize {
                    self.flat(
                        element,
                        &locals[index * width..],
                        first + (index * width) as u32,
                    );
                }
            }
            Kind::Cases(cases) => {
                for (case, ty) in cases.into_iter().enumerate() {
                    let Some(ty) = ty.filter(|ty| self.concerns(*ty)) else {
                        continue;
                    };
                    let mut code = self.body.code();
                    code.local_get(first).i32_const(case as i32).i32_eq();
                    code.if_(BlockType::Empty);
                    self.flat(ty, &locals[1..], first + 1);
                    self.body.code().end();
                }
            }
            Kind::List(parts) => {
                let (pointer, count) =
                    (self.body.local(ValType::I32), self.body.local(ValType::I32));
                self.get(locals, first, 0);
                self.body.code().local_set(pointer);
                self.get(locals, first, 1);
                self.body.code().local_set(count);
                self.elements(&parts, pointer, count);
            }
            Kind::Handle => {
                self.get(locals, first, 0);
                self.release(ty);
            }
        }
    }

    /// Of a value in memory, at an offset from the address in a local.
    fn memory(&mut self, ty: ValueType, address: u32, offset: u64) {
        if !self.concerns(ty) {
            return;
        }
        match abi::kind(self.types, ty) {
            Kind::Primitive(_) | Kind::Flags(_) => {}
            Kind::Fields(fields) => self.fields(&fields, address, offset),
            Kind::Repeated(element, length) => {
                let (pointer, count) =
                    (self.body.local(ValType::I32), self.body.local(ValType::I32));
                let mut code = self.body.code();
                code.local_get(address)
                    .i32_const(offset as i32)
                    .i32_add()
                    .local_set(pointer);
                code.i32_const(length as i32).local_set(count);
                self.elements(&[element], pointer, count);
            }
            Kind::Cases(cases) => {
                let discriminant = abi::discriminant(cases.len());
                let payload = abi::payload(self.types, &cases);
                let inner = offset + abi::align_to(discriminant.size, payload.align);
                for (case, ty) in cases.into_iter().enumerate() {
                    let Some(ty) = ty.filter(|ty| self.concerns(*ty)) else {
                        continue;
                    };
                    let mut code = self.body.code();
                    code.local_get(address);
                    match discriminant.size {
                        1 => code.i32_load8_u(at(offset, 0)),
                        2 => code.i32_load16_u(at(offset, 1)),
                        _ => code.i32_load(at(offset, 2)),
                    };
                    code.i32_const(case as i32).i32_eq().if_(BlockType::Empty);
                    self.memory(ty, address, inner);
                    self.body.code().end();
                }
            }
            Kind::List(parts) => {
                let (pointer, count) =
                    (self.body.local(ValType::I32), self.body.local(ValType::I32));
                let mut code = self.body.code();
                code.local_get(address)
                    .i32_load(at(offset, 2))
                    .local_set(pointer);
                code.local_get(address)
                    .i32_load(at(offset + 4, 2))
                    .local_set(count);
                self.elements(&parts, pointer, count);
            }
            Kind::Handle => {
                self.body.code().local_get(address).i32_load(at(offset, 2));
                self.release(ty);
            }
        }
    }

    fn fields(&mut self, fields: &[ValueType], address: u32, offset: u64) {
        let mut next = offset;
        for ty in fields {
            let layout = abi::layout(self.types, *ty);
            next = abi::align_to(next, layout.align);
            self.memory(*ty, address, next);
            next += layout.size;
        }
    }

    /// Each of `count` elements from `pointer` on; both locals are used up.
    fn elements(&mut self, parts: &[ValueType], pointer: u32, count: u32) {
        let size = abi::record(self.types, parts).size;
        let mut code = self.body.code();
        code.block(BlockType::Empty).loop_(BlockType::Empty);
        code.local_get(count).i32_eqz().br_if(1);
        self.fields(parts, pointer, 0);
        let mut code = self.body.code();
        code.local_get(pointer)
            .i32_const(size as i32)
            .i32_add()
            .local_set(pointer);
        code.local_get(count)
            .i32_const(1)
            .i32_sub()
            .local_set(count);
        code.br(0).end().end();
    }

    /// A local as an `i32`: what cases share may be wider.
    fn get(&mut self, locals: &[ValType], first: u32, place: usize) {
        let mut code = self.body.code();
        code.local_get(first + place as u32);
        if locals[place] == ValType::I64 {
            code.i32_wrap_i64();
        }
    }

    /// Releases the handle on the stack.
    fn release(&mut self, ty: ValueType) {
        let function = handle(self.types, ty).and_then(|handle| (self.with)(handle));
        let mut code = self.body.code();
        match function {
            Some(function) => code.call(function),
            None => code.drop(),
        };
    }

    fn concerns(&self, ty: ValueType) -> bool {
        let mut found = Vec::new();
        handles(self.types, ty, &mut found);
        found
            .into_iter()
            .any(|handle| (self.with)(handle).is_some())
    }
}

//! Core functions that bodies call: what the component model has built in, and
//! functions that are imported.

use wasm_encoder::{
    CanonicalFunctionSection, ComponentTypeRef, ComponentValType as Encoded, PrimitiveValType,
    TypeBounds, ValType,
};

use super::behavior::{Behavior, Deterministic};
use super::code::FuncType;
use super::deterministic;
use super::interface_writer::{EXPORTED, InterfaceWriter, Need};
use super::intrinsic::Intrinsic;
use super::lifted::{Lifted, owned};
use super::release::{Handle, handles};
use compositor_wasm::types::{AnyTypeId, DefinedType, ResourceId};
use compositor_wasm::write::types::Untypable;

impl InterfaceWriter<'_> {
    /// Declares the core functions that bodies call.
    pub(super) fn intrinsics(&mut self) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let mut wanted: Vec<Intrinsic> = Vec::new();
        for lifted in &self.functions {
            let ty = world.types.func(lifted.ty);
            match &lifted.answer {
                Behavior::Trap => continue,
                Behavior::Handle => wanted.extend(owned(world, ty.result()).map(Intrinsic::New)),
                Behavior::Deterministic(asked) => {
                    wanted.extend(
                        deterministic::calls(*asked)
                            .iter()
                            .map(|name| Intrinsic::Call(name)),
                    );
                }
                Behavior::Nothing | Behavior::Constant(_) => {}
            }
            let mut found = Vec::new();
            for ty in ty.param_types() {
                handles(&world.types, ty, &mut found);
            }
            wanted.extend(
                found
                    .into_iter()
                    .filter_map(|handle| self.release_of(handle)),
            );
        }
        for intrinsic in wanted {
            if self.intrinsics.iter().any(|(other, _)| *other == intrinsic) {
                continue;
            }
            let (index, ty) = self.intrinsic(intrinsic)?;
            self.core.import(ty);
            self.intrinsics.push((intrinsic, index));
        }
        Ok(())
    }

    /// What releases a handle in this component's table. A resource that is
    /// defined here is lent as what it is, and not as a handle.
    pub(super) fn release_of(&self, handle: Handle) -> Option<Intrinsic> {
        match handle {
            Handle::Resource(id, owned) if owned || !self.own.contains(&id) => {
                Some(Intrinsic::Drop(id))
            }
            Handle::Resource(..) => None,
            Handle::End(ty) => Some(Intrinsic::DropEnd(ty)),
        }
    }

    /// Declares one; returns its index and type.
    pub(super) fn intrinsic(&mut self, intrinsic: Intrinsic) -> Result<(u32, FuncType), Untypable> {
        let world = self.wanted.world;
        let resource = |id: &ResourceId| {
            let index = self.resources.get(id).copied();
            index.ok_or(Untypable::Kind("made of a resource that is not there"))
        };
        let (takes, gives) = (
            (vec![ValType::I32], None),
            (vec![ValType::I32], Some(ValType::I32)),
        );
        Ok(match intrinsic {
            Intrinsic::Drop(id) => {
                let ty = resource(&id)?;
                let write = |section: &mut CanonicalFunctionSection| _ = section.resource_drop(ty);
                (self.outer.builder.canonical(write), takes)
            }
            Intrinsic::New(id) if self.own.contains(&id) => self.new_handle(id),
            Intrinsic::New(id) => {
                let made = resource(&id)?;
                let ty = self.maker_type(made);
                let name = format!("make{}", self.needs.len());
                self.needs.push(Need::Make(id));
                let ty = ComponentTypeRef::Func(ty);
                let function = self.outer.builder.import(name.as_str().into(), ty);
                let write =
                    |section: &mut CanonicalFunctionSection| _ = section.lower(function, []);
                (self.outer.builder.canonical(write), gives)
            }
            Intrinsic::DropEnd(id) => {
                let is_stream = matches!(world.types.defined(id), DefinedType::Stream(_));
                let any = AnyTypeId::Defined(id);
                let ty = self.outer.outer_type(world, EXPORTED, any)?;
                let ty = ty.expect("a type of values is written if it is not there");
                let write = |section: &mut CanonicalFunctionSection| match is_stream {
                    true => _ = section.stream_drop_readable(ty),
                    false => _ = section.future_drop_readable(ty),
                };
                (self.outer.builder.canonical(write), takes)
            }
            Intrinsic::Call(name) => self.call(name)?,
        })
    }

    /// Imports a function of the deterministic source, or of what gives a
    /// pollable that is ready.
    fn call(&mut self, name: &'static str) -> Result<(u32, FuncType), Untypable> {
        let u64 = Encoded::Primitive(PrimitiveValType::U64);
        let (ty, core): (_, FuncType) = match name {
            "advance" => {
                let (ty, encoder) = self.outer.builder.ty();
                encoder.function().params([("by", u64)]).result(None);
                (ty, (vec![ValType::I64], None))
            }
            "get-stderr" => {
                let stream = self.output_stream();
                let own = self.own_of(stream);
                let (ty, encoder) = self.outer.builder.ty();
                let none: [(&str, Encoded); 0] = [];
                encoder.function().params(none).result(Some(own));
                (ty, (vec![], Some(ValType::I32)))
            }
            "subscribe" => {
                let stream = self.output_stream();
                let (borrow, encoder) = self.outer.builder.ty();
                encoder.defined_type().borrow(stream);
                let pollable = self.pollable();
                let pollable =
                    pollable.ok_or(Untypable::Kind("of a function that waits for no pollable"))?;
                let own = self.own_of(pollable);
                let (ty, encoder) = self.outer.builder.ty();
                let params = [("self", Encoded::Type(borrow))];
                encoder.function().params(params).result(Some(own));
                (ty, (vec![ValType::I32], Some(ValType::I32)))
            }
            _ => {
                let (ty, encoder) = self.outer.builder.ty();
                let none: [(&str, Encoded); 0] = [];
                encoder.function().params(none).result(Some(u64));
                (ty, (vec![], Some(ValType::I64)))
            }
        };
        let function = self
            .outer
            .builder
            .import(name.into(), ComponentTypeRef::Func(ty));
        self.needs.push(Need::Function(name));
        let write = |section: &mut CanonicalFunctionSection| _ = section.lower(function, []);
        Ok((self.outer.builder.canonical(write), core))
    }

    fn output_stream(&mut self) -> u32 {
        if let Some(index) = self.stream {
            return index;
        }
        let ty = ComponentTypeRef::Type(TypeBounds::SubResource);
        let index = self.outer.builder.import("output-stream".into(), ty);
        self.needs.push(Need::OutputStream);
        self.stream = Some(index);
        index
    }

    /// The resource that functions which wait return.
    fn pollable(&self) -> Option<u32> {
        let world = self.wanted.world;
        let waits = |lifted: &&Lifted<'_>| {
            matches!(
                lifted.answer,
                Behavior::Deterministic(Deterministic::Wait { pollable: true, .. })
            )
        };
        let lifted = self.functions.iter().find(waits)?;
        let id = owned(world, world.types.func(lifted.ty).result())?;
        self.resources.get(&id).copied()
    }
}

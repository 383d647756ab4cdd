//! The functions of a virtualized import: what each does, in a core module.

use wasm_encoder::{CanonicalOption, ComponentExportKind, ComponentTypeRef, ExportKind, ValType};

use super::abi::{self};
use super::behavior::{Behavior, behavior};
use super::code::{Body, Core, FuncType, IMPORTS};
use super::interface_writer::{EXPORTED, IMPORTED, InterfaceRequest, InterfaceWriter, Need, maker};
use super::intrinsic::Intrinsic;
use super::lifted::{Lifted, owned};
use super::release::{Handle, Release};
use super::{constant, deterministic};
use compositor_wasm::types::{AnyTypeId, EntityType, FuncTypeId};
use compositor_wasm::write::types::Untypable;

impl InterfaceWriter<'_> {
    /// The core module with a body for each function; then the functions.
    pub(super) fn functions(&mut self) -> Result<(), Untypable> {
        let InterfaceRequest {
            world,
            import,
            decision,
            retained,
            is_beside,
            ..
        } = self.wanted;
        for (position, (name, ty)) in self.items().into_iter().enumerate() {
            if let EntityType::Func(id) = ty {
                if retained.contains(name) {
                    self.pass(position, name, id)?;
                    continue;
                }
                let answer = behavior(&world.types, &import.interface, name, id, decision);
                let made = owned(world, world.types.func(id).result());
                let is_made = made.is_some_and(|id| self.own.contains(&id) || is_beside(id));
                self.functions.push(Lifted {
                    name,
                    ty: id,
                    signature: abi::signature(&world.types, id),
                    answer: match answer {
                        Behavior::Handle if !is_made => Behavior::Trap,
                        answer => answer,
                    },
                });
            }
        }
        self.makers();
        if self.functions.is_empty() {
            return Ok(());
        }
        self.intrinsics()?;
        self.bodies();
        let core = std::mem::take(&mut self.core);
        let module = core.finish();
        let imported: Vec<u32> = self.intrinsics.iter().map(|(_, index)| *index).collect();
        let builder = &mut self.outer.builder;
        let module = builder.core_module(&module);
        let from = (!imported.is_empty()).then(|| (IMPORTS, builder.core_items(&imported, None)));
        let instance = builder.core_instantiate(module, from);
        let needs_memory = |lifted: &Lifted<'_>| lifted.in_memory(world);
        let memory = self.functions.iter().any(needs_memory);
        let memory = memory.then(|| builder.core_alias(instance, ExportKind::Memory, "memory"));
        for (index, lifted) in std::mem::take(&mut self.functions).into_iter().enumerate() {
            let builder = &mut self.outer.builder;
            let core = builder.core_alias(instance, ExportKind::Func, &index.to_string());
            let mut options = Vec::new();
            if let Some(memory) = memory.filter(|_| lifted.in_memory(world)) {
                options.extend([CanonicalOption::UTF8, CanonicalOption::Memory(memory)]);
            }
            if lifted.allocates(world) {
                let name = realloc_name(&lifted, index);
                let realloc = builder.core_alias(instance, ExportKind::Func, &name);
                options.push(CanonicalOption::Realloc(realloc));
            }
            let ty = self.outer.outer_func(world, EXPORTED, lifted.ty)?;
            let function = self.outer.builder.lift(core, ty, options);
            let name = lifted.name.into();
            self.outer
                .builder
                .export(name, ComponentExportKind::Func, function);
        }
        Ok(())
    }

    /// Exports a function of the host's as it is.
    fn pass(&mut self, position: usize, name: &str, ty: FuncTypeId) -> Result<(), Untypable> {
        let ty = self.outer.outer_func(self.wanted.world, IMPORTED, ty)?;
        let import = format!("f{position}");
        let ty = ComponentTypeRef::Func(ty);
        let builder = &mut self.outer.builder;
        let function = builder.import(import.as_str().into(), ty);
        self.needs.push(Need::Real(position));
        builder.export(name.into(), ComponentExportKind::Func, function);
        Ok(())
    }

    /// Exports what makes handles for others.
    fn makers(&mut self) {
        for (name, ty) in self.items() {
            let EntityType::Type(AnyTypeId::Resource(id)) = ty else {
                continue;
            };
            let id = id.resource();
            if !self.wanted.makes.contains(&id) || !self.own.contains(&id) {
                continue;
            }
            let (core, _) = self.new_handle(id);
            let named = self.exported.get(&id).copied();
            let named = named.expect("each resource that is an item was exported");
            let ty = self.maker_type(named);
            let function = self.outer.builder.lift(core, ty, Vec::new());
            let name = maker(name);
            let builder = &mut self.outer.builder;
            builder.export(name.as_str().into(), ComponentExportKind::Func, function);
        }
    }

    /// Writes what each function does.
    fn bodies(&mut self) {
        let InterfaceRequest { world, import, .. } = self.wanted;
        let types = &world.types;
        let intrinsics: Vec<Intrinsic> = self.intrinsics.iter().map(|(i, _)| *i).collect();
        let position = |wanted: Intrinsic| {
            let position = intrinsics.iter().position(|other| *other == wanted);
            position.map(|position| position as u32)
        };
        for index in 0..self.functions.len() {
            let lifted = &self.functions[index];
            let refused = format!("policy denies {}#{}", import.interface, lifted.name);
            let ty: FuncType = (lifted.signature.params.clone(), lifted.signature.result);
            let export = Some(index.to_string());
            let params = ty.0.len();
            if lifted.in_memory(world) {
                self.core.memory(0);
            }
            if lifted.answer == Behavior::Trap {
                self.core.function(&refused, export, ty, Body::trap(params));
                if lifted.allocates(world) {
                    let ty = (vec![ValType::I32; 4], Some(ValType::I32));
                    let export = Some(realloc_name(lifted, index));
                    self.core.function(&refused, export, ty, Body::trap(4));
                }
                continue;
            }
            let mut body = Body::new(params);
            if let Behavior::Deterministic(asked) = &lifted.answer {
                let call = |name| {
                    let position = position(Intrinsic::Call(name));
                    position.expect("what a body calls was declared")
                };
                deterministic::write(*asked, &mut self.core, &call, &mut body);
                self.core.function(lifted.name, export, ty, body);
                continue;
            }
            let with = |handle: Handle| self.release_of(handle).and_then(position);
            let mut release = Release {
                types,
                with: &with,
                body: &mut body,
            };
            let values = types.func(lifted.ty).param_types();
            match lifted.signature.params_in_memory {
                true => release.record(values, 0),
                false => release.locals(values, &lifted.signature.params),
            }
            if lifted.allocates(world) {
                let bump = self.core.bump();
                body.reset(bump);
            }
            match (&lifted.answer, types.func(lifted.ty).result()) {
                (Behavior::Constant(constant), Some(result)) => {
                    let data = &mut self.core.data;
                    let at = constant::write(types, result, constant, &refused, Core::base(), data);
                    match lifted.signature.result_in_memory {
                        true => drop(body.code().i32_const(at as i32)),
                        false => {
                            let start = (at - Core::base()) as usize;
                            let size = abi::layout(types, result).size.min(8) as usize;
                            let mut bytes = [0; 8];
                            bytes[..size].copy_from_slice(&data[start..start + size]);
                            body.constant(lifted.signature.result, u64::from_le_bytes(bytes));
                        }
                    }
                }
                (Behavior::Handle, result) => {
                    let new = owned(world, result).map(Intrinsic::New).and_then(position);
                    let new = new.expect("what makes a handle was declared");
                    body.code().i32_const(0).call(new);
                }
                _ => {}
            }
            self.core.function(&refused, export, ty, body);
        }
    }
}

/// What allocates for a function: where it traps, that traps already, so that
/// nothing is copied and the trap names it.
fn realloc_name(lifted: &Lifted<'_>, index: usize) -> String {
    match lifted.answer {
        Behavior::Trap => format!("{index}-realloc"),
        _ => "realloc".to_string(),
    }
}

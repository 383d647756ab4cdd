//! An import that is recorded: each function says that it is called, and calls
//! the one that it stands for, with the same values and handles.
//!
//! What is passed in memory is passed from the memory that it came to: two core
//! modules, one with the memory, so that what is called can have it, and one
//! with the functions.

use wasm_encoder::{
    BlockType, CanonicalFunctionSection, CanonicalOption, ComponentExportKind, ComponentTypeRef,
    ComponentValType as Encoded, ExportKind, PrimitiveValType, ValType,
};

use super::abi;
use super::code::{Body, Core, FuncType, IMPORTS};
use super::interface_writer::{EXPORTED, IMPORTED, InterfaceRequest, InterfaceWriter, Need};
use super::intrinsic::Intrinsic;
use super::lifted::Lifted;
use super::release::{Handle, Release, handles};
use compositor_wasm::types::{EntityType, ValueType};
use compositor_wasm::write::types::Untypable;

/// The core functions that are imported before the others, in order.
const DECLARE: u32 = 0;
const CALLED: u32 = 1;
const REALLOC: u32 = 2;
const RESET: u32 = 3;

/// A text in memory: where it is, and its size.
type Text = (i32, i32);

impl<'a> InterfaceWriter<'a> {
    /// Imports what is recorded, and exports what records it.
    pub(super) fn record(&mut self) -> Result<(), Untypable> {
        let InterfaceRequest { world, .. } = self.wanted;
        let mut lifted: Vec<Lifted<'a>> = Vec::new();
        let mut real = Vec::new();
        for (position, (name, ty)) in self.items().into_iter().enumerate() {
            let EntityType::Func(id) = ty else {
                continue;
            };
            // Before the exports have names: what is imported is made of imports.
            let ty = self.outer.outer_func(world, IMPORTED, id)?;
            let import = format!("f{position}");
            let ty = ComponentTypeRef::Func(ty);
            real.push(self.outer.builder.import(import.as_str().into(), ty));
            self.needs.push(Need::Real(position));
            lifted.push(Lifted::of(world, name, id));
        }
        let audit = [self.audit("declare"), self.audit("called")];
        self.export_types()?;
        if lifted.is_empty() {
            return Ok(());
        }
        let (memory, texts) = self.memory(&lifted);
        let releases = self.releases(&lifted)?;

        let builder = &mut self.outer.builder;
        let options = |memory: u32, realloc: u32| {
            let memory = CanonicalOption::Memory(memory);
            vec![
                CanonicalOption::UTF8,
                memory,
                CanonicalOption::Realloc(realloc),
            ]
        };
        let index = builder.core_alias(memory, ExportKind::Memory, "memory");
        let realloc = builder.core_alias(memory, ExportKind::Func, "realloc");
        let reset = builder.core_alias(memory, ExportKind::Func, "reset");
        let freed = builder.core_alias(memory, ExportKind::Func, "freed");
        let mut lower = |function: u32| {
            let options = options(index, realloc);
            let write =
                |section: &mut CanonicalFunctionSection| _ = section.lower(function, options);
            builder.canonical(write)
        };
        let mut imported: Vec<u32> = audit.into_iter().map(&mut lower).collect();
        imported.extend([realloc, reset]);
        imported.extend(releases.iter().map(|(_, index)| *index));
        imported.extend(real.into_iter().map(&mut lower));

        let module = self.forwards(&lifted, &releases, &texts);
        let builder = &mut self.outer.builder;
        let module = builder.core_module(&module.finish());
        let items = builder.core_items(&imported, Some(index));
        let instance = builder.core_instantiate(module, Some((IMPORTS, items)));
        for (position, lifted) in lifted.into_iter().enumerate() {
            let builder = &mut self.outer.builder;
            let core = builder.core_alias(instance, ExportKind::Func, &position.to_string());
            let mut options = options(index, realloc);
            if lifted.signature.result_in_memory {
                options.push(CanonicalOption::PostReturn(freed));
            }
            let ty = self.outer.outer_func(world, EXPORTED, lifted.ty)?;
            let function = self.outer.builder.lift(core, ty, options);
            let name = lifted.name.into();
            let kind = ComponentExportKind::Func;
            self.outer.builder.export(name, kind, function);
        }
        Ok(())
    }

    /// Imports a function of `sys:compose/audit`, `declare` as one that knows the
    /// component.
    fn audit(&mut self, name: &'static str) -> u32 {
        let text = Encoded::Primitive(PrimitiveValType::String);
        let number = Encoded::Primitive(PrimitiveValType::U32);
        let (ty, encoder) = self.outer.builder.ty();
        match name {
            "declare" => {
                let params = [("interface", text), ("function", text)];
                encoder.function().params(params).result(Some(number));
            }
            _ => {
                encoder
                    .function()
                    .params([("function", number)])
                    .result(None);
            }
        }
        self.needs.push(Need::Function(name));
        let ty = ComponentTypeRef::Func(ty);
        self.outer.builder.import(name.into(), ty)
    }

    /// The module with the memory; where it has the names that are declared:
    /// the interface's, and those of the functions.
    fn memory(&mut self, lifted: &[Lifted<'a>]) -> (u32, Vec<Text>) {
        let import = self.wanted.import;
        let mut core = Core::default();
        let mut texts = Vec::new();
        let functions = lifted.iter().map(|lifted| lifted.name);
        let interface = import.interface.as_str();
        for text in std::iter::once(interface).chain(functions) {
            let at = Core::base() as usize + core.data.len();
            core.data.extend_from_slice(text.as_bytes());
            texts.push((at as i32, text.len() as i32));
        }
        let bump = core.bump();
        for (name, params) in [("reset", vec![]), ("freed", vec![ValType::I32])] {
            let mut body = Body::new(params.len());
            body.reset(bump);
            core.function(name, Some(name.to_string()), (params, None), body);
        }
        let builder = &mut self.outer.builder;
        let module = builder.core_module(&core.finish());
        (builder.core_instantiate(module, None), texts)
    }

    /// What releases handles that were lent: what is owned goes on to what is
    /// called.
    fn releases(&mut self, lifted: &[Lifted<'a>]) -> Result<Vec<(Intrinsic, u32)>, Untypable> {
        let world = self.wanted.world;
        let mut found = Vec::new();
        for lifted in lifted {
            for ty in world.types.func(lifted.ty).param_types() {
                handles(&world.types, ty, &mut found);
            }
        }
        let mut releases: Vec<(Intrinsic, u32)> = Vec::new();
        for handle in found {
            if let Handle::Resource(id, false) = handle {
                let drop = Intrinsic::Drop(id);
                let (index, _) = self.intrinsic(drop)?;
                releases.push((drop, index));
            }
        }
        Ok(releases)
    }

    /// The module with the functions.
    fn forwards(
        &self,
        lifted: &[Lifted<'a>],
        releases: &[(Intrinsic, u32)],
        texts: &[Text],
    ) -> Core {
        let types = &self.wanted.world.types;
        let i32s = |count: usize| vec![ValType::I32; count];
        let mut core = Core::default();
        core.borrow_memory();
        core.import((i32s(4), Some(ValType::I32)));
        core.import((i32s(1), None));
        core.import((i32s(4), Some(ValType::I32)));
        core.import((i32s(0), None));
        for _ in releases {
            core.import((i32s(1), None));
        }
        let first = RESET + 1;
        for lifted in lifted {
            let mut ty: FuncType = (lifted.signature.params.clone(), lifted.signature.result);
            if lifted.signature.result_in_memory {
                ty.0.push(ValType::I32);
                ty.1 = None;
            }
            core.import(ty);
        }
        for (position, lifted) in lifted.iter().enumerate() {
            let params = lifted.signature.params.len();
            let declared = core.global(ValType::I32, -1);
            let mut body = Body::new(params);
            let mut code = body.code();
            code.global_get(declared)
                .i32_const(-1)
                .i32_eq()
                .if_(BlockType::Empty);
            for (at, size) in [texts[0], texts[1 + position]] {
                code.i32_const(at).i32_const(size);
            }
            code.call(DECLARE).global_set(declared).end();
            code.global_get(declared).call(CALLED);
            for param in 0..params as u32 {
                code.local_get(param);
            }
            let place = lifted.signature.result_in_memory.then(|| {
                let place = body.local(ValType::I32);
                let result = types.func(lifted.ty).result();
                let layout = result.map(|ty| abi::layout(types, ty));
                let (size, align) = layout.map_or((0, 1), |layout| (layout.size, layout.align));
                let mut code = body.code();
                code.i32_const(0)
                    .i32_const(0)
                    .i32_const(align as i32)
                    .i32_const(size as i32);
                code.call(REALLOC).local_tee(place);
                place
            });
            body.code().call(first + (releases.len() + position) as u32);
            let with = |handle: Handle| match handle {
                Handle::Resource(id, false) => {
                    let mut drops = releases.iter();
                    let position = drops.position(|(drop, _)| *drop == Intrinsic::Drop(id))?;
                    Some(first + position as u32)
                }
                Handle::Resource(..) | Handle::End(_) => None,
            };
            let values: Vec<ValueType> = types.func(lifted.ty).param_types().collect();
            let mut release = Release {
                types,
                with: &with,
                body: &mut body,
            };
            match lifted.signature.params_in_memory {
                true => release.record(values.into_iter(), 0),
                false => release.locals(values.into_iter(), &lifted.signature.params),
            }
            match place {
                Some(place) => _ = body.code().local_get(place),
                None => _ = body.code().call(RESET),
            }
            let ty = (lifted.signature.params.clone(), lifted.signature.result);
            core.function(lifted.name, Some(position.to_string()), ty, body);
        }
        core
    }
}

//! What knows the components whose calls are recorded: a function for each, which
//! says to `sys:compose/audit` what it is given and the component's name.
//!
//! So what records an interface has no name in it, and is the same for all
//! components that import the interface.

use wasm_encoder::{
    CanonicalFunctionSection, CanonicalOption, ComponentExportKind, ComponentTypeRef,
    ComponentValType as Encoded, ExportKind, InstanceType, PrimitiveValType, ValType,
};

use super::code::{Body, Core, IMPORTS};
use compositor_plan::names::AUDIT;
use compositor_wasm::write::builder::Builder;

/// The functions that the code imports, in order.
const DECLARE: u32 = 0;
const RESET: u32 = 1;

/// The export of a component, by its position among those that are recorded.
pub fn declare(position: usize) -> String {
    format!("declare{position}")
}

/// Writes the component that has a function for each of these.
pub fn recorder(components: &[String]) -> Vec<u8> {
    let mut builder = Builder::default();
    let text = Encoded::Primitive(PrimitiveValType::String);
    let number = Encoded::Primitive(PrimitiveValType::U32);
    let names = [("component", text), ("interface", text), ("function", text)];
    let mut ty = InstanceType::new();
    ty.ty().function().params(names).result(Some(number));
    ty.export("declare", ComponentTypeRef::Func(0));
    let ty = builder.type_instance(&ty);
    let audit = builder.import(AUDIT.into(), ComponentTypeRef::Instance(ty));
    let audit = builder.alias(audit, ComponentExportKind::Func, "declare");

    let mut core = Core::default();
    let mut texts = Vec::with_capacity(components.len());
    for component in components {
        let at = Core::base() as usize + core.data.len();
        core.data.extend_from_slice(component.as_bytes());
        texts.push((at as i32, component.len() as i32));
    }
    let bump = core.bump();
    let mut body = Body::new(0);
    body.reset(bump);
    core.function("reset", Some("reset".to_string()), (vec![], None), body);
    let memory = builder.core_module(&core.finish());
    let memory = builder.core_instantiate(memory, None);
    let reset = builder.core_alias(memory, ExportKind::Func, "reset");
    let realloc = builder.core_alias(memory, ExportKind::Func, "realloc");
    let memory = builder.core_alias(memory, ExportKind::Memory, "memory");
    let options = [CanonicalOption::UTF8, CanonicalOption::Memory(memory)];
    let lower = |section: &mut CanonicalFunctionSection| _ = section.lower(audit, options);
    let lowered = builder.canonical(lower);

    let mut core = Core::default();
    core.borrow_memory();
    core.import((vec![ValType::I32; 6], Some(ValType::I32)));
    core.import((vec![], None));
    for (position, (at, size)) in texts.into_iter().enumerate() {
        let mut body = Body::new(4);
        let mut code = body.code();
        code.i32_const(at).i32_const(size);
        for param in 0..4 {
            code.local_get(param);
        }
        code.call(DECLARE).call(RESET);
        let name = declare(position);
        let ty = (vec![ValType::I32; 4], Some(ValType::I32));
        core.function(&name, Some(name.clone()), ty, body);
    }
    let module = builder.core_module(&core.finish());
    let items = builder.core_items(&[lowered, reset], Some(memory));
    let instance = builder.core_instantiate(module, Some((IMPORTS, items)));
    let (ty, encoder) = builder.ty();
    let params = [("interface", text), ("function", text)];
    encoder.function().params(params).result(Some(number));
    for position in 0..components.len() {
        let name = declare(position);
        let core = builder.core_alias(instance, ExportKind::Func, &name);
        let options = options
            .into_iter()
            .chain([CanonicalOption::Realloc(realloc)]);
        let function = builder.lift(core, ty, options.collect());
        builder.export(name.as_str().into(), ComponentExportKind::Func, function);
    }
    builder.finish()
}

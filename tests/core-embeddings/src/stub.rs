//! A host in place of one that has what WASI has not: every function traps.

use wasmtime::bail;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType};

/// What no resource of WASI is made of.
struct Stub;

/// Defines what a component imports and is not of a package that is there. Its
/// functions trap, as `unknown import`.
///
/// [`Linker::define_unknown_imports_as_traps`] would take the names that an
/// interface has for another's resources for resources of its own.
///
/// # Errors
/// When the linker has something of one of the names.
pub fn define<T: 'static>(
    linker: &mut Linker<T>,
    component: &Component,
    is_there: impl Fn(&str) -> bool,
) -> wasmtime::Result<()> {
    let engine = component.engine();
    let mut seen: Vec<ResourceType> = Vec::new();
    for (import, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        let is_there = is_there(import);
        let mut defined = match is_there {
            true => None,
            false => Some(linker.instance(import)?),
        };
        for (name, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::Resource(ty) if !seen.contains(&ty) => {
                    seen.push(ty);
                    if let Some(defined) = &mut defined {
                        defined.resource(name, ResourceType::host::<Stub>(), |_, _| Ok(()))?;
                    }
                }
                ComponentItem::ComponentFunc(ty) => {
                    let Some(defined) = &mut defined else {
                        continue;
                    };
                    let full = format!("{import}#{name}");
                    if ty.async_() {
                        defined.func_new_concurrent(name, move |_, _, _, _| {
                            let full = full.clone();
                            Box::pin(async move { bail!("unknown import: `{full}`") })
                        })?;
                    } else {
                        defined
                            .func_new(name, move |_, _, _, _| bail!("unknown import: `{full}`"))?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

//! The documents that ids are hashes of: a world's, and an interface's with
//! the types of other interfaces that it uses.

use ciborium::Value;
use wasmparser::component_types::{
    ComponentEntityType, ComponentFuncTypeId, ComponentInstanceTypeId, ComponentItem,
};

use super::error::WitError;
use super::externs::Externs;
use super::types::{Scope, Writer, inexpressible, map, text};

/// `["world", name, imports, exports]`.
pub fn world(name: &str, of: &Externs<'_>) -> Result<Value, WitError> {
    let mut writer = Writer::new(of);
    let mut side = |first: usize, items: &[(&str, &ComponentItem)]| {
        let mut entries = Vec::with_capacity(items.len());
        for (index, (name, item)) in items.iter().enumerate() {
            let item = world_item(&mut writer, first + index, name, item)?;
            entries.push((text(name), item));
        }
        Ok::<_, WitError>(map(entries))
    };
    let imports = side(0, &of.imports)?;
    let exports = side(of.imports.len(), &of.exports)?;
    Ok(Value::Array(vec![
        text("world"),
        text(name),
        imports,
        exports,
    ]))
}

/// `["interface", name, types, functions, uses]`, of the one export.
pub fn interface(name: &str, of: &Externs<'_>) -> Result<Value, WitError> {
    let mut writer = Writer::new(of);
    let own = Scope(of.imports.len());
    let [(_, item)] = of.exports[..] else {
        return Err(inexpressible(name, "is not one interface"));
    };
    let ComponentEntityType::Instance(id) = item.ty else {
        return Err(inexpressible(name, "is not an interface"));
    };
    let (types, functions) = body(&mut writer, own, id)?;
    let mut uses = vec![Vec::new(); of.imports.len()];
    // What is used may itself use more.
    while let Some((scope, name, referenced)) = writer.next_used(own) {
        let definition = writer.definition(name, referenced, scope)?;
        uses[scope.0].push((text(name), definition));
    }
    let uses = of
        .imports
        .iter()
        .zip(uses)
        .filter(|(_, types)| !types.is_empty());
    let uses = uses.map(|((name, _), types)| (text(name), map(types)));
    Ok(Value::Array(vec![
        text("interface"),
        text(name),
        types,
        functions,
        map(uses.collect()),
    ]))
}

/// `["interface", types, functions]`, `["function", …]` or `["type", …]`; an
/// interface under a plain name says whose it is, when its package has it.
fn world_item(
    writer: &mut Writer<'_>,
    index: usize,
    name: &str,
    item: &ComponentItem,
) -> Result<Value, WitError> {
    Ok(Value::Array(match item.ty {
        ComponentEntityType::Instance(id) => {
            let (types, functions) = body(writer, Scope(index), id)?;
            let mut parts = vec![text("interface"), types, functions];
            parts.extend(item.implements.as_deref().map(text));
            parts
        }
        ComponentEntityType::Func(id) => {
            vec![text("function"), function(writer, name, id, Scope::WORLD)?]
        }
        ComponentEntityType::Type { referenced, .. } => {
            vec![
                text("type"),
                writer.definition(name, referenced, Scope::WORLD)?,
            ]
        }
        ComponentEntityType::Value(_) => return Err(inexpressible(name, "is a value")),
        ComponentEntityType::Component(_) => return Err(inexpressible(name, "is a component")),
        ComponentEntityType::Module(_) => return Err(inexpressible(name, "is a core module")),
    }))
}

/// An interface's types and functions, each by name.
fn body(
    writer: &mut Writer<'_>,
    scope: Scope,
    id: ComponentInstanceTypeId,
) -> Result<(Value, Value), WitError> {
    let (mut types, mut functions) = (Vec::new(), Vec::new());
    for (name, item) in &writer.types()[id].exports {
        match item.ty {
            ComponentEntityType::Type { referenced, .. } => {
                types.push((text(name), writer.definition(name, referenced, scope)?));
            }
            ComponentEntityType::Func(id) => {
                functions.push((text(name), function(writer, name, id, scope)?));
            }
            _ => return Err(inexpressible(name, "is neither a type nor a function")),
        }
    }
    Ok((map(types), map(functions)))
}

/// `[async, [[name, type] …], result or null]`.
fn function(
    writer: &mut Writer<'_>,
    name: &str,
    id: ComponentFuncTypeId,
    scope: Scope,
) -> Result<Value, WitError> {
    let ty = &writer.types()[id];
    let mut params = Vec::with_capacity(ty.params.len());
    for (param, ty) in &ty.params {
        let ty = writer.value(name, *ty, scope)?;
        params.push(Value::Array(vec![text(param), ty]));
    }
    let result = writer.optional(name, ty.result, scope)?;
    Ok(Value::Array(vec![
        ty.async_.into(),
        Value::Array(params),
        result,
    ]))
}

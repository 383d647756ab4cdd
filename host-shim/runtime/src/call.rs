//! Calls of exports with values as text, in WAVE.

use std::fmt;

use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::wasm_wave::wasm::{DisplayFuncResults, WasmFunc};
use wasmtime::component::{Accessor, Component, ComponentExportIndex, InstancePre, Val};
use wasmtime::error::Context as _;
use wasmtime::{Result, Store};

use crate::exports::exports;
use crate::guest::Guest;

/// Why there is nothing to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCall {
    /// There is no such export.
    Missing(String),
    /// The arguments do not fit, or the name means several functions.
    Invalid(String),
    /// It takes or returns what is no text.
    Untellable(String),
}

impl fmt::Display for NoCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(why) | Self::Invalid(why) | Self::Untellable(why) => f.write_str(why),
        }
    }
}

/// A function that was found, and its arguments.
pub struct Call {
    function: ComponentExportIndex,
    arguments: Vec<Val>,
    results: usize,
}

impl Call {
    /// Reads `name(arguments)` or `interface#name(arguments)`. A name alone is
    /// that of an export, or of the one function of that name in the exported
    /// interfaces.
    ///
    /// # Errors
    /// When there is no such function, or it cannot be called with these.
    pub fn find(call: &str, component: &Component) -> Result<Self, NoCall> {
        let open = call.find('(').unwrap_or(call.len());
        let (name, arguments) = call.split_at(open);
        let (function, signature) = function(name.trim(), component)?;
        let parameters = signature.params().map(|(_, ty)| ty);
        if !parameters
            .chain(signature.results())
            .all(|ty| can_be_told(&ty))
        {
            return Err(NoCall::Untellable(format!(
                "`{name}` takes or returns a resource, a stream or a future, which are no text"
            )));
        }
        // The name was read; interfaces are more than WAVE expects of one.
        let arguments = UntypedFuncCall::parse(&format!("call{arguments}"))
            .and_then(|call| {
                let types: Vec<_> = WasmFunc::params(&signature).collect();
                call.to_wasm_params(&types)
            })
            .map_err(|error| {
                NoCall::Invalid(format!("the arguments of `{name}` do not fit: {error}"))
            })?;
        Ok(Self {
            function,
            arguments,
            results: signature.results().len(),
        })
    }

    /// Instantiates, and calls; the result is in WAVE.
    ///
    /// # Errors
    /// When the guest ends otherwise than by returning.
    pub async fn run(&self, pre: &InstancePre<Guest>, store: &mut Store<Guest>) -> Result<String> {
        let instance = pre.instantiate_async(&mut *store).await?;
        let function = instance.get_func(&mut *store, self.function);
        let function = function.context("the export is gone")?;
        let mut results = vec![Val::Bool(false); self.results];
        let (arguments, into) = (&self.arguments, &mut results);
        match store.engine().get_concurrency_support() {
            true => {
                let call = async |store: &Accessor<Guest>| {
                    function.call_concurrent(store, arguments, into).await
                };
                store.run_concurrent(call).await??;
            }
            false => function.call_async(store, arguments, into).await?,
        }
        Ok(DisplayFuncResults(&results).to_string())
    }
}

fn function(
    name: &str,
    component: &Component,
) -> Result<(ComponentExportIndex, ComponentFunc), NoCall> {
    let in_interface = |interface: &str, name: &str| {
        let (_, interface) = component.get_export(None, interface)?;
        match component.get_export(Some(&interface), name)? {
            (ComponentItem::ComponentFunc(signature), index) => Some((index, signature)),
            _ => None,
        }
    };
    let missing = |name: &str| {
        let has = exports(component).join(", ");
        NoCall::Missing(format!(
            "the artifact does not export `{name}`; it exports {has}"
        ))
    };
    if let Some((interface, name)) = name.split_once('#') {
        if component.get_export(None, interface).is_none() {
            return Err(missing(interface));
        }
        let none = || NoCall::Missing(format!("`{interface}` has no function `{name}`"));
        return in_interface(interface, name).ok_or_else(none);
    }
    if let Some((ComponentItem::ComponentFunc(signature), index)) = component.get_export(None, name)
    {
        return Ok((index, signature));
    }
    let interfaces = exports(component).into_iter().filter_map(|interface| {
        let found = in_interface(&interface, name)?;
        Some((interface, found))
    });
    let mut found: Vec<_> = interfaces.collect();
    match (found.pop(), &found[..]) {
        (None, _) if component.get_export(None, name).is_some() => Err(NoCall::Invalid(format!(
            "`{name}` is an interface: name a function of it, as in `{name}#function(…)`"
        ))),
        (None, _) => Err(missing(name)),
        (Some((_, only)), []) => Ok(only),
        (Some((last, _)), others) => {
            let names = others.iter().map(|(interface, _)| interface.as_str());
            let names: Vec<String> = names
                .chain([last.as_str()])
                .map(|interface| format!("`{interface}#{name}`"))
                .collect();
            let names = names.join(", ");
            Err(NoCall::Invalid(format!(
                "which `{name}`? There are {names}"
            )))
        }
    }
}

/// Whether WAVE has words for values of a type.
fn can_be_told(ty: &Type) -> bool {
    let may = |ty: Option<Type>| ty.is_none_or(|ty| can_be_told(&ty));
    match ty {
        Type::List(list) => can_be_told(&list.ty()),
        Type::FixedLengthList(list) => can_be_told(&list.ty()),
        Type::Map(map) => can_be_told(&map.key()) && can_be_told(&map.value()),
        Type::Record(record) => record.fields().all(|field| can_be_told(&field.ty)),
        Type::Tuple(tuple) => tuple.types().all(|ty| can_be_told(&ty)),
        Type::Variant(variant) => variant.cases().all(|case| may(case.ty)),
        Type::Option(option) => can_be_told(&option.ty()),
        Type::Result(result) => may(result.ok()) && may(result.err()),
        Type::Own(_) | Type::Borrow(_) => false,
        Type::Future(_) | Type::Stream(_) | Type::ErrorContext => false,
        _ => true,
    }
}

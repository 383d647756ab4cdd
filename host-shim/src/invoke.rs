//! Calls of exports with values as text, in WAVE.

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::wasm_wave::wasm::{DisplayFuncResults, WasmFunc};
use wasmtime::component::{ComponentExportIndex, InstancePre, Val};
use wasmtime::error::Context as _;
use wasmtime::{Result, Store};

use crate::guest::Guest;
use crate::run::Run;
use crate::types::{Error, ErrorCode};

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
    pub fn find(call: &str, run: &Run) -> Result<Self, Error> {
        let open = call.find('(').unwrap_or(call.len());
        let (name, arguments) = call.split_at(open);
        let (function, signature) = function(name.trim(), run)?;
        // The name was read; interfaces are more than WAVE expects of one.
        let arguments = UntypedFuncCall::parse(&format!("call{arguments}"))
            .and_then(|call| {
                let types: Vec<_> = WasmFunc::params(&signature).collect();
                call.to_wasm_params(&types)
            })
            .map_err(|error| invalid(format!("the arguments of `{name}` do not fit: {error}")))?;
        Ok(Self {
            function,
            arguments,
            results: signature.results().len(),
        })
    }

    /// Instantiates and calls.
    pub async fn run(&self, pre: &InstancePre<Guest>, store: &mut Store<Guest>) -> Result<String> {
        let instance = pre.instantiate_async(&mut *store).await?;
        let function = instance.get_func(&mut *store, self.function);
        let function = function.context("the export is gone")?;
        let mut results = vec![Val::Bool(false); self.results];
        let (arguments, into) = (&self.arguments, &mut results);
        store
            .run_concurrent(async |store| function.call_concurrent(store, arguments, into).await)
            .await??;
        Ok(DisplayFuncResults(&results).to_string())
    }
}

fn function(name: &str, run: &Run) -> Result<(ComponentExportIndex, ComponentFunc), Error> {
    let component = run.pre.component();
    let in_interface = |interface: &str, name: &str| {
        let (_, interface) = component.get_export(None, interface)?;
        match component.get_export(Some(&interface), name)? {
            (ComponentItem::ComponentFunc(signature), index) => Some((index, signature)),
            _ => None,
        }
    };
    if let Some((interface, name)) = name.split_once('#') {
        return in_interface(interface, name).ok_or_else(|| missing(run, name));
    }
    if let Some((ComponentItem::ComponentFunc(signature), index)) = component.get_export(None, name)
    {
        return Ok((index, signature));
    }
    let interfaces = run.exports().filter_map(|interface| {
        let found = in_interface(&interface, name)?;
        Some((interface, found))
    });
    let mut found: Vec<_> = interfaces.collect();
    match (found.pop(), &found[..]) {
        (None, _) => Err(missing(run, name)),
        (Some((_, only)), []) => Ok(only),
        (Some((last, _)), others) => {
            let names = others.iter().map(|(interface, _)| interface.as_str());
            let names: Vec<String> = names
                .chain([last.as_str()])
                .map(|interface| format!("`{interface}#{name}`"))
                .collect();
            Err(invalid(format!(
                "which `{name}`? There are {}",
                names.join(", ")
            )))
        }
    }
}

fn missing(run: &Run, name: &str) -> Error {
    run.lacks(name)
}

fn invalid(message: String) -> Error {
    Error {
        code: ErrorCode::InvalidInput,
        message,
        context: None,
    }
}

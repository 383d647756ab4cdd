//! An artifact, instantiated with WASI under the runtime's default features,
//! whose exports a test calls.

use wasmtime::Store;
use wasmtime::component::{Component, Func, Instance, Linker, Type, Val};
use wasmtime_wasi::WasiCtxBuilder;

use crate::engine::{State, compile, everything, linker, store, text, wait};

/// An instantiated artifact.
pub struct Artifact {
    store: Store<State>,
    instance: Instance,
}

/// An artifact whose instances are many.
pub struct Compiled {
    component: Component,
    linker: Linker<State>,
}

impl Compiled {
    /// Compiles a component. Its host has WASI 0.2 and 0.3 without HTTP; a
    /// function that it imports beside these traps, as `unknown import`.
    pub fn new(bytes: &[u8]) -> wasmtime::Result<Self> {
        let component = compile(bytes)?;
        let linker = everything(&component)?;
        Ok(Self { component, linker })
    }

    /// Instantiates it.
    pub fn start(&self, wasi: WasiCtxBuilder) -> wasmtime::Result<Artifact> {
        let mut store = store(wasi, None);
        let instance = self.linker.instantiate_async(&mut store, &self.component);
        let instance = wait(instance)?;
        Ok(Artifact { store, instance })
    }
}

impl Artifact {
    /// Instantiates a component with WASI 0.2: no folders, no arguments, an
    /// empty environment. Fails when it does not validate, imports something
    /// else, or traps.
    pub fn new(bytes: &[u8]) -> wasmtime::Result<Self> {
        let component = compile(bytes)?;
        let mut store = store(WasiCtxBuilder::new(), None);
        let linker = linker()?;
        let instance = wait(linker.instantiate_async(&mut store, &component))?;
        Ok(Self { store, instance })
    }

    /// Calls an exported function, `interface#function` or `function`,
    /// whether it is async or not. The interface is written as the artifact
    /// exports it, such as `demo:shapes/area@1.0.0`.
    pub fn call(&mut self, export: &str, args: &[Val]) -> wasmtime::Result<Vec<Val>> {
        let func = self.func(export)?;
        let mut results = vec![Val::Bool(false); func.ty(&self.store).results().len()];
        wait(func.call_async(&mut self.store, args, &mut results))?;
        Ok(results)
    }

    /// Calls an exported function with arguments in WAVE; the result is in
    /// WAVE, and empty when there is none.
    ///
    /// ```ignore
    /// assert_eq!(artifact.wave("demo:words/greet#greet", &["\"you\""])?, "\"hello, you\"");
    /// ```
    pub fn wave(&mut self, export: &str, args: &[&str]) -> wasmtime::Result<String> {
        let func = self.func(export)?;
        let types: Vec<Type> = func.ty(&self.store).params().map(|(_, ty)| ty).collect();
        let args = types
            .iter()
            .zip(args)
            .map(|(ty, arg)| Val::from_wave(ty, arg))
            .collect::<wasmtime::Result<Vec<Val>>>()?;
        match self.call(export, &args)?.first() {
            Some(value) => value.to_wave(),
            None => Ok(String::new()),
        }
    }

    /// What it printed so far.
    pub fn stdout(&self) -> String {
        text(&self.store.data().stdout)
    }

    /// The store and the instance, for what the calls above cannot do: reading
    /// a stream, say.
    pub fn parts(&mut self) -> (&mut Store<State>, Instance) {
        (&mut self.store, self.instance)
    }

    fn func(&mut self, export: &str) -> wasmtime::Result<Func> {
        let missing = || wasmtime::format_err!("the artifact does not export `{export}`");
        let (interface, name) = match export.split_once('#') {
            Some((interface, name)) => (Some(interface), name),
            None => (None, export),
        };
        let parent = match interface {
            Some(interface) => {
                let found = self
                    .instance
                    .get_export_index(&mut self.store, None, interface);
                Some(found.ok_or_else(missing)?)
            }
            None => None,
        };
        let index = self
            .instance
            .get_export_index(&mut self.store, parent.as_ref(), name)
            .ok_or_else(missing)?;
        self.instance
            .get_func(&mut self.store, index)
            .ok_or_else(missing)
    }
}

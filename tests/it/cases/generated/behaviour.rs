//! What a component does: every function that it exports is called, every
//! function that it imports answers, and all of that is written down.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use composectl_runtime::{CoreModule, split};
use test_generate::noise;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, Func, Instance, Linker, Resource, ResourceAny, ResourceType, Type, Val,
};
use wasmtime::{Config, Engine, Module, OptLevel, Store};

/// Much is compiled, and little of it runs.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::None);
    Engine::new(&config).expect("an engine")
});

/// Turns over all exports: handles that one gives are what others take.
const TURNS: u64 = 2;

/// What the host's resources are made of.
struct Stub;

/// Lines in the order in which things happened.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    fn line(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }
}

/// Runs a component, and tells what happened.
pub fn behaviour(bytes: &[u8]) -> wasmtime::Result<Vec<String>> {
    let component = Component::new(&ENGINE, bytes)?;
    run(&component, &[])
}

/// Runs a component whose core modules are compiled apart; tells what happened, and how
/// many they are.
pub fn behaviour_in_parts(bytes: &[u8]) -> wasmtime::Result<(Vec<String>, usize)> {
    let parts = split(bytes)?;
    let wrapper = Component::new(&ENGINE, &parts.wrapper)?;
    let module = |module: &CoreModule| {
        let compiled = Module::new(&ENGINE, &bytes[module.range.clone()])?;
        Ok((module.name(), compiled))
    };
    let modules = parts.modules.iter().map(module);
    let modules = modules.collect::<wasmtime::Result<Vec<_>>>()?;
    Ok((run(&wrapper, &modules)?, modules.len()))
}

/// Runs a component that imports these modules beside whatever a host has.
fn run(component: &Component, modules: &[(String, Module)]) -> wasmtime::Result<Vec<String>> {
    let trace = Trace::default();
    let mut linker = host(component, &trace)?;
    for (name, module) in modules {
        linker.root().module(name, module)?;
    }
    let mut store = Store::new(&ENGINE, ());
    let instance = linker.instantiate(&mut store, component)?;
    let mut caller = Caller {
        store,
        instance,
        trace: trace.clone(),
        handles: Vec::new(),
    };
    for turn in 0..TURNS {
        for (interface, function) in exports(component) {
            caller.call(interface.as_deref(), &function, turn);
        }
    }
    let lines = trace.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(lines.clone())
}

/// The functions that a component exports, by name.
fn exports(component: &Component) -> Vec<(Option<String>, String)> {
    let mut functions = Vec::new();
    for (name, item) in component.component_type().exports(&ENGINE) {
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                for (function, item) in instance.exports(&ENGINE) {
                    if let ComponentItem::ComponentFunc(_) = item.ty {
                        functions.push((Some(name.to_string()), function.to_string()));
                    }
                }
            }
            ComponentItem::ComponentFunc(_) => functions.push((None, name.to_string())),
            _ => {}
        }
    }
    functions.sort();
    functions
}

/// A host that has whatever a component imports.
fn host(component: &Component, trace: &Trace) -> wasmtime::Result<Linker<()>> {
    let mut linker = Linker::new(&ENGINE);
    let mut seen: Vec<ResourceType> = Vec::new();
    for (import, item) in component.component_type().imports(&ENGINE) {
        match item.ty {
            ComponentItem::ComponentFunc(_) => {
                let answer = answers(import, trace);
                linker
                    .root()
                    .func_new(import, move |store, ty, params, results| {
                        answer(store, ty.results().collect(), params, results)
                    })?;
            }
            ComponentItem::ComponentInstance(instance) => {
                let mut defined = linker.instance(import)?;
                for (name, item) in instance.exports(&ENGINE) {
                    match item.ty {
                        // A name for another interface's resource is no resource of its own.
                        ComponentItem::Resource(ty) if !seen.contains(&ty) => {
                            seen.push(ty);
                            let trace = trace.clone();
                            let dropped = format!("{import}#{name} is dropped");
                            let ty = ResourceType::host::<Stub>();
                            defined.resource(name, ty, move |_, _| {
                                trace.line(dropped.clone());
                                Ok(())
                            })?;
                        }
                        ComponentItem::ComponentFunc(_) => {
                            let answer = answers(&format!("{import}#{name}"), trace);
                            defined.func_new(name, move |store, ty, params, results| {
                                answer(store, ty.results().collect(), params, results)
                            })?;
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(linker)
}

type Context<'a> = wasmtime::StoreContextMut<'a, ()>;

/// A function of the host: it answers by its name, without its version, which
/// composers choose differently.
fn answers(
    name: &str,
    trace: &Trace,
) -> impl Fn(Context<'_>, Vec<Type>, &[Val], &mut [Val]) -> wasmtime::Result<()> + use<> {
    let (name, trace) = (without_version(name), trace.clone());
    move |mut store, types, params, results| {
        trace.line(format!("{name}({})", shown(params)));
        for param in params {
            release(&mut store, param)?;
        }
        let mut input = Values::new(&name);
        for (result, ty) in results.iter_mut().zip(types) {
            *result = input.value(&ty, &mut |_| {
                let made = Resource::<Stub>::new_own(7);
                made.try_into_resource_any(&mut store).ok()
            })?;
        }
        Ok(())
    }
}

/// Gives back the handles in what the host was given.
fn release(store: &mut Context<'_>, value: &Val) -> wasmtime::Result<()> {
    match value {
        Val::Resource(handle) => handle.resource_drop(store),
        Val::List(items) => items.iter().try_for_each(|item| release(store, item)),
        _ => Ok(()),
    }
}

fn without_version(name: &str) -> String {
    match name.split_once('@') {
        Some((name, rest)) => match rest.split_once('#') {
            Some((_, function)) => format!("{name}#{function}"),
            None => name.to_string(),
        },
        None => name.to_string(),
    }
}

struct Caller {
    store: Store<()>,
    instance: Instance,
    trace: Trace,
    handles: Vec<ResourceAny>,
}

impl Caller {
    fn call(&mut self, interface: Option<&str>, function: &str, turn: u64) {
        let name = format!("{}#{function}", interface.unwrap_or_default());
        let line = match self.answer(interface, function, &format!("{turn} {name}")) {
            Ok(Some(answer)) => format!("{name} = {answer}"),
            Ok(None) => format!("{name} has no handle"),
            Err(error) => format!("{name} fails: {}", error.root_cause()),
        };
        self.trace.line(line);
    }

    /// None when it takes a handle, and there is none.
    fn answer(
        &mut self,
        interface: Option<&str>,
        function: &str,
        seed: &str,
    ) -> wasmtime::Result<Option<String>> {
        let func = self.func(interface, function);
        let ty = func.ty(&self.store);
        let mut input = Values::new(seed);
        let mut params = Vec::new();
        for (_, ty) in ty.params() {
            let handles = &mut self.handles;
            let mut taken = |wanted: ResourceType| {
                let place = handles.iter().position(|handle| handle.ty() == wanted);
                place.map(|place| handles.remove(place))
            };
            let Ok(value) = input.value(&ty, &mut taken) else {
                self.keep(&params);
                return Ok(None);
            };
            params.push((matches!(ty, Type::Borrow(_)), value));
        }
        let lent = params.iter().filter(|(is_lent, _)| *is_lent);
        let lent: Vec<(bool, Val)> = lent.cloned().collect();
        let values: Vec<Val> = params.into_iter().map(|(_, value)| value).collect();
        let mut results = vec![Val::Bool(false); ty.results().len()];
        func.call(&mut self.store, &values, &mut results)?;
        let given: Vec<(bool, Val)> = results.iter().map(|v| (false, v.clone())).collect();
        self.keep(&lent);
        self.keep(&given);
        Ok(Some(shown(&results)))
    }

    /// Keeps the handles in values, to be given again.
    fn keep(&mut self, values: &[(bool, Val)]) {
        for (_, value) in values {
            match value {
                Val::Resource(handle) => self.handles.push(*handle),
                Val::List(items) => {
                    let handles = items.iter().filter_map(|item| match item {
                        Val::Resource(handle) => Some(*handle),
                        _ => None,
                    });
                    self.handles.extend(handles);
                }
                _ => {}
            }
        }
    }

    fn func(&mut self, interface: Option<&str>, function: &str) -> Func {
        let (store, instance) = (&mut self.store, self.instance);
        let parent = interface.map(|name| {
            instance
                .get_export_index(&mut *store, None, name)
                .expect("an export")
        });
        let index = instance.get_export_index(&mut *store, parent.as_ref(), function);
        let index = index.expect("a function of the export");
        instance.get_func(&mut *store, index).expect("a function")
    }
}

/// Values of any type, the same for the same seed.
struct Values(std::vec::IntoIter<u8>);

impl Values {
    fn new(seed: &str) -> Self {
        let number = seed.bytes().fold(1469598103934665603, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(1099511628211)
        });
        Self(noise(number, 512).into_iter())
    }

    fn byte(&mut self) -> u8 {
        self.0.next().unwrap_or_default()
    }

    /// A value; fails where it takes a handle and there is none.
    fn value(
        &mut self,
        ty: &Type,
        handle: &mut dyn FnMut(ResourceType) -> Option<ResourceAny>,
    ) -> wasmtime::Result<Val> {
        let byte = self.byte();
        let mut some = |ty: Option<Type>| match ty {
            Some(ty) => self.value(&ty, handle).map(|value| Some(Box::new(value))),
            None => Ok(None),
        };
        Ok(match ty {
            Type::Bool => Val::Bool(byte & 1 == 1),
            Type::S8 => Val::S8(byte as i8),
            Type::U8 => Val::U8(byte),
            Type::S16 => Val::S16(-i16::from(byte)),
            Type::U16 => Val::U16(byte.into()),
            Type::S32 => Val::S32(-i32::from(byte)),
            Type::U32 => Val::U32((byte % 4).into()),
            Type::S64 => Val::S64(-i64::from(byte)),
            Type::U64 => Val::U64(byte.into()),
            Type::Float32 => Val::Float32(byte.into()),
            Type::Float64 => Val::Float64(byte.into()),
            Type::Char => Val::Char(byte.into()),
            Type::String => Val::String("é".repeat((byte % 4).into())),
            Type::List(list) => {
                let items = (0..byte % 3).map(|_| self.value(&list.ty(), handle));
                Val::List(items.collect::<wasmtime::Result<_>>()?)
            }
            Type::Record(record) => {
                let fields = record.fields();
                let fields =
                    fields.map(|field| Ok((field.name.into(), self.value(&field.ty, handle)?)));
                Val::Record(fields.collect::<wasmtime::Result<_>>()?)
            }
            Type::Tuple(tuple) => {
                let items = tuple.types().map(|ty| self.value(&ty, handle));
                Val::Tuple(items.collect::<wasmtime::Result<_>>()?)
            }
            Type::Variant(variant) => {
                let count = variant.cases().len();
                let case = variant.cases().nth(usize::from(byte) % count);
                let case = case.ok_or_else(|| wasmtime::format_err!("a variant without cases"))?;
                Val::Variant(case.name.into(), some(case.ty)?)
            }
            Type::Enum(cases) => {
                let count = cases.names().len();
                let name = cases.names().nth(usize::from(byte) % count);
                Val::Enum(name.unwrap_or_default().into())
            }
            Type::Option(option) => Val::Option(some((byte & 1 == 1).then(|| option.ty()))?),
            Type::Result(result) => Val::Result(match byte & 1 {
                1 => Ok(some(result.ok())?),
                _ => Err(some(result.err())?),
            }),
            Type::Flags(flags) => {
                let names = flags.names().enumerate();
                let set = names.filter(|(place, _)| byte >> (place % 8) & 1 == 1);
                Val::Flags(set.map(|(_, name)| name.into()).collect())
            }
            Type::Own(ty) | Type::Borrow(ty) => match handle(*ty) {
                Some(handle) => Val::Resource(handle),
                None => wasmtime::bail!("there is no handle"),
            },
            other => wasmtime::bail!("{other:?} is not generated"),
        })
    }
}

/// Values as text; a handle is a handle.
fn shown(values: &[Val]) -> String {
    let one = |value: &Val| match value {
        Val::Resource(_) => "handle".to_string(),
        Val::List(items) => format!("[{}]", shown(items)),
        value => format!("{value:?}"),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

//! A run: components, a plan over them, and what host and user say.

use arbitrary::{Result, Unstructured};
use compositor_core::plan::{
    Binding, Capability, Component, Determinism, Linkage, Plan, Policy, Rule,
};
use compositor_core::{Digest, HostPolicy};
use wasm_encoder::{
    CanonicalOption, CodeSection, ComponentBuilder, ComponentExportKind, ComponentTypeRef,
    ExportKind, ExportSection, Function, FunctionSection, InstanceType, Module, ModuleArg,
    PrimitiveValType, TypeSection, ValType,
};

/// What a host has, each with a function.
pub const HOST: [&str; 10] = [
    "compose:dynlink/linker@0.1.0",
    "wasi:cli/environment@0.2.6",
    "wasi:clocks/monotonic-clock@0.2.0",
    "wasi:filesystem/preopens@0.2.0",
    "wasi:filesystem/types@0.2.0",
    "wasi:http/outgoing-handler@0.2.0",
    "wasi:random/random@0.2.0",
    "wasi:sockets/ip-name-lookup@0.2.0",
    "wasi:sockets/tcp@0.2.0",
    "wasi:sockets/udp-create-socket@0.2.0",
];

/// What rules name, beside what the host has.
const NAMES: [&str; 9] = [
    "*",
    "dynlink:invoke",
    "dynlink:resolve",
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:http",
    "wasi:random",
    "wasi:sockets",
];

/// What a component may export to be called, or what looks like it.
const ENDPOINTS: [Option<&str>; 4] = [
    Some("compose:dynlink/endpoint@0.1.0"),
    Some("compose:dynlink/endpoint@0.1.5"),
    Some("compose:dynlink/endpoint@0.2.0"),
    None,
];

/// A run.
pub struct Case {
    pub plan: Plan,
    /// The bytes of each component of the plan.
    pub components: Vec<Vec<u8>>,
    /// What each imports of the host.
    pub imports: Vec<Vec<&'static str>>,
    /// Whom each is bound to.
    pub bound: Vec<Vec<usize>>,
    /// What each exports to be called.
    pub endpoints: Vec<Option<&'static str>>,
    pub is_runtime: bool,
    pub host: HostPolicy,
    pub gives_variables: bool,
    pub gives_folders: bool,
}

impl Case {
    pub fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let count = input.int_in_range(1..=4)?;
        let ids: Vec<String> = ["app", "b", "c", "d"][..count]
            .iter()
            .map(|id| id.to_string())
            .collect();
        let is_runtime: bool = input.arbitrary()?;
        let mut bound = vec![Vec::new(); count];
        for provider in 1..count {
            // Of a static plan all of it is reached.
            if !is_runtime || input.ratio(1, 3)? {
                bound[input.int_in_range(0..=provider - 1)?].push(provider);
            }
        }
        let mut imports = Vec::new();
        let mut endpoints = Vec::new();
        for _ in 0..count {
            let mut of_host = Vec::new();
            for name in HOST {
                if input.ratio(1, 3)? {
                    of_host.push(name);
                }
            }
            imports.push(of_host);
            endpoints.push(*input.choose(&ENDPOINTS)?);
        }
        let components: Vec<Vec<u8>> = (0..count)
            .map(|index| component(index, &imports[index], &bound[index], endpoints[index]))
            .collect();
        let policy = match input.ratio(3, 4)? {
            true => Some(policy(input, &ids)?),
            false => None,
        };
        let host = HostPolicy {
            allow: rules(input, &ids, 3)?,
            deny: rules(input, &ids, 2)?,
            ..HostPolicy::default()
        };
        let bindings = bound.iter().enumerate().flat_map(|(consumer, providers)| {
            let consumer = &ids[consumer];
            providers.iter().map(move |provider| Binding {
                consumer: Some(consumer.clone()),
                import_name: exported(*provider),
                provider: String::new(),
                export_name: exported(*provider),
                ..Binding::default()
            })
        });
        let mut bindings: Vec<Binding> = bindings.collect();
        for (binding, provider) in bindings.iter_mut().zip(bound.iter().flatten()) {
            binding.provider.clone_from(&ids[*provider]);
        }
        let plan = Plan {
            root: ids[0].clone(),
            linkage: match is_runtime {
                true => Linkage::Runtime,
                false => Linkage::Static,
            },
            components: ids
                .iter()
                .zip(&components)
                .map(|(id, bytes)| Component {
                    id: id.clone(),
                    digest: Some(Digest::of(bytes)),
                    ..Component::default()
                })
                .collect(),
            bindings,
            policy,
            ..Plan::default()
        };
        Ok(Self {
            plan,
            components,
            imports,
            bound,
            endpoints,
            is_runtime,
            host,
            gives_variables: input.arbitrary()?,
            gives_folders: input.arbitrary()?,
        })
    }
}

fn policy(input: &mut Unstructured<'_>, ids: &[String]) -> Result<Policy> {
    let determinisms = [
        Determinism::Relaxed,
        Determinism::Relaxed,
        Determinism::Strict,
        Determinism::Audit,
    ];
    let asked = rules(input, ids, 4)?.into_iter();
    Ok(Policy {
        determinism: *input.choose(&determinisms)?,
        capabilities: asked
            .map(|rule| Capability {
                name: rule.name,
                components: rule.components,
                ..Capability::default()
            })
            .collect(),
        denials: rules(input, ids, 2)?,
        ..Policy::default()
    })
}

/// Up to so many rules, each of another name.
fn rules(input: &mut Unstructured<'_>, ids: &[String], most: usize) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    for _ in 0..input.int_in_range(0..=most)? {
        let at = input.int_in_range(0..=NAMES.len() + HOST.len() - 1)?;
        let name = match NAMES.get(at) {
            Some(name) => (*name).to_string(),
            // Which versions a rule holds for is another property.
            None => HOST[at - NAMES.len()]
                .split('@')
                .next()
                .unwrap_or_default()
                .to_string(),
        };
        let mut components = None;
        if input.arbitrary()? {
            let mut some = Vec::new();
            for id in ids {
                if input.arbitrary()? {
                    some.push(id.clone());
                }
            }
            components = (!some.is_empty()).then_some(some);
        }
        if rules.iter().all(|rule| rule.name != name) {
            rules.push(Rule {
                name,
                components,
                ..Rule::default()
            });
        }
    }
    Ok(rules)
}

fn exported(provider: usize) -> String {
    format!("t:x/e{provider}@1.0.0")
}

/// A component that imports an interface of a function for each, and exports some.
fn component(index: usize, imports: &[&str], bound: &[usize], endpoint: Option<&str>) -> Vec<u8> {
    let mut builder = ComponentBuilder::default();
    let mut ty = InstanceType::new();
    let none: [(&str, PrimitiveValType); 0] = [];
    ty.ty()
        .function()
        .params(none)
        .result(Some(PrimitiveValType::U32.into()));
    ty.export("f", ComponentTypeRef::Func(0));
    let ty = builder.type_instance(None, &ty);
    let bound = bound.iter().map(|provider| exported(*provider));
    for name in imports.iter().map(|name| (*name).to_string()).chain(bound) {
        builder.import(name.as_str(), ComponentTypeRef::Instance(ty));
    }
    let module = builder.core_module(None, &module(index));
    let none: [(&str, ModuleArg); 0] = [];
    let instance = builder.core_instantiate(None, module, none);
    let core = builder.core_alias_export(None, instance, "f", ExportKind::Func);
    let (ty, encoder) = builder.ty(None);
    let none: [(&str, PrimitiveValType); 0] = [];
    encoder
        .function()
        .params(none)
        .result(Some(PrimitiveValType::U32.into()));
    let none: [CanonicalOption; 0] = [];
    let function = builder.lift_func(None, core, ty, none);
    let own = exported(index);
    for name in [Some(own.as_str()), endpoint].into_iter().flatten() {
        let exports = [("f", ComponentExportKind::Func, function)];
        let instance = builder.instantiate_exports(None, exports);
        builder.export(name, ComponentExportKind::Instance, instance, None);
    }
    builder.finish()
}

/// A function that tells whose it is.
fn module(index: usize) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let mut body = Function::new([]);
    body.instructions().i32_const(index as i32).end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&exports)
        .section(&code);
    module
}

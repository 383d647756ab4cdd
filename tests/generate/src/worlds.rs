//! Plans over components of any world: with types, resources and functions of no
//! interface, and with code that does nothing.
//!
//! A pool of interfaces, types and functions is chosen first; each world takes some
//! of it, under names of its own for the types that it uses.
//!
//! One file because each kind of item is made of those before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use arbitrary::{Result, Unstructured};
use compositor_core::memory::MemoryStore;
use compositor_core::plan::{
    Binding, Capability, Component, Determinism, ExplicitExport, Mode, Plan, Policy, Rule, to_json,
};
use compositor_core::{Digest, HostPolicy};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use crate::composition::keep_reachable;
use crate::names::names;

/// A plan, what its host says, and everything that it names.
#[derive(Debug)]
pub struct Worlds {
    /// The plan, locked.
    pub plan: Plan,
    /// What the host allows and denies.
    pub policy: HostPolicy,
    /// The components, by digest.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
    /// The exports that the artifact is to have.
    pub exports: BTreeSet<String>,
    /// The world of each component, for people.
    pub worlds: Vec<String>,
}

/// A component that does nothing, of a world in WIT: the one of that name in the
/// text's first package.
///
/// # Errors
///
/// When the text is not WIT, or has a world that no component has.
pub fn component(wit: &str, world: &str) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("component.wit", wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, mangling);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().module(&module)?.encode()
}

/// A WIT package in its binary form.
///
/// # Errors
///
/// When the text is not WIT.
pub fn package(wit: &str) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("package.wit", wit)?;
    wit_component::encode(&resolve, package, false)
}

/// An interface of the pool.
struct Interface {
    package: &'static str,
    name: String,
    version: &'static str,
    body: String,
    /// Names of its own resources, and of its own types of values.
    resources: Vec<String>,
    values: Vec<String>,
}

impl Interface {
    fn full(&self) -> String {
        match self.version {
            "" => format!("{}/{}", self.package, self.name),
            version => format!("{}/{}@{version}", self.package, self.name),
        }
    }
}

/// A type or function of no interface. Types that it is made of stand in braces.
struct Item {
    name: String,
    text: String,
}

/// Everything that worlds may have.
#[derive(Default)]
struct Pool {
    interfaces: Vec<Interface>,
    types: Vec<Item>,
    resources: Vec<Item>,
    functions: Vec<Item>,
}

impl Worlds {
    /// Chooses a plan; none when a world of it is one that no component has.
    pub fn new(input: &mut Unstructured<'_>) -> Result<Option<Self>> {
        let pool = Pool::new(input)?;
        let mut worlds = Self {
            plan: Plan::default(),
            policy: HostPolicy::default(),
            blobs: BTreeMap::new(),
            exports: BTreeSet::new(),
            worlds: Vec::new(),
        };
        let mut given: Vec<(String, Vec<String>)> = Vec::new();
        let mut all = BTreeSet::new();
        for number in 0..input.int_in_range(2..=4)? {
            let wit = pool.world(input)?;
            let Ok(bytes) = component(&wit, "this") else {
                return Ok(None);
            };
            worlds.worlds.push(wit);
            let copies = 1 + u32::from(input.ratio(1, 6)?);
            let (imports, exports) = names(&bytes);
            let digest = Digest::of(&bytes);
            worlds.blobs.insert(digest, bytes);
            for copy in 0..copies {
                let id = format!("c{number}x{copy}");
                worlds.bind(input, &id, &imports, &given)?;
                worlds.plan.components.push(Component {
                    id: id.clone(),
                    digest: Some(digest),
                    ..Component::default()
                });
                worlds.plan.root.clone_from(&id);
                worlds.exports = exports.iter().cloned().collect();
                given.push((id, exports.clone()));
            }
            all.extend(imports);
        }
        worlds.export_more(input, &given)?;
        worlds.decide(input, &all)?;
        Ok(Some(worlds))
    }

    /// The plan as JSON.
    pub fn json(&self) -> String {
        to_json(&self.plan)
    }

    /// A store with the components.
    pub fn store(&self) -> MemoryStore {
        let store = MemoryStore::new();
        for bytes in self.blobs.values() {
            store.put(bytes.clone());
        }
        store
    }

    /// Chooses who gives each import, or that it may stay open.
    fn bind(
        &mut self,
        input: &mut Unstructured<'_>,
        id: &str,
        imports: &[String],
        given: &[(String, Vec<String>)],
    ) -> Result<()> {
        for import in imports {
            let gives = given.iter().filter(|(_, exports)| exports.contains(import));
            let gives: Vec<&String> = gives.map(|(id, _)| id).collect();
            if !gives.is_empty() && input.ratio(3, 4)? {
                self.plan.bindings.push(Binding {
                    consumer: Some(id.to_string()),
                    import_name: import.clone(),
                    provider: (*input.choose(&gives)?).clone(),
                    export_name: import.clone(),
                    ..Binding::default()
                });
                if input.ratio(15, 16)? {
                    continue;
                }
            }
            let is_hosts = import.starts_with("wasi:");
            if !is_hosts && input.ratio(9, 10)? && !self.plan.imports.contains(import) {
                self.plan.imports.push(import.clone());
            }
        }
        Ok(())
    }

    fn export_more(
        &mut self,
        input: &mut Unstructured<'_>,
        given: &[(String, Vec<String>)],
    ) -> Result<()> {
        for (id, exports) in given {
            for export in exports {
                if *id != self.plan.root && !self.exports.contains(export) && input.ratio(1, 6)? {
                    self.exports.insert(export.clone());
                    self.plan.explicit_exports.push(ExplicitExport {
                        source_instance: id.clone(),
                        interface_name: export.clone(),
                        ..ExplicitExport::default()
                    });
                }
            }
        }
        // The schema knows the root's own bindings without its id.
        for binding in &mut self.plan.bindings {
            if binding.consumer.as_ref() == Some(&self.plan.root) {
                binding.consumer = None;
            }
        }
        // What is not reached is not looked at.
        keep_reachable(&mut self.plan);
        Ok(())
    }

    /// Chooses what is granted, denied and recorded.
    fn decide(&mut self, input: &mut Unstructured<'_>, imports: &BTreeSet<String>) -> Result<()> {
        let interfaces = imports.iter().filter(|name| name.contains(':'));
        let mut names: BTreeSet<String> = BTreeSet::from(["*".to_string()]);
        for name in interfaces {
            let package = name.split('/').next().unwrap_or_default();
            names.extend([package.to_string(), name.clone()]);
        }
        let ids: Vec<String> = self.plan.components.iter().map(|c| c.id.clone()).collect();
        let mode = |input: &mut Unstructured<'_>| {
            let modes = [None, Some(Mode::Trap), Some(Mode::Error), Some(Mode::Empty)];
            input.choose(&modes).copied()
        };
        let components = |input: &mut Unstructured<'_>| -> Result<Option<Vec<String>>> {
            Ok(match input.ratio(1, 4)? {
                true => Some(vec![input.choose(&ids)?.clone()]),
                false => None,
            })
        };
        let determinism = match input.int_in_range(0..=4)? {
            0 => None,
            1 => Some(Determinism::Strict),
            2 => Some(Determinism::Audit),
            _ => Some(Determinism::Relaxed),
        };
        let mut policy = Policy {
            determinism: determinism.unwrap_or(Determinism::Relaxed),
            ..Policy::default()
        };
        for name in names {
            let name = name.clone();
            match input.int_in_range(0..=9)? {
                0 | 1 => policy.capabilities.push(Capability {
                    name,
                    components: components(input)?,
                    ..Capability::default()
                }),
                2 => policy.denials.push(Rule {
                    name,
                    mode: mode(input)?,
                    components: components(input)?,
                    ..Rule::default()
                }),
                3 => self.policy.deny.push(Rule {
                    name,
                    mode: mode(input)?,
                    components: components(input)?,
                    ..Rule::default()
                }),
                4 => self.policy.allow.push(Rule {
                    name,
                    components: components(input)?,
                    ..Rule::default()
                }),
                _ => {}
            }
        }
        self.plan.policy = determinism.map(|_| policy);
        Ok(())
    }
}

impl Pool {
    fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let mut pool = Self::default();
        for index in 0..input.int_in_range(1..=4)? {
            let interface = pool.interface(input, index)?;
            pool.interfaces.push(interface);
        }
        let (mut resources, mut values) = (Vec::new(), Vec::new());
        for interface in &pool.interfaces {
            resources.extend(interface.resources.iter().map(|name| format!("{{{name}}}")));
            values.extend(interface.values.iter().map(|name| format!("{{{name}}}")));
        }
        for index in 0..input.int_in_range(0..=2)? {
            let name = format!("own{index}");
            let text = resource(input, &name, &values)?;
            pool.resources.push(Item {
                name: name.clone(),
                text,
            });
            resources.push(format!("{{{name}}}"));
        }
        for index in 0..input.int_in_range(0..=3)? {
            let name = format!("type{index}");
            let text = definition(input, &name, &resources, &values)?;
            pool.types.push(Item {
                name: name.clone(),
                text,
            });
            values.push(format!("{{{name}}}"));
        }
        for index in 0..input.int_in_range(1..=5)? {
            let name = format!("func{index}");
            let text = function(input, &name, &resources, &values)?;
            pool.functions.push(Item { name, text });
        }
        Ok(pool)
    }

    fn interface(&self, input: &mut Unstructured<'_>, index: usize) -> Result<Interface> {
        const PLACES: [(&str, &str, &str); 9] = [
            ("a:b", "", "7.1.0"),
            ("a:b", "", ""),
            ("a:c", "", "0.2.0"),
            ("wasi:sockets", "", "0.2.0"),
            ("wasi:clocks", "", "0.2.0"),
            ("wasi:http", "types", "0.2.0"),
            ("wasi:http", "incoming-handler", "0.2.0"),
            ("wasi:cli", "environment", "0.2.0"),
            ("wasi:cli", "run", "0.2.0"),
        ];
        let (package, name, version) = *input.choose(&PLACES)?;
        let taken = |full: &str| self.interfaces.iter().any(|other| other.full() == full);
        let mut interface = Interface {
            package,
            name: name.to_string(),
            version,
            body: String::new(),
            resources: Vec::new(),
            values: Vec::new(),
        };
        if name.is_empty() || taken(&interface.full()) {
            interface.name = format!("i{index}");
        }
        let is_hosts = package.starts_with("wasi:");
        let (mut resources, mut values) = (Vec::new(), Vec::new());
        for other in &self.interfaces {
            let own = other.resources.iter().chain(&other.values);
            let mut used = Vec::new();
            for name in own {
                if input.ratio(1, 3)? && (!is_hosts || other.package.starts_with("wasi:")) {
                    used.push(name.as_str());
                    let is_resource = other.resources.contains(name);
                    let list = if is_resource {
                        &mut resources
                    } else {
                        &mut values
                    };
                    list.push(name.clone());
                }
            }
            if !used.is_empty() {
                let is_beside =
                    (other.package, other.version) == (interface.package, interface.version);
                let place = match is_beside {
                    true => other.name.clone(),
                    false => other.full(),
                };
                let used = used.join(", ");
                let _ = writeln!(interface.body, "  use {place}.{{{used}}};");
            }
        }
        let body = &mut interface.body;
        for number in 0..input.int_in_range(0..=2)? {
            let name = format!("r{index}x{number}");
            let _ = writeln!(body, "  {}", resource(input, &name, &values)?);
            resources.push(name.clone());
            interface.resources.push(name);
        }
        for number in 0..input.int_in_range(0..=2)? {
            let name = format!("t{index}x{number}");
            let _ = writeln!(body, "  {}", definition(input, &name, &resources, &values)?);
            values.push(name.clone());
            interface.values.push(name);
        }
        if interface.name == "environment" {
            body.push_str("  get-arguments: func() -> list<string>;\n");
            body.push_str("  get-environment: func() -> list<tuple<string, string>>;\n");
        }
        for number in 0..input.int_in_range(0..=3)? {
            let name = format!("f{index}x{number}");
            let text = function(input, &name, &resources, &values)?;
            let _ = writeln!(body, "  {text}");
        }
        Ok(interface)
    }

    /// A world with some of the pool, and the packages that it is made of.
    fn world(&self, input: &mut Unstructured<'_>) -> Result<String> {
        let mut text = String::from("package local:component;\n");
        let mut packages: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for Interface {
            package,
            name,
            version,
            body,
            ..
        } in &self.interfaces
        {
            let package = packages.entry((package, version)).or_default();
            let _ = writeln!(package, "interface {name} {{\n{body}}}");
        }
        for ((package, version), interfaces) in packages {
            let _ = match version {
                "" => writeln!(text, "package {package} {{\n{interfaces}}}"),
                version => writeln!(text, "package {package}@{version} {{\n{interfaces}}}"),
            };
        }
        text.push_str("world this {\n");
        let mut items = String::new();
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let want = |wanted: &mut BTreeSet<String>, text: &str| {
            let parts = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'));
            wanted.extend(parts.map(|(name, _)| name.to_string()));
        };
        for function in &self.functions {
            let word = match input.int_in_range(0..=3)? {
                0 => "import",
                1 => "export",
                _ => continue,
            };
            let _ = writeln!(items, "  {word} {}", function.text);
            want(&mut wanted, &function.text);
        }
        for interface in &self.interfaces {
            let word = match input.int_in_range(0..=3)? {
                0 => "import",
                1 => "export",
                _ => continue,
            };
            let _ = writeln!(items, "  {word} {};", interface.full());
        }
        if input.ratio(1, 2)? {
            items.push_str("  export run: func();\n");
        }
        // Types that nothing is made of, too.
        let mut types = String::new();
        for item in self.types.iter().rev() {
            if wanted.contains(&item.name) || input.ratio(1, 6)? {
                types = format!("  {}\n{types}", item.text);
                want(&mut wanted, &item.text);
            }
        }
        for item in self.resources.iter().rev() {
            if wanted.contains(&item.name) || input.ratio(1, 6)? {
                types = format!("  {}\n{types}", item.text);
                want(&mut wanted, &item.text);
            }
        }
        let suffix = *input.choose(&["", "", "-x"])?;
        for interface in &self.interfaces {
            for name in interface.resources.iter().chain(&interface.values) {
                if wanted.contains(name) || input.ratio(1, 10)? {
                    let alias = match suffix {
                        "" => String::new(),
                        suffix => format!(" as {name}{suffix}"),
                    };
                    let _ = writeln!(text, "  use {}.{{{name}{alias}}};", interface.full());
                    let placed = format!("{{{name}}}");
                    types = types.replace(&placed, &format!("{name}{suffix}"));
                    items = items.replace(&placed, &format!("{name}{suffix}"));
                }
            }
        }
        for item in self.types.iter().chain(&self.resources) {
            let placed = format!("{{{}}}", item.name);
            types = types.replace(&placed, &item.name);
            items = items.replace(&placed, &item.name);
        }
        text.push_str(&types);
        text.push_str(&items);
        text.push_str("}\n");
        Ok(text)
    }
}

/// A resource's definition.
fn resource(input: &mut Unstructured<'_>, name: &str, values: &[String]) -> Result<String> {
    let mut body = String::new();
    if input.ratio(1, 3)? {
        body.push_str(" constructor(n: u32);");
    }
    for number in 0..input.int_in_range(0..=2)? {
        let ty = match values.is_empty() || input.arbitrary()? {
            true => "s16",
            false => input.choose(values)?,
        };
        let _ = match input.arbitrary()? {
            true => write!(body, " m{number}: func(x: {ty}) -> u32;"),
            false => write!(body, " s{number}: static func(x: {ty});"),
        };
    }
    Ok(match body.is_empty() {
        true => format!("resource {name};"),
        false => format!("resource {name} {{{body} }}"),
    })
}

/// A type's definition.
fn definition(
    input: &mut Unstructured<'_>,
    name: &str,
    resources: &[String],
    values: &[String],
) -> Result<String> {
    let part = value(input, resources, values, 1)?;
    Ok(match input.int_in_range(0..=5)? {
        0 => format!("enum {name} {{ one, two }}"),
        1 => format!("record {name} {{ a: {part}, b: u8 }}"),
        2 => format!("variant {name} {{ none, some({part}) }}"),
        3 => format!("flags {name} {{ one, two }}"),
        4 => format!("type {name} = list<{part}>;"),
        _ => format!("type {name} = tuple<{part}, u8>;"),
    })
}

fn function(
    input: &mut Unstructured<'_>,
    name: &str,
    resources: &[String],
    values: &[String],
) -> Result<String> {
    let param = match resources.is_empty() || input.ratio(1, 2)? {
        true => value(input, resources, values, 2)?,
        false => format!("borrow<{}>", input.choose(resources)?),
    };
    Ok(match input.arbitrary()? {
        true => format!("{name}: func(x: {param});"),
        false => format!(
            "{name}: func(x: {param}) -> {};",
            value(input, resources, values, 2)?
        ),
    })
}

/// A type of values, with so many levels more.
fn value(
    input: &mut Unstructured<'_>,
    resources: &[String],
    values: &[String],
    depth: usize,
) -> Result<String> {
    if !resources.is_empty() && input.ratio(2, 5)? {
        return input.choose(resources).cloned();
    }
    if !values.is_empty() && input.ratio(1, 2)? {
        return input.choose(values).cloned();
    }
    if depth == 0 || input.ratio(1, 2)? {
        return Ok((*input.choose(&["u32", "string", "u8", "f64"])?).to_string());
    }
    let one = value(input, resources, values, depth - 1)?;
    Ok(match input.int_in_range(0..=4)? {
        0 => format!("list<{one}>"),
        1 => format!("option<{one}>"),
        2 => format!("tuple<{one}, u8>"),
        3 => format!("result<{one}, string>"),
        _ => format!("result<_, {one}>"),
    })
}

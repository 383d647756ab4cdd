//! Names of imports and of rules: what the artifact imports is what a model of
//! the README says, over names taken apart; the model compares no texts.
//!
//! One file because the model of names is one, and written apart from the code
//! that it is held to.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Result, Unstructured};
use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Limits, build, host_policy};
use serde_json::{Value, json};
use test_generate::wiring::{Source, wiring};
use wasm_encoder::{
    CanonicalFunctionSection, CodeSection, Component, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentExternName, ComponentImportSection, ComponentInstanceSection,
    ComponentTypeRef, ComponentTypeSection, ComponentValType, ExportKind, ExportSection, Function,
    FunctionSection, InstanceSection, InstanceType, Module, ModuleArg, ModuleSection,
    PrimitiveValType, TypeSection, ValType,
};
use wasmparser::{Validator, WasmFeatures};

/// A version, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    prerelease: &'static str,
    build: &'static str,
}

const VERSIONS: [Version; 13] = [
    version([0, 2, 0], "", ""),
    version([0, 2, 6], "", ""),
    version([0, 2, 10], "", ""),
    version([0, 2, 6], "", "+b1"),
    version([0, 3, 0], "", ""),
    version([0, 3, 0], "-rc-2025", ""),
    version([0, 3, 0], "-rc-2026", "+b"),
    version([0, 0, 1], "", ""),
    version([0, 0, 2], "", ""),
    version([1, 0, 0], "", ""),
    version([1, 4, 2], "", ""),
    version([10, 0, 0], "", ""),
    version([1, 0, 0], "-a", ""),
];

const fn version(numbers: [u64; 3], prerelease: &'static str, build: &'static str) -> Version {
    Version {
        numbers,
        prerelease,
        build,
    }
}

/// Interfaces: namespace and package, and name. The last two are bound or listed.
const INTERFACES: [(&str, &str); 13] = [
    ("wasi:clocks", "monotonic-clock"),
    ("wasi:clocks", "wall-clock"),
    ("wasi:random", "random"),
    ("wasi:http", "types"),
    ("wasi:sockets", "tcp"),
    ("wasi:io", "streams"),
    ("wasi:cli", "environment"),
    ("wasi:cli", "stdin"),
    ("wasi:filesystem", "types"),
    ("compose:dynlink", "linker"),
    ("wasi:odd", "thing"),
    ("acme:host", "store"),
    ("acme:host-x", "store"),
];

/// The numbers of a version that its track has, and its prerelease.
type Track = (u64, u64, u64, &'static str);

/// What two versions have in common when they are of one track.
fn track(version: Version) -> Track {
    let [major, minor, patch] = version.numbers;
    match (version.prerelease, major, minor) {
        ("", 0, 0) => (0, 0, patch, ""),
        ("", 0, _) => (0, minor, 0, ""),
        ("", ..) => (major, 0, 0, ""),
        (prerelease, ..) => (major, minor, patch, prerelease),
    }
}

impl Version {
    fn text(self) -> String {
        let [major, minor, patch] = self.numbers;
        format!("{major}.{minor}.{patch}{}{}", self.prerelease, self.build)
    }

    /// The canonical version and the suffix that it lacks.
    fn canonical(self) -> (String, String) {
        let [major, minor, patch] = self.numbers;
        let build = self.build;
        match (self.prerelease, major, minor) {
            ("", 0, 0) => (format!("0.0.{patch}"), build.to_string()),
            ("", 0, _) => (format!("0.{minor}"), format!(".{patch}{build}")),
            ("", ..) => (major.to_string(), format!(".{minor}.{patch}{build}")),
            (prerelease, ..) => (format!("{major}.{minor}.{patch}{prerelease}"), build.into()),
        }
    }
}

/// An interface of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interface {
    package: &'static str,
    name: &'static str,
    version: Option<Version>,
}

impl Interface {
    fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let (package, name) = *input.choose(&INTERFACES)?;
        let version = match input.ratio(5, 6)? {
            true => Some(*input.choose(&VERSIONS)?),
            false => None,
        };
        Ok(Self {
            package,
            name,
            version,
        })
    }

    fn is(&self, package: &str, names: &[&str]) -> bool {
        self.package == package && (names.is_empty() || names.contains(&self.name))
    }

    fn is_wasi(&self) -> bool {
        self.package.starts_with("wasi:")
    }

    fn is_host(&self) -> bool {
        self.is_wasi() || self.is("compose:dynlink", &["linker"])
    }

    fn is_base(&self) -> bool {
        self.is("wasi:io", &[]) || self.is("wasi:cli", &["stdin"])
    }

    fn is_ambient(&self) -> bool {
        self.is("wasi:clocks", &[]) || self.is("wasi:random", &[])
    }

    fn is_network(&self) -> bool {
        self.is("wasi:http", &[]) || self.is("wasi:sockets", &[])
    }

    /// What is the same of two that are one import.
    fn key(&self) -> (&'static str, &'static str, Option<Track>) {
        (self.package, self.name, self.version.map(track))
    }

    fn full(&self) -> String {
        let version = self.version.map(|version| format!("@{}", version.text()));
        format!(
            "{}/{}{}",
            self.package,
            self.name,
            version.unwrap_or_default()
        )
    }

    /// What orders it among those of one track.
    fn rank(&self) -> ([u64; 3], String) {
        (self.version.map_or([0; 3], |v| v.numbers), self.full())
    }
}

/// An import or export.
#[derive(Clone, Debug)]
struct Item {
    label: Option<&'static str>,
    interface: Interface,
    is_canonical: bool,
}

impl Item {
    fn new(input: &mut Unstructured<'_>, labels: bool) -> Result<Self> {
        let label = match labels && input.ratio(1, 4)? {
            true => Some(*input.choose(&["x", "y"])?),
            false => None,
        };
        Ok(Self {
            label,
            interface: Interface::new(input)?,
            is_canonical: input.arbitrary()?,
        })
    }

    /// The interface's name as it is written, and its suffix.
    fn written(&self) -> (String, Option<String>) {
        let (package, name) = (self.interface.package, self.interface.name);
        match (self.interface.version, self.is_canonical) {
            (Some(version), true) => {
                let (canonical, suffix) = version.canonical();
                let suffix = Some(suffix).filter(|suffix| !suffix.is_empty());
                (format!("{package}/{name}@{canonical}"), suffix)
            }
            _ => (self.interface.full(), None),
        }
    }

    /// Its name in its component.
    fn name(&self) -> String {
        match self.label {
            Some(label) => label.to_string(),
            None => self.written().0,
        }
    }
}

/// A rule, taken apart.
#[derive(Clone, Debug)]
struct Rule {
    /// None is `*`.
    package: Option<&'static str>,
    interface: Option<&'static str>,
    /// With how many of its numbers it is written.
    version: Option<(Version, usize)>,
    /// The component that it is for; none is all.
    component: Option<usize>,
}

impl Rule {
    fn new(input: &mut Unstructured<'_>, items: &[&Item], components: usize) -> Result<Self> {
        let component = match input.ratio(1, 4)? {
            true => Some(input.int_in_range(0..=components - 1)?),
            false => None,
        };
        if input.ratio(1, 10)? {
            return Ok(Self {
                package: None,
                interface: None,
                version: None,
                component,
            });
        }
        // Mostly about something that is there, or nearly.
        let meant = match input.ratio(4, 5)? {
            true => input.choose(items)?.interface,
            false => Interface::new(input)?,
        };
        let version = match input.int_in_range(0..=3)? {
            0 => None,
            1 => Some(*input.choose(&VERSIONS)?),
            _ => meant.version,
        };
        let version = match version {
            None => None,
            Some(version) => {
                let least = match version.numbers {
                    [0, 0, _] => 3,
                    [0, ..] => 2,
                    _ => 1,
                };
                let is_release = version.prerelease.is_empty() && version.build.is_empty();
                let count = match is_release {
                    true => input.int_in_range(least..=3)?,
                    false => 3,
                };
                Some((version, count))
            }
        };
        Ok(Self {
            package: Some(meant.package),
            interface: input.ratio(1, 2)?.then_some(meant.name),
            version,
            component,
        })
    }

    fn text(&self) -> String {
        let Some(package) = self.package else {
            return "*".to_string();
        };
        let interface = self.interface.map(|name| format!("/{name}"));
        let version = self.version.map(|(version, count)| {
            let text = version.text();
            let text = match count {
                3 => text,
                count => text.split('.').take(count).collect::<Vec<_>>().join("."),
            };
            format!("@{text}")
        });
        [package.to_string()]
            .into_iter()
            .chain(interface)
            .chain(version)
            .collect()
    }

    fn json(&self) -> Value {
        match self.component {
            Some(id) => json!({ "name": self.text(), "components": [format!("c{id}")] }),
            None => json!({ "name": self.text() }),
        }
    }

    /// What of two rules that are the same twice is the same.
    fn key(&self) -> String {
        let version = self.version.map(|(version, _)| track(version));
        format!(
            "{:?}",
            (self.package, self.interface, version, self.component)
        )
    }

    /// Whether it names an interface, of whichever component.
    fn names(&self, interface: Interface) -> bool {
        let is_version = match (self.version, interface.version) {
            (None, _) => true,
            (Some((asked, _)), Some(found)) => track(asked) == track(found),
            (Some(_), None) => false,
        };
        self.package == Some(interface.package)
            && self.interface.is_none_or(|name| name == interface.name)
            && is_version
    }

    /// How precisely it says that it holds for an interface of a component.
    fn strength(&self, component: usize, interface: Interface) -> Option<[bool; 4]> {
        let is_its = self.component.is_none_or(|id| id == component);
        let holds = is_its && (self.package.is_none() || self.names(interface));
        holds.then_some([
            self.component.is_some(),
            self.package.is_some(),
            self.interface.is_some(),
            self.version.is_some(),
        ])
    }

    /// Whether it is about what WASI does not have and nothing here imports.
    fn is_unknown(&self, items: &[&Item]) -> bool {
        let published = |(version, _): (Version, usize)| {
            let is_io = self.package == Some("wasi:io");
            let [major, minor, _] = version.numbers;
            major == 0 && (minor == 2 || (minor == 3 && !is_io))
        };
        let is_odd = self.package == Some("wasi:odd");
        let is_wasi = self.package.is_some_and(|name| name.starts_with("wasi:"));
        let is_imported = items.iter().any(|item| self.names(item.interface));
        is_wasi && !is_imported && (is_odd || !self.version.is_none_or(published))
    }
}

/// The strongest of the rules that hold.
fn best(rules: &[Rule], component: usize, interface: Interface) -> Option<([bool; 4], &Rule)> {
    let strengths = rules.iter().filter_map(|rule| {
        let strength = rule.strength(component, interface)?;
        Some((strength, rule))
    });
    strengths.max_by_key(|(strength, _)| *strength)
}

/// A plan and its host.
struct Case {
    components: Vec<Vec<Item>>,
    /// What the second component exports, and by what the first is bound to it.
    exports: Vec<Item>,
    bound: Option<(Item, Version)>,
    listed: BTreeSet<String>,
    /// None is a plan without a policy.
    determinism: Option<&'static str>,
    capabilities: Vec<Rule>,
    denials: Vec<Rule>,
    allow: Vec<Rule>,
    deny: Vec<Rule>,
}

/// What a component gets for an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Open,
    Recorded,
    Inside,
    Dangling,
}

impl Case {
    fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let mut components = Vec::new();
        for _ in 0..input.int_in_range(1..=3)? {
            let mut items: Vec<Item> = Vec::new();
            for _ in 0..input.int_in_range(1..=4)? {
                let item = Item::new(input, true)?;
                if items.iter().all(|other| other.name() != item.name()) {
                    items.push(item);
                }
            }
            components.push(items);
        }
        let provided = |item: &mut Item| {
            (item.interface.package, item.interface.name) = ("acme:lib", "api");
        };
        let mut exports: Vec<Item> = Vec::new();
        let mut bound = None;
        if components.len() > 1 && input.ratio(1, 2)? {
            for _ in 0..input.int_in_range(1..=3)? {
                let mut item = Item::new(input, false)?;
                provided(&mut item);
                if exports.iter().all(|other| other.name() != item.name()) {
                    exports.push(item);
                }
            }
            let mut item = Item::new(input, false)?;
            provided(&mut item);
            bound = Some((item, *input.choose(&VERSIONS)?));
        }
        let mut listed = BTreeSet::new();
        for item in components.iter().flatten() {
            if !item.interface.is_host() && input.ratio(2, 3)? {
                listed.insert(item.name());
            }
        }
        let count = components.len();
        let items: Vec<&Item> = components.iter().flatten().collect();
        let mut rules = |most: usize| -> Result<Vec<Rule>> {
            let mut rules: Vec<Rule> = Vec::new();
            for _ in 0..input.int_in_range(0..=most)? {
                let rule = Rule::new(input, &items, count)?;
                if rules.iter().all(|other| other.key() != rule.key()) {
                    rules.push(rule);
                }
            }
            Ok(rules)
        };
        let (capabilities, denials) = (rules(3)?, rules(2)?);
        let (allow, deny) = (rules(2)?, rules(2)?);
        let determinisms = [None, Some("relaxed"), Some("strict"), Some("audit")];
        Ok(Self {
            determinism: *input.choose(&determinisms)?,
            components,
            exports,
            bound,
            listed,
            capabilities,
            denials,
            allow,
            deny,
        })
    }

    /// The rules of the plan, which a plan without a policy has none of.
    fn own<'a>(&self, rules: &'a [Rule]) -> &'a [Rule] {
        match self.determinism {
            Some(_) => rules,
            None => &[],
        }
    }

    fn answer(&self, component: usize, item: &Item) -> Answer {
        let interface = item.interface;
        let best = |rules| best(rules, component, interface);
        let (capabilities, denials) = (self.own(&self.capabilities), self.own(&self.denials));
        let all = [capabilities, denials, &self.allow, &self.deny];
        let is_named = all
            .into_iter()
            .flatten()
            .any(|rule| rule.component.is_none_or(|id| id == component) && rule.names(interface));
        let is_listed = !interface.is_host() && self.is_listed(item);
        if !interface.is_host() && !is_listed && !is_named {
            return Answer::Dangling;
        }
        let granted = match self.determinism {
            Some("audit") => Answer::Recorded,
            _ => Answer::Open,
        };
        if interface.is_base() {
            return Answer::Open;
        }
        let is_strict = self.determinism == Some("strict");
        let allowed = best(&self.allow);
        if let Some((strength, rule)) = best(&self.deny) {
            let is_stronger = allowed.is_none_or(|(allowed, _)| strength >= allowed);
            let is_meant = !(is_strict && interface.is_ambient() && rule.package.is_none());
            if is_stronger && is_meant {
                return Answer::Inside;
            }
        }
        if best(denials).is_some()
            || (is_strict && (interface.is_ambient() || interface.is_network()))
        {
            return Answer::Inside;
        }
        // No rule here names what a policy has to grant of it.
        if interface.is("compose:dynlink", &["linker"]) {
            return match self.determinism {
                None => Answer::Open,
                Some(_) => Answer::Inside,
            };
        }
        if self.determinism.is_none() {
            // What the host allows to others alone is denied to the rest.
            let mut others = self.allow.iter();
            let is_meant = |rule: &Rule| rule.package.is_none() || rule.names(interface);
            return match allowed.is_none() && others.any(is_meant) {
                true => Answer::Inside,
                false => Answer::Open,
            };
        }
        if is_listed {
            return Answer::Open;
        }
        let is_asked = best(capabilities).is_some() || allowed.is_some();
        match interface.is_ambient() || is_asked {
            true => granted,
            false => Answer::Inside,
        }
    }

    /// Whether the plan lists an import: by its name, or on its track.
    fn is_listed(&self, item: &Item) -> bool {
        let all = self.components.iter().flatten();
        let mut listed = all.filter(|other| self.listed.contains(&other.name()));
        listed.any(|other| match (item.label, other.label) {
            (None, None) => other.interface.key() == item.interface.key(),
            (one, other) => one == other,
        })
    }

    /// The export that a binding means.
    fn provided(&self) -> Option<&Item> {
        let (_, version) = self.bound.as_ref()?;
        let same = |item: &&Item| item.interface.version.map(track) == Some(track(*version));
        let exact = format!("acme:lib/api@{}", version.text());
        let exports = self.exports.iter();
        let named = exports.clone().find(|item| item.name() == exact);
        let full = exports.clone().find(|item| item.interface.full() == exact);
        let highest = exports
            .filter(same)
            .max_by_key(|item| (item.interface.rank(), item.name()));
        named.or(full).or(highest)
    }

    /// The imports of the artifact, as labels and full names; or the code of the
    /// error.
    fn expected(&self) -> std::result::Result<BTreeSet<String>, &'static [Code]> {
        let items: Vec<&Item> = self.components.iter().flatten().collect();
        let (capabilities, denials) = (self.own(&self.capabilities), self.own(&self.denials));
        let is_unknown = |rule: &&Rule| rule.is_unknown(&items);
        if capabilities
            .iter()
            .chain(denials)
            .any(|rule| is_unknown(&rule))
        {
            return Err(&[Code::PlanInvalidGraph]);
        }
        if self
            .allow
            .iter()
            .chain(&self.deny)
            .any(|rule| is_unknown(&rule))
        {
            return Err(&[Code::InvalidInput]);
        }
        if self.bound.is_some() && self.provided().is_none() {
            return Err(&[Code::EmitLinkError]);
        }
        let mut open: BTreeMap<String, (Option<&str>, Interface)> = BTreeMap::new();
        let mut recorded = false;
        for (component, imports) in self.components.iter().enumerate() {
            for item in imports {
                match self.answer(component, item) {
                    Answer::Dangling => return Err(&[Code::EmitLinkError]),
                    Answer::Inside => continue,
                    Answer::Recorded => recorded = true,
                    Answer::Open => {}
                }
                let interface = item.interface;
                let key = match item.label {
                    Some(label) => label.to_string(),
                    None => format!("{:?}", interface.key()),
                };
                let (_, other) = open.entry(key).or_insert((item.label, interface));
                if other.key() != interface.key() {
                    return Err(&[Code::EmitLinkError]);
                }
                if interface.rank() > other.rank() {
                    *other = interface;
                }
            }
        }
        let open = open.into_values().map(|(label, interface)| match label {
            Some(label) => format!("{label} is {}", interface.full()),
            None => interface.full(),
        });
        let audit = recorded.then(|| "sys:compose/audit@1.0.0".to_string());
        Ok(open.chain(audit).collect())
    }

    fn plan(&self, store: &MemoryStore) -> Value {
        let mut components = Vec::new();
        let mut exports = Vec::new();
        for (index, imports) in self.components.iter().enumerate() {
            let mut imports: Vec<&Item> = imports.iter().collect();
            if let (0, Some((item, _))) = (index, &self.bound) {
                imports.push(item);
            }
            let provided = match index {
                1 => &self.exports[..],
                _ => &[],
            };
            let own = format!("own:c{index}/run");
            let digest = store.put(component(&imports, provided, &own));
            components.push(json!({ "id": format!("c{index}"), "digest": digest.to_string() }));
            if index > 0 {
                let export =
                    json!({ "source_instance": format!("c{index}"), "interface_name": own });
                exports.push(export);
            }
        }
        let mut plan = json!({
            "version": "1", "root": "c0", "components": components,
            "explicit_exports": exports, "imports": self.listed,
        });
        if let Some((item, version)) = &self.bound {
            plan["bindings"] = json!([{
                "import_name": item.name(), "provider_id": "c1",
                "export_name": format!("acme:lib/api@{}", version.text()),
            }]);
        }
        if let Some(determinism) = self.determinism {
            let capabilities = self.capabilities.iter().map(|rule| {
                let mut capability = rule.json();
                capability["level"] = json!("optional");
                capability
            });
            plan["policy"] = json!({
                "determinism": determinism,
                "capabilities": capabilities.collect::<Vec<_>>(),
                "denials": self.denials.iter().map(Rule::json).collect::<Vec<_>>(),
            });
        }
        plan
    }

    fn host(&self) -> Value {
        let rules = |rules: &[Rule]| rules.iter().map(Rule::json).collect::<Vec<_>>();
        json!({ "allow": rules(&self.allow), "deny": rules(&self.deny) })
    }
}

/// A plan and a policy that the bytes choose.
///
/// # Panics
///
/// When the artifact imports something else than the model says.
pub fn names(bytes: &[u8]) {
    // Only running out of bytes ends it early.
    let Ok(case) = Case::new(&mut Unstructured::new(bytes)) else {
        return;
    };
    let store = MemoryStore::new();
    let plan = case.plan(&store).to_string();
    let host = case.host().to_string();
    let policy = host_policy::parse(host.as_bytes(), &Limits::default());
    let policy = policy.unwrap_or_else(|errors| panic!("{errors:#?}\n{host}"));
    let built = build(plan.as_bytes(), &policy, store.host());
    let said = || {
        let components = &case.components;
        let bound = (&case.bound, &case.exports);
        format!("{plan}\n{host}\n{components:#?}\n{bound:#?}")
    };
    match (built, case.expected()) {
        (Ok(artifact), Ok(expected)) => {
            let bytes = store.get(&artifact.digest).expect("it was written");
            let mut validator = Validator::new_with_features(WasmFeatures::all());
            if let Err(error) = validator.validate_all(&bytes) {
                panic!("{error}\n{}", said());
            }
            assert_eq!(imports(&bytes), expected, "{}", said());
            if let Some(provided) = case.provided() {
                let (item, _) = case.bound.as_ref().expect("it is bound");
                let found = wiring(&bytes).instances.into_iter().any(|instance| {
                    instance.arguments.iter().any(|(name, source)| {
                        let is_export = |source: &Source| {
                            matches!(source, Source::Export(_, name) if *name == provided.name())
                        };
                        *name == item.name() && is_export(source)
                    })
                });
                assert!(found, "{}\n{}", provided.name(), said());
            }
        }
        (Err(errors), Err(codes)) => {
            let is_meant = errors.iter().any(|error| codes.contains(&error.code));
            assert!(is_meant, "{errors:#?}\n{codes:?}\n{}", said());
        }
        (built, expected) => panic!("{:#?}\n{expected:#?}\n{}", built.err(), said()),
    }
}

/// The imports of an artifact, as the model has them.
fn imports(bytes: &[u8]) -> BTreeSet<String> {
    let texts = test_generate::imports(bytes, |name| {
        let suffix = name.version_suffix.unwrap_or_default();
        match name.implements {
            Some(interface) => format!("{} is {interface}{suffix}", name.name),
            None => format!("{}{suffix}", name.name),
        }
    });
    let mut imports = BTreeSet::new();
    for text in texts {
        assert!(imports.insert(text), "each is there once");
    }
    imports
}

/// A component whose imports and exports are instances with `f`.
fn component(imports: &[&Item], exports: &[Item], own: &str) -> Vec<u8> {
    let mut component = Component::new();
    let u64 = ComponentValType::Primitive(PrimitiveValType::U64);
    let mut types = ComponentTypeSection::new();
    let mut instance = InstanceType::new();
    let none: [(&str, ComponentValType); 0] = [];
    instance.ty().function().params(none).result(Some(u64));
    instance.export("f", ComponentTypeRef::Func(0));
    types.instance(&instance);
    types.function().params(none).result(Some(u64));
    component.section(&types);
    let mut section = ComponentImportSection::new();
    let mut written = Vec::new();
    for import in imports {
        let (interface, suffix) = import.written();
        written.push((import.name(), import.label.map(|_| interface), suffix));
    }
    for (name, implements, suffix) in &written {
        let name = extern_name(name, implements.as_deref(), suffix.as_deref());
        section.import(name, ComponentTypeRef::Instance(0));
    }
    component.section(&section);
    component.section(&ModuleSection(&module()));
    let mut core = InstanceSection::new();
    let arguments: [(&str, ModuleArg); 0] = [];
    core.instantiate(0, arguments);
    component.section(&core);
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(wasm_encoder::Alias::CoreInstanceExport {
        instance: 0,
        kind: ExportKind::Func,
        name: "f",
    });
    component.section(&aliases);
    let mut functions = CanonicalFunctionSection::new();
    functions.lift(0, 1, []);
    component.section(&functions);
    let mut instances = ComponentInstanceSection::new();
    instances.export_items([("f", ComponentExportKind::Func, 0)]);
    component.section(&instances);
    let mut section = ComponentExportSection::new();
    // After the instances that are imported.
    let index = imports.len() as u32;
    for export in exports {
        let (name, suffix) = export.written();
        let name = extern_name(&name, None, suffix.as_deref());
        section.export(name, ComponentExportKind::Instance, index, None);
    }
    section.export(own, ComponentExportKind::Instance, index, None);
    component.section(&section);
    component.finish()
}

fn extern_name<'a>(
    name: &'a str,
    implements: Option<&'a str>,
    suffix: Option<&'a str>,
) -> ComponentExternName<'a> {
    ComponentExternName {
        name: name.into(),
        implements: implements.map(Into::into),
        version_suffix: suffix.map(Into::into),
        external_id: None,
    }
}

fn module() -> Module {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I64]);
    module.section(&types);
    let mut functions = FunctionSection::new();
    functions.function(0);
    module.section(&functions);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    module.section(&exports);
    let mut code = CodeSection::new();
    let mut function = Function::new([]);
    function.instructions().i64_const(1).end();
    code.function(&function);
    module.section(&code);
    module
}

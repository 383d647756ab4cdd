//! Reads back from an artifact what is bound to what.

use std::collections::BTreeMap;
use std::fmt::Write;

use compositor_core::Digest;
use wasmparser::{ComponentAlias, ComponentExternalKind as Kind, ComponentInstance};
use wasmparser::{ComponentTypeRef, Parser, Payload, WasmFeatures};

/// What is in an artifact, one level deep.
#[derive(Debug, Default)]
pub struct Wiring {
    /// The names of its imports.
    pub imports: Vec<String>,
    /// The names of its exports and where they come from.
    pub exports: Vec<(String, Source)>,
    /// The components embedded in it.
    pub embedded: Vec<Digest>,
    /// What each instance was made of.
    pub instances: Vec<Instance>,
}

/// A component that was instantiated.
#[derive(Debug)]
pub struct Instance {
    /// Its place in `embedded`.
    pub component: usize,
    /// The names of its arguments and where they come from.
    pub arguments: Vec<(String, Source)>,
}

/// Where an item comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An import of the artifact.
    Import(String),
    /// A whole instance, by its place in `instances`.
    Instance(usize),
    /// An export of an instance.
    Export(usize, String),
    /// An instance made of other items.
    Bundle(Vec<(String, Source)>),
    /// A type, which has no provider.
    Type,
}

/// Reads an artifact.
pub fn wiring(artifact: &[u8]) -> Wiring {
    let mut reader = Reader::default();
    let mut depth = 0;
    let mut parser = Parser::new(0);
    parser.set_features(WasmFeatures::all());
    for payload in parser.parse_all(artifact) {
        let payload = payload.expect("a payload");
        match payload {
            Payload::ComponentSection {
                unchecked_range: range,
                ..
            } if depth == 1 => {
                let bytes = &artifact[range.start as usize..range.end as usize];
                reader.components.push(reader.wiring.embedded.len());
                reader.wiring.embedded.push(Digest::of(bytes));
            }
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            payload if depth == 1 => reader.read(payload),
            _ => {}
        }
    }
    reader.wiring
}

/// An artifact's header and its first section, which says what it was made of.
///
/// # Panics
///
/// When that is not what it starts with.
pub fn head(artifact: &[u8]) -> &[u8] {
    // The header comes first.
    match Parser::new(0).parse_all(artifact).nth(1) {
        Some(Ok(Payload::CustomSection(section))) => &artifact[..section.range().end as usize],
        other => panic!("no provenance in front: {other:?}"),
    }
}

/// Index spaces of the artifact.
#[derive(Default)]
struct Reader {
    wiring: Wiring,
    components: Vec<usize>,
    instances: Vec<Source>,
    functions: Vec<Source>,
}

impl Reader {
    fn read(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import.expect("an import");
                    let name = import.name.name.to_string();
                    let source = Source::Import(name.clone());
                    self.wiring.imports.push(name);
                    match import.ty {
                        ComponentTypeRef::Instance(_) => self.instances.push(source),
                        ComponentTypeRef::Func(_) => self.functions.push(source),
                        _ => {}
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    if let ComponentAlias::InstanceExport {
                        kind,
                        instance_index,
                        name,
                    } = alias.expect("an alias")
                    {
                        let source = self.export_of(instance_index, name);
                        self.push(kind, source);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    let source = self.instance(instance.expect("an instance"));
                    self.instances.push(source);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export.expect("an export");
                    let source = self.item(export.kind, export.index);
                    let name = export.name.name.to_string();
                    self.push(export.kind, source.clone());
                    self.wiring.exports.push((name, source));
                }
            }
            _ => {}
        }
    }

    fn instance(&mut self, instance: ComponentInstance<'_>) -> Source {
        match instance {
            ComponentInstance::Instantiate {
                component_index,
                args,
            } => {
                let argument = |arg: &wasmparser::ComponentInstantiationArg<'_>| {
                    (arg.name.to_string(), self.item(arg.kind, arg.index))
                };
                let arguments = args.iter().map(argument).collect();
                let component = self.components[component_index as usize];
                self.wiring.instances.push(Instance {
                    component,
                    arguments,
                });
                Source::Instance(self.wiring.instances.len() - 1)
            }
            ComponentInstance::FromExports(exports) => {
                let item = |export: &wasmparser::ComponentExport<'_>| {
                    let source = self.item(export.kind, export.index);
                    (export.name.name.to_string(), source)
                };
                Source::Bundle(exports.iter().map(item).collect())
            }
        }
    }

    fn export_of(&self, instance: u32, name: &str) -> Source {
        match &self.instances[instance as usize] {
            Source::Instance(instance) => Source::Export(*instance, name.to_string()),
            Source::Bundle(items) => {
                let item = items.iter().find(|(item, _)| item == name);
                item.expect("an item of the bundle").1.clone()
            }
            // What is deeper than an export of an instance comes from the same place.
            other => other.clone(),
        }
    }

    fn item(&self, kind: Kind, index: u32) -> Source {
        match kind {
            Kind::Instance => self.instances[index as usize].clone(),
            Kind::Func => self.functions[index as usize].clone(),
            _ => Source::Type,
        }
    }

    fn push(&mut self, kind: Kind, source: Source) {
        match kind {
            Kind::Instance => self.instances.push(source),
            Kind::Func => self.functions.push(source),
            Kind::Component => panic!("an aliased component"),
            _ => {}
        }
    }
}

impl Wiring {
    /// The arguments of the only instance of a component.
    #[track_caller]
    pub fn arguments(&self, digest: Digest) -> &[(String, Source)] {
        let mut of = self.instances_of(digest);
        let instance = of.next().expect("an instance of the component");
        assert!(of.next().is_none(), "several instances of {digest}");
        &self.instances[instance].arguments
    }

    /// The instances of a component.
    pub fn instances_of(&self, digest: Digest) -> impl Iterator<Item = usize> {
        let instances = self.instances.iter().enumerate();
        let of = instances.filter(move |(_, i)| self.embedded[i.component] == digest);
        of.map(|(index, _)| index)
    }

    /// All of it as text, with the names that a plan has for the blobs.
    pub fn print(&self, names: &BTreeMap<Digest, String>) -> String {
        let name = |component: usize| match names.get(&self.embedded[component]) {
            Some(name) => name.clone(),
            None => "something else".to_string(),
        };
        // Several instances of one component are told apart by number.
        let instance = |index: usize| {
            let of = self.instances[index].component;
            let before = &self.instances[..index];
            match before.iter().filter(|i| i.component == of).count() {
                0 => name(of),
                count => format!("{}#{}", name(of), count + 1),
            }
        };
        let mut text = String::new();
        for import in &self.imports {
            let _ = writeln!(text, "import {import}");
        }
        for component in 0..self.embedded.len() {
            let _ = writeln!(text, "embed {}", name(component));
        }
        for (index, made) in self.instances.iter().enumerate() {
            let _ = writeln!(text, "instantiate {}", instance(index));
            for (argument, source) in &made.arguments {
                let _ = writeln!(text, "  {argument} = {}", source.print(&instance));
            }
        }
        for (export, source) in &self.exports {
            let _ = writeln!(text, "export {export} = {}", source.print(&instance));
        }
        text
    }
}

impl Source {
    fn print(&self, instance: &dyn Fn(usize) -> String) -> String {
        match self {
            Source::Import(name) => format!("import {name}"),
            Source::Instance(index) => instance(*index),
            Source::Export(index, name) => format!("{} {name}", instance(*index)),
            Source::Bundle(items) => {
                let items = items
                    .iter()
                    .map(|(name, source)| format!("{name} = {}", source.print(instance)));
                format!("{{ {} }}", items.collect::<Vec<_>>().join(", "))
            }
            Source::Type => "type".to_string(),
        }
    }
}

//! Composing components whose types are the world's own, or of interfaces that
//! are made of each other: what is refused is refused in the plan's words, and
//! what is composed is valid and has the root's exports.

use std::collections::BTreeSet;

use arbitrary::{Result, Unstructured};
use compositor_core::memory::MemoryStore;
use compositor_core::plan::to_json;
use compositor_core::plan::{Binding, Component, ExplicitExport, Plan};
use compositor_core::wasm::{Shapes, World, scan};
use compositor_core::{Code, Digest, HostPolicy, Limits, build};
use test_generate::{Part, WorldTypes};
use wasmparser::{Validator, WasmFeatures};

/// What became of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It composed.
    Composed,
    /// It was refused.
    Refused,
    /// The bytes were too few for one.
    None,
}

/// A plan that the bytes choose.
///
/// # Panics
///
/// When something does not hold.
pub fn world_types(bytes: &[u8]) -> Outcome {
    let mut input = Unstructured::new(bytes);
    match Chosen::new(&mut input) {
        Ok(chosen) => chosen.hold(),
        Err(_) => Outcome::None,
    }
}

struct Chosen {
    /// The root is the last.
    texts: Vec<String>,
    plan: Plan,
}

impl Chosen {
    fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let world_types = WorldTypes::new(input)?;
        let all: BTreeSet<usize> = (0..world_types.interfaces()).collect();
        let mut parts: Vec<Part> = Vec::new();
        let count = input.int_in_range(1..=3)?;
        for place in 0..count {
            // The root has all, so that what the world has is made of what is there.
            let is_root = place + 1 == count;
            let mut imports = BTreeSet::new();
            for interface in &all {
                if input.arbitrary()? {
                    imports.insert(*interface);
                }
            }
            let imports = world_types.closed(&imports);
            let exports = all.iter().filter(|i| !imports.contains(i)).copied();
            parts.push(Part {
                exports: exports.collect(),
                imports,
                has_world: is_root || input.arbitrary()?,
            });
        }
        let texts: Vec<String> = parts.iter().map(|part| world_types.text(part)).collect();
        let mut plan = Plan {
            root: format!("c{}", count - 1),
            ..Plan::default()
        };
        let (mut reached, mut open) = (BTreeSet::from([count - 1]), BTreeSet::new());
        for place in (0..count).rev() {
            if !reached.contains(&place) {
                continue;
            }
            // Mostly one provider for all, so that resources are one.
            let usual = input.int_in_range(0..=place)?;
            for interface in &parts[place].imports {
                let provider = if input.ratio(1, 8)? {
                    input.int_in_range(0..=place)?
                } else {
                    usual
                };
                let gives = |provider: &usize| {
                    *provider < place && parts[*provider].exports.contains(interface)
                };
                if !gives(&provider) {
                    open.insert(WorldTypes::name(*interface));
                    continue;
                }
                reached.insert(provider);
                plan.bindings.push(Binding {
                    consumer: (place + 1 != count).then(|| format!("c{place}")),
                    import_name: WorldTypes::name(*interface),
                    provider: format!("c{provider}"),
                    export_name: WorldTypes::name(*interface),
                    ..Binding::default()
                });
            }
        }
        let mut taken: BTreeSet<String> = parts[count - 1]
            .exports
            .iter()
            .map(|i| WorldTypes::name(*i))
            .collect();
        for place in reached.iter().filter(|place| **place + 1 < count) {
            for interface in &parts[*place].exports {
                if input.arbitrary()? && taken.insert(WorldTypes::name(*interface)) {
                    plan.explicit_exports.push(ExplicitExport {
                        source_instance: format!("c{place}"),
                        interface_name: WorldTypes::name(*interface),
                        ..ExplicitExport::default()
                    });
                }
            }
        }
        plan.imports = open.into_iter().collect();
        plan.components = reached
            .iter()
            .map(|place| Component {
                id: format!("c{place}"),
                digest: None,
                ..Component::default()
            })
            .collect();
        let texts = texts.into_iter().enumerate();
        let texts = texts.filter(|(place, _)| reached.contains(place));
        Ok(Self {
            texts: texts.map(|(_, text)| text).collect(),
            plan,
        })
    }

    fn hold(mut self) -> Outcome {
        let store = MemoryStore::new();
        let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
        for (component, text) in self.plan.components.iter_mut().zip(&self.texts) {
            let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let valid = Validator::new_with_features(features).validate_all(&bytes);
            if let Err(error) = valid {
                panic!("{error}\n{text}");
            }
            component.digest = Some(store.put(bytes));
        }
        let text = to_json(&self.plan);
        let artifact = match build(text.as_bytes(), &HostPolicy::default(), store.host()) {
            Ok(artifact) => artifact,
            Err(errors) => {
                for error in errors {
                    let is_ours =
                        error.code == Code::InternalError || error.help.starts_with("report");
                    assert!(!is_ours, "{error:#?}\n{text}\n{}", self.texts.join("\n"));
                    let is_same = error.found.is_some() && error.found == error.expected;
                    assert!(!is_same, "{error:#?}\n{text}\n{}", self.texts.join("\n"));
                }
                return Outcome::Refused;
            }
        };
        let bytes = store.get(&artifact.digest).expect("it was written");
        if let Err(error) = Validator::new_with_features(features).validate_all(&bytes) {
            panic!("{error}\n{text}\n{}", self.texts.join("\n"));
        }
        self.exports(&store, artifact.digest, bytes.len() as u64);
        Outcome::Composed
    }

    /// The artifact has what the root exports.
    fn exports(&self, store: &MemoryStore, digest: Digest, size: u64) {
        let mut shapes = Shapes::new(&Limits::default());
        let whole = scan(store.host(), &digest, size).expect("a skeleton");
        let whole = World::of(&whole.bytes, &mut shapes).expect("a world");
        let root = self.texts.last().expect("a root");
        let bytes = wat::parse_str(root).expect("it was parsed before");
        let root = World::of(&bytes, &mut shapes).expect("a world");
        for export in &root.exports {
            let same = whole.export(&export.name).expect("the root's export");
            let difference = shapes.difference(same.shape, export.shape);
            assert_eq!(difference, None, "{}", export.name);
        }
        let extra = self.plan.explicit_exports.len();
        assert_eq!(whole.exports.len(), root.exports.len() + extra);
    }
}

//! A plan over several components.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Result, Unstructured};
use compositor_core::Digest;
use compositor_core::memory::MemoryStore;
use compositor_core::plan::{Binding, Component, ExplicitExport, Plan, to_json};

use crate::component::Spec;
use crate::items::Universe;
use crate::names::names;
use crate::policy::policy;

/// Which plans are made.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// Plans that state a policy, too.
    pub policies: bool,
    /// Plans that have something wrong, too.
    pub mistakes: bool,
}

/// A plan with everything that it names.
#[derive(Debug)]
pub struct Composition {
    /// The plan, locked.
    pub plan: Plan,
    /// The components, by digest.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
    /// What each component imports, by id.
    pub imports: BTreeMap<String, Vec<String>>,
    /// What each component exports, by id.
    pub exports: BTreeMap<String, Vec<String>>,
    /// Names of interfaces that have no functions, which need no provider.
    pub types_alone: BTreeSet<String>,
    /// The world of each component, for people.
    pub worlds: BTreeMap<String, String>,
}

impl Composition {
    /// Chooses a plan. It is one that composes, as far as that can be said
    /// without composing it, unless mistakes are wanted.
    pub fn new(input: &mut Unstructured<'_>, kinds: Kinds) -> Result<Self> {
        let universe = Universe::new(input)?;
        let mut builder = Builder::new(&universe);
        builder.components(input)?;
        builder.bind(input)?;
        let mut composition = builder.composition;
        composition.keep_reachable();
        let ids: Vec<String> = composition.imports.keys().cloned().collect();
        if kinds.policies && input.arbitrary()? {
            composition.plan.policy = Some(policy(input, &universe, &ids)?);
        }
        if kinds.mistakes && input.ratio(1, 6)? {
            composition.mistake(input)?;
        }
        Ok(composition)
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

    /// The digest of a component.
    ///
    /// # Panics
    ///
    /// When the plan has no such id.
    pub fn digest(&self, id: &str) -> Digest {
        let component = self.plan.components.iter().find(|c| c.id == id);
        component
            .and_then(|component| component.digest)
            .expect("a component of the plan")
    }

    /// What satisfies an import of a component.
    pub fn binding(&self, id: &str, import: &str) -> Option<&Binding> {
        let mut bindings = self.plan.bindings.iter();
        bindings.find(|b| self.plan.consumer_of(b) == id && b.import_name == import)
    }

    /// Leaves out what neither the root nor an explicit export leads to.
    fn keep_reachable(&mut self) {
        let reached = keep_reachable(&mut self.plan);
        for names in [&mut self.imports, &mut self.exports] {
            names.retain(|id, _| reached.contains(id));
        }
        self.worlds.retain(|id, _| reached.contains(id));
        let used: BTreeSet<Digest> = self
            .plan
            .components
            .iter()
            .filter_map(|c| c.digest)
            .collect();
        self.blobs.retain(|digest, _| used.contains(digest));
        let asked: BTreeSet<&String> = self.imports.values().flatten().collect();
        self.plan.imports.retain(|name| asked.contains(name));
    }

    /// Makes something wrong, most of the time.
    fn mistake(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let plan = &mut self.plan;
        let ids: Vec<String> = plan.components.iter().map(|c| c.id.clone()).collect();
        let choice = input.int_in_range(0..=7)?;
        if plan.bindings.is_empty() || choice == 7 {
            plan.imports.clear();
            return Ok(());
        }
        let index = input.choose_index(plan.bindings.len())?;
        match choice {
            0 => drop(plan.bindings.remove(index)),
            1 => plan.bindings.push(plan.bindings[index].clone()),
            2 => plan.bindings[index].provider = input.choose(&ids)?.clone(),
            3 => plan.bindings[index].consumer = Some(input.choose(&ids)?.clone()),
            4 => plan.bindings[index].import_name.push('x'),
            5 => {
                let names: Vec<&String> = self.exports.values().flatten().collect();
                plan.bindings[index].export_name = (*input.choose(&names)?).clone();
            }
            _ => {
                let component = input.choose_index(plan.components.len())?;
                plan.components[component].digest = Some(Digest::of(b"nothing"));
            }
        }
        Ok(())
    }
}

/// Leaves out of a plan what neither its root nor an explicit export leads to;
/// returns the ids of the components that are left.
pub(crate) fn keep_reachable(plan: &mut Plan) -> BTreeSet<String> {
    let explicit = plan.explicit_exports.iter();
    let mut next: Vec<&str> = explicit.map(|e| e.source_instance.as_str()).collect();
    next.push(&plan.root);
    let mut reached = BTreeSet::new();
    while let Some(id) = next.pop() {
        if reached.insert(id.to_string()) {
            let bindings = plan.bindings.iter();
            let bindings = bindings.filter(|b| plan.consumer_of(b) == id);
            next.extend(bindings.map(|b| b.provider.as_str()));
        }
    }
    let root = plan.root.clone();
    let is_there = |b: &Binding| reached.contains(b.consumer.as_deref().unwrap_or(&root));
    plan.bindings.retain(is_there);
    plan.components.retain(|c| reached.contains(&c.id));
    reached
}

/// A composition in the making.
struct Builder<'a> {
    universe: &'a Universe,
    /// What each component is made of, in the order of the ids.
    specs: Vec<(String, Spec)>,
    composition: Composition,
}

impl<'a> Builder<'a> {
    fn new(universe: &'a Universe) -> Self {
        let alone = universe.items.iter().filter(|item| !item.has_functions);
        let plan = Plan::default();
        Self {
            universe,
            specs: Vec::new(),
            composition: Composition {
                plan,
                blobs: BTreeMap::new(),
                imports: BTreeMap::new(),
                exports: BTreeMap::new(),
                types_alone: alone.map(|item| item.name()).collect(),
                worlds: BTreeMap::new(),
            },
        }
    }

    /// Chooses components, each of which may import what those before it export.
    fn components(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        for number in 0..input.int_in_range(2..=6)? {
            let spec = self.spec(input, number)?;
            let bytes = spec.build(self.universe);
            let (imports, exports) = names(&bytes);
            let digest = Digest::of(&bytes);
            self.composition.blobs.insert(digest, bytes);
            let copies = 1 + u32::from(input.ratio(1, 4)?);
            for copy in 0..copies {
                let id = match copy {
                    0 => format!("c{number}"),
                    _ => format!("c{number}-again"),
                };
                let composition = &mut self.composition;
                composition.imports.insert(id.clone(), imports.clone());
                composition.exports.insert(id.clone(), exports.clone());
                composition
                    .worlds
                    .insert(id.clone(), spec.wit(self.universe));
                composition.plan.components.push(Component {
                    id: id.clone(),
                    digest: Some(digest),
                    ..Component::default()
                });
                composition.plan.root.clone_from(&id);
                self.specs.push((id, spec.clone()));
            }
        }
        Ok(())
    }

    fn spec(&self, input: &mut Unstructured<'_>, number: u32) -> Result<Spec> {
        let items = &self.universe.items;
        let of_host = |index: &usize| items[*index].is_host();
        let own: Vec<usize> = (0..items.len()).filter(|index| !of_host(index)).collect();
        let given: Vec<usize> = self
            .specs
            .iter()
            .flat_map(|(_, s)| s.exports.clone())
            .collect();
        let (mut imports, mut exports) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..input.int_in_range(1..=2)? {
            if !own.is_empty() {
                exports.insert(*input.choose(&own)?);
            }
        }
        for _ in 0..input.int_in_range(1..=4)? {
            let import = match given.is_empty() || input.ratio(1, 6)? {
                true => input.choose_index(items.len())?,
                false => *input.choose(&given)?,
            };
            imports.insert(import);
        }
        // What uses an export's types through an import would mean two of them.
        while !self.universe.can_be_exported(&exports) {
            exports.pop_last();
        }
        Ok(Spec {
            imports: imports.into_iter().collect(),
            exports: exports.into_iter().collect(),
            number: number + 4 * u32::from(input.arbitrary::<u8>()?),
            is_wide: input.ratio(1, 4)?,
        })
    }

    /// Chooses who gives each import; what nobody gives stays open.
    fn bind(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let mut usual: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut open = BTreeSet::new();
        for place in 0..self.specs.len() {
            let id = self.specs[place].0.clone();
            for import in self.composition.imports[&id].clone() {
                let candidates = self.providers(place, &import);
                let known = usual
                    .get(&import)
                    .filter(|known| candidates.contains(known));
                let provider = match known {
                    // Most agree on one, as those must that pass each other resources.
                    Some(known) if input.ratio(7, 8)? => known.clone(),
                    _ if candidates.is_empty() || input.ratio(1, 10)? => {
                        if !import.starts_with("wasi:") {
                            open.insert(import);
                        }
                        continue;
                    }
                    _ => input.choose(&candidates)?.clone(),
                };
                usual.entry(import.clone()).or_insert(provider.clone());
                let is_root = id == self.composition.plan.root && input.arbitrary()?;
                self.composition.plan.bindings.push(Binding {
                    consumer: (!is_root).then(|| id.clone()),
                    import_name: import,
                    provider: provider.0,
                    export_name: provider.1,
                    ..Binding::default()
                });
            }
        }
        let composition = &mut self.composition;
        composition.plan.imports = open.into_iter().collect();
        let root = composition.plan.root.clone();
        for (id, exports) in &composition.exports {
            for export in exports {
                let taken = composition.exports[&root].contains(export);
                let explicit = composition.plan.explicit_exports.iter();
                let mut taken_names = explicit.map(|e| &e.interface_name);
                if !taken && !taken_names.any(|name| name == export) && input.ratio(1, 8)? {
                    composition.plan.explicit_exports.push(ExplicitExport {
                        source_instance: id.clone(),
                        interface_name: export.clone(),
                        ..ExplicitExport::default()
                    });
                }
            }
        }
        // The schema knows the root's own bindings without its id.
        for binding in &mut composition.plan.bindings {
            if binding.consumer.as_ref() == Some(&root) {
                binding.consumer = None;
            }
        }
        Ok(())
    }

    /// The exports, of components before one, that are what an import is or a
    /// copy of it: ids and names.
    fn providers(&self, place: usize, import: &str) -> Vec<(String, String)> {
        let items = &self.universe.items;
        let wanted = items.iter().find(|item| item.name() == import);
        let Some(wanted) = wanted else {
            return Vec::new();
        };
        let mut providers = Vec::new();
        for (id, spec) in &self.specs[..place] {
            for item in spec.exports.iter().map(|index| &items[*index]) {
                let digest = self.composition.digest(id);
                if item.of == wanted.of && digest != self.composition.digest(&self.specs[place].0) {
                    providers.push((id.clone(), item.name()));
                }
            }
        }
        providers
    }
}

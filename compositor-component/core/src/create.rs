//! A plan from a root and folders of components, or from a plan and more of them: each
//! import that is open is bound to a component that exports it, transitively.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::created::{Candidate, Created, GivenChoice, GivenImports, ManifestEntry, Misfit};
use crate::resolve::{PartError, part};
use crate::shape_phase::{Side, mismatch};
use compositor_diagnostic::order::sort_by;
use compositor_diagnostic::{Code, Digest, Error};
use compositor_host::Host;
use compositor_plan::names::matches;
use compositor_plan::{Binding, Component, NameIndex, Plan, is_host_import};
use compositor_wasm::{Extern, Shapes, World};

/// Writes a plan for a root from candidates, which are asked in their order. What hosts
/// give is bound to them too where `given` says so.
pub fn create(
    root: &Candidate,
    candidates: &[Candidate],
    given: &GivenImports,
    host: Host<'_>,
) -> Result<Created, Error> {
    let plan = Plan {
        root: root.id.clone(),
        components: vec![component(root)],
        ..Plan::default()
    };
    extend(&plan, candidates, given, host)
}

/// Adds to a locked plan those candidates that something is bound to: its open imports
/// are bound to candidates, and those of the candidates to each other and to what the
/// plan has.
pub fn extend(
    plan: &Plan,
    candidates: &[Candidate],
    given: &GivenImports,
    host: Host<'_>,
) -> Result<Created, Error> {
    let mut shapes = Shapes::new(host.limits);
    let mut parts = Vec::new();
    let mut skipped = Vec::new();
    for candidate in candidates {
        let id = &candidate.id;
        if plan.components.iter().any(|of| of.id == *id) {
            let error = Error {
                code: Code::InvalidInput,
                message: "the plan has another component with its id".into(),
                context: Some(id.clone()),
            };
            skipped.push((id.clone(), error));
            continue;
        }
        match world(id, candidate.digest, host, &mut shapes) {
            Ok(world) => parts.push(Part {
                id,
                world,
                candidate: Some(candidate),
            }),
            Err(error) => skipped.push((id.clone(), error)),
        }
    }
    for component in &plan.components {
        let id = &component.id;
        let digest = component.digest.ok_or_else(|| Error {
            code: Code::PlanMissingField,
            message: format!("`{id}` has no digest: lock the plan first"),
            context: Some(id.clone()),
        })?;
        parts.push(Part {
            id,
            world: world(id, digest, host, &mut shapes)?,
            candidate: None,
        });
    }
    let mut walk = Walk {
        shapes: &shapes,
        parts: &parts,
        given,
        needs: needs(plan),
        bound: bound(plan),
        bindings: Vec::new(),
        missing: BTreeSet::new(),
        manifest: Vec::new(),
    };
    let mut used = BTreeSet::new();
    let here = parts.iter().filter(|part| part.candidate.is_none());
    let mut next: VecDeque<&Part<'_>> = here.collect();
    while let Some(part) = next.pop_front() {
        for provider in walk.bind(part, &plan.root) {
            if provider.candidate.is_some() && used.insert(provider.id) {
                next.push_back(provider);
            }
        }
    }
    let Walk {
        bindings,
        missing,
        mut manifest,
        ..
    } = walk;
    let added = parts.iter().filter(|part| used.contains(part.id));
    let mut added: Vec<&Candidate> = added.filter_map(|part| part.candidate).collect();
    sort_by(&mut added, |a, b| a.id.cmp(&b.id));
    let mut plan = plan.clone();
    plan.components.extend(added.into_iter().map(component));
    let closed: BTreeSet<&str> = bindings.iter().map(|of| of.import_name.as_str()).collect();
    plan.imports
        .retain(|name| !closed.contains(name.as_str()) || missing.contains(name));
    let listed: BTreeSet<String> = plan.imports.iter().cloned().collect();
    plan.imports
        .extend(missing.into_iter().filter(|name| !listed.contains(name)));
    plan.bindings.extend(bindings);
    sort_by(&mut manifest, |a, b| {
        (&a.consumer, &a.import_name).cmp(&(&b.consumer, &b.import_name))
    });
    Ok(Created {
        plan,
        manifest,
        skipped,
    })
}

fn component(candidate: &Candidate) -> Component {
    Component {
        id: candidate.id.clone(),
        digest: Some(candidate.digest),
        source: candidate.source.clone(),
        world: None,
    }
}

/// The world of a component, which is in the store.
pub(crate) fn world(
    id: &str,
    digest: Digest,
    host: Host<'_>,
    shapes: &mut Shapes,
) -> Result<Rc<World>, Error> {
    let error = |code, message: String| Error {
        code,
        message,
        context: Some(id.to_string()),
    };
    match part(host, digest, shapes) {
        Ok(part) => Ok(part.world),
        Err(PartError::Host(error)) => Err(error),
        Err(PartError::Missing) => Err(error(
            Code::EmitMissingBlob,
            "the store has no such blob".into(),
        )),
        Err(PartError::Unsound(why)) => Err(error(Code::EmitCompositionFailed, why)),
    }
}

/// The providers of each consumer.
fn needs(plan: &Plan) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for binding in &plan.bindings {
        let consumer = binding.consumer.as_ref().unwrap_or(&plan.root);
        let of = needs.entry(consumer.clone()).or_default();
        of.insert(binding.provider.clone());
    }
    needs
}

/// The imports of each consumer that are bound, as bindings name them.
fn bound(plan: &Plan) -> BTreeMap<String, NameIndex> {
    let mut bound: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for binding in &plan.bindings {
        let consumer = binding.consumer.as_ref().unwrap_or(&plan.root);
        bound
            .entry(consumer)
            .or_default()
            .push(&binding.import_name);
    }
    let index = |names: Vec<&str>| NameIndex::new(names.into_iter().map(|name| (name, name)));
    let bound = bound.into_iter();
    bound
        .map(|(id, names)| (id.to_string(), index(names)))
        .collect()
}

/// Whether hosts give an import: what is bound of these is a matter of policy,
/// and nobody wants a folder's word for it. Other packages of `wasi` are those of
/// proposals that few hosts have.
fn is_given(name: &str) -> bool {
    const PACKAGES: [&str; 7] = [
        "cli",
        "clocks",
        "filesystem",
        "http",
        "io",
        "random",
        "sockets",
    ];
    match name.strip_prefix("wasi:") {
        Some(rest) => PACKAGES.contains(&rest.split(['/', '@']).next().unwrap_or_default()),
        None => is_host_import(name),
    }
}

/// A component that is there, or may be.
struct Part<'a> {
    id: &'a str,
    world: Rc<World>,
    /// What is added of it; none of what the plan has.
    candidate: Option<&'a Candidate>,
}

/// The bindings so far.
struct Walk<'a> {
    shapes: &'a Shapes,
    /// Candidates in their order, and behind them what the plan has.
    parts: &'a [Part<'a>],
    /// What of hosts' is bound too.
    given: &'a GivenImports,
    /// The providers of each consumer.
    needs: BTreeMap<String, BTreeSet<String>>,
    /// What is bound from the start.
    bound: BTreeMap<String, NameIndex>,
    bindings: Vec<Binding>,
    missing: BTreeSet<String>,
    manifest: Vec<ManifestEntry>,
}

impl<'a> Walk<'a> {
    /// Binds the open imports of a component; returns the providers.
    fn bind(&mut self, consumer: &Part<'a>, root: &str) -> Vec<&'a Part<'a>> {
        let (id, world) = (consumer.id, &consumer.world);
        let bound = self.bound.remove(id).unwrap_or_default();
        let mut chosen = Vec::new();
        for import in &world.imports {
            if world.is_settled(import) || bound.compatible(&import.name).is_some() {
                continue;
            }
            let is_given = is_given(&import.interface);
            let mut found = self.providers(consumer, import);
            let mut offered = Vec::new();
            if let (true, GivenImports::Chosen(chosen)) = (is_given, self.given) {
                let is_chosen = |(provider, _): &&(&Part<'_>, &str)| {
                    chosen.contains(&GivenChoice {
                        consumer: id.to_string(),
                        import_name: import.name.clone(),
                        provider: provider.id.to_string(),
                    })
                };
                match found.iter().find(is_chosen).copied() {
                    Some(provider) => found = vec![provider],
                    None => offered = std::mem::take(&mut found),
                }
            }
            if is_given && found.is_empty() && offered.is_empty() {
                continue;
            }
            match found.first() {
                Some((provider, export)) => {
                    self.bindings.push(Binding {
                        consumer: (id != root).then(|| id.to_string()),
                        import_name: import.name.clone(),
                        provider: provider.id.to_string(),
                        export_name: (*export).to_string(),
                        ..Binding::default()
                    });
                    let needs = self.needs.entry(id.to_string()).or_default();
                    needs.insert(provider.id.to_string());
                    chosen.push(*provider);
                }
                // The plan need not list what the host may have.
                None if is_host_import(&import.interface) => {}
                None => {
                    self.missing.insert(import.name.clone());
                }
            }
            let misfits = match found.is_empty() && offered.is_empty() {
                true => self.misfits(consumer, import),
                false => Vec::new(),
            };
            let ids = |of: &[(&Part<'_>, &str)]| of.iter().map(|(of, _)| of.id.into()).collect();
            self.manifest.push(ManifestEntry {
                consumer: id.to_string(),
                import_name: import.name.clone(),
                providers: ids(&found),
                offered: ids(&offered),
                misfits,
            });
        }
        chosen
    }

    /// Who could provide an import: those that export the very name before
    /// those that export a compatible one, or the interface that it implements,
    /// each in their order. One that needs the consumer itself cannot. What the plan has
    /// is bound to candidates alone: what its author left open stays so.
    fn providers(&self, consumer: &Part<'a>, import: &Extern) -> Vec<(&'a Part<'a>, &'a str)> {
        let mut found: Vec<(bool, &Part<'_>, &str)> = Vec::new();
        for part in self.asked(consumer) {
            let Some(export) = offered(&part.world, import) else {
                continue;
            };
            let fits = self.shapes.difference(export.shape, import.shape).is_none();
            if fits && !self.reaches(part.id, consumer.id) {
                let is_exact = export.full_name() == import.full_name();
                found.push((!is_exact, part, export.name.as_str()));
            }
        }
        // The order of what is equal stays.
        sort_by(&mut found, |a, b| a.0.cmp(&b.0));
        found
            .into_iter()
            .map(|(_, part, export)| (part, export))
            .collect()
    }

    fn asked(&self, consumer: &Part<'a>) -> impl Iterator<Item = &'a Part<'a>> + use<'a> {
        let is_new = consumer.candidate.is_some();
        let parts = self.parts.iter();
        parts.filter(move |part| is_new || part.candidate.is_some())
    }

    /// Who exports an import's name with other types, by id.
    fn misfits(&self, consumer: &Part<'a>, import: &Extern) -> Vec<Misfit> {
        let misfit = |part: &Part<'_>| {
            let export = offered(&part.world, import)?;
            let difference = self.shapes.difference(export.shape, import.shape)?;
            let given = Side {
                component: part.id,
                world: &part.world,
                item: export,
            };
            let needed = Side {
                component: consumer.id,
                world: &consumer.world,
                item: import,
            };
            let error = mismatch(self.shapes, &given, &needed, &difference);
            Some(Misfit {
                provider: part.id.to_string(),
                export_name: export.name.clone(),
                found: error.found.unwrap_or_default(),
                expected: error.expected.unwrap_or_default(),
            })
        };
        self.asked(consumer).filter_map(misfit).collect()
    }

    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(id) = next.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                next.extend(self.needs.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }
}

/// What a component exports for an import: of its name, else of the interface
/// that it implements, else under a label that implements that.
fn offered<'a>(world: &'a World, import: &Extern) -> Option<&'a Extern> {
    let named = world.compatible_export(import.full_name());
    let named = named.or_else(|| world.compatible_export(&import.interface));
    named.or_else(|| {
        let is_label = |export: &&Extern| export.implements().is_some();
        let mut labels = world.exports.iter().filter(is_label);
        labels.find(|export| matches(&import.interface, &export.interface))
    })
}

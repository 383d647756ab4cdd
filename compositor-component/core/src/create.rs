//! A plan from a root and folders of components: each non-host import is
//! bound to a component that exports it, transitively.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::resolve::{PartError, part};
use crate::shape_phase::{Side, mismatch};
use compositor_diagnostic::order::{sort, sort_by};
use compositor_diagnostic::{Code, Digest, Error};
use compositor_host::Host;
use compositor_plan::{Binding, Component, Plan, is_host_import};
use compositor_wasm::{Extern, Shapes, World};

/// A component that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id that it gets.
    pub id: String,
    /// Its blob, which is in the store.
    pub digest: Digest,
    /// What the plan's `source` says.
    pub source: Option<String>,
}

/// An import that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// The consumer's id.
    pub consumer: String,
    /// The import's name.
    pub import_name: String,
    /// The candidates that export it, the chosen one first; none when missing.
    pub providers: Vec<String>,
    /// Where there are none, the candidates that export its name with other types.
    pub misfits: Vec<Misfit>,
}

/// A candidate that exports the name of an import, but not what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The candidate's id.
    pub provider: String,
    /// Its export.
    pub export_name: String,
    /// What of the import's types it has, in WIT.
    pub found: String,
    /// And what the import needs in their place.
    pub expected: String,
}

/// A plan that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The plan.
    pub plan: Plan,
    /// Every non-host import, by consumer and name.
    pub manifest: Vec<ManifestEntry>,
    /// Candidates that could not be read, and why.
    pub skipped: Vec<(String, Error)>,
}

/// Writes a plan for a root from candidates.
pub fn create(
    root: &Candidate,
    candidates: &[Candidate],
    host: Host<'_>,
) -> Result<Created, Error> {
    let mut shapes = Shapes::new(host.limits);
    let root_world = world(root, host, &mut shapes)?;
    let mut worlds: BTreeMap<&str, (&Candidate, Rc<World>)> = BTreeMap::new();
    let mut skipped = Vec::new();
    for candidate in candidates {
        if candidate.digest == root.digest {
            continue;
        }
        match world(candidate, host, &mut shapes) {
            Ok(world) if candidate.id != root.id => {
                worlds.insert(&candidate.id, (candidate, world));
            }
            Ok(_) => {
                let error = Error {
                    code: Code::InvalidInput,
                    message: "it has the root's id".into(),
                    context: Some(candidate.id.clone()),
                };
                skipped.push((candidate.id.clone(), error));
            }
            Err(error) => skipped.push((candidate.id.clone(), error)),
        }
    }
    let mut walk = Walk {
        shapes: &shapes,
        worlds: &worlds,
        needs: BTreeMap::new(),
        bindings: Vec::new(),
        missing: BTreeSet::new(),
        manifest: Vec::new(),
    };
    let mut used = BTreeSet::new();
    let mut next = VecDeque::from([root.id.as_str()]);
    while let Some(id) = next.pop_front() {
        let world = match worlds.get(id) {
            Some((_, world)) => world,
            None => &root_world,
        };
        for provider in walk.bind(id, &root.id, world) {
            if used.insert(provider) {
                next.push_back(provider);
            }
        }
    }
    let providers = used.iter().filter_map(|id| Some(worlds.get(id)?.0));
    let components = std::iter::once(root)
        .chain(providers)
        .map(|candidate| Component {
            id: candidate.id.clone(),
            digest: Some(candidate.digest),
            source: candidate.source.clone(),
            ..Component::default()
        });
    let plan = Plan {
        root: root.id.clone(),
        components: components.collect(),
        bindings: walk.bindings,
        imports: walk.missing.into_iter().collect(),
        ..Plan::default()
    };
    let mut manifest = walk.manifest;
    sort_by(&mut manifest, |a, b| {
        (&a.consumer, &a.import_name).cmp(&(&b.consumer, &b.import_name))
    });
    Ok(Created {
        plan,
        manifest,
        skipped,
    })
}

fn world(candidate: &Candidate, host: Host<'_>, shapes: &mut Shapes) -> Result<Rc<World>, Error> {
    let error = |code, message: String| Error {
        code,
        message,
        context: Some(candidate.id.clone()),
    };
    match part(host, candidate.digest, shapes) {
        Ok(part) => Ok(part.world),
        Err(PartError::Host(error)) => Err(error),
        Err(PartError::Missing) => Err(error(
            Code::EmitMissingBlob,
            "the store has no such blob".into(),
        )),
        Err(PartError::Unsound(why)) => Err(error(Code::EmitCompositionFailed, why)),
    }
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

/// The bindings so far.
struct Walk<'a> {
    shapes: &'a Shapes,
    worlds: &'a BTreeMap<&'a str, (&'a Candidate, Rc<World>)>,
    /// The providers of each consumer.
    needs: BTreeMap<String, BTreeSet<String>>,
    bindings: Vec<Binding>,
    missing: BTreeSet<String>,
    manifest: Vec<ManifestEntry>,
}

impl<'a> Walk<'a> {
    /// Binds the imports of a component; returns the providers.
    fn bind(&mut self, id: &str, root: &str, world: &World) -> Vec<&'a str> {
        let mut chosen = Vec::new();
        for import in &world.imports {
            if is_given(&import.interface) || world.is_settled(import) {
                continue;
            }
            let found = self.providers(id, import);
            match found.first() {
                Some((provider, export)) => {
                    self.bindings.push(Binding {
                        consumer: (id != root).then(|| id.to_string()),
                        import_name: import.name.clone(),
                        provider: (*provider).to_string(),
                        export_name: (*export).to_string(),
                        ..Binding::default()
                    });
                    let needs = self.needs.entry(id.to_string()).or_default();
                    needs.insert((*provider).to_string());
                    chosen.push(*provider);
                }
                // The plan need not list what the host may have.
                None if is_host_import(&import.interface) => {}
                None => {
                    self.missing.insert(import.name.clone());
                }
            }
            let misfits = match found.is_empty() {
                true => self.misfits(id, world, import),
                false => Vec::new(),
            };
            self.manifest.push(ManifestEntry {
                consumer: id.to_string(),
                import_name: import.name.clone(),
                providers: found.iter().map(|(id, _)| (*id).to_string()).collect(),
                misfits,
            });
        }
        chosen
    }

    /// Who could provide an import: those that export the very name before
    /// those that export a compatible one, or the interface that it implements,
    /// each by id. One that needs the consumer itself cannot.
    fn providers(&self, consumer: &str, import: &Extern) -> Vec<(&'a str, &'a str)> {
        let mut found: Vec<(bool, &str, &str)> = Vec::new();
        for (id, (_, world)) in self.worlds {
            let Some(export) = offered(world, import) else {
                continue;
            };
            let fits = self.shapes.difference(export.shape, import.shape).is_none();
            if fits && !self.reaches(id, consumer) {
                let is_exact = export.full_name() == import.full_name();
                found.push((!is_exact, id, export.name.as_str()));
            }
        }
        sort(&mut found);
        found
            .into_iter()
            .map(|(_, id, export)| (id, export))
            .collect()
    }

    /// Who exports an import's name with other types, by id.
    fn misfits(&self, consumer: &str, needs: &World, import: &Extern) -> Vec<Misfit> {
        let misfit = |(id, (_, gives)): (&&str, &(&Candidate, Rc<World>))| {
            let export = offered(gives, import)?;
            let difference = self.shapes.difference(export.shape, import.shape)?;
            let given = Side {
                component: id,
                world: gives,
                item: export,
            };
            let needed = Side {
                component: consumer,
                world: needs,
                item: import,
            };
            let error = mismatch(self.shapes, &given, &needed, &difference);
            Some(Misfit {
                provider: (*id).to_string(),
                export_name: export.name.clone(),
                found: error.found.unwrap_or_default(),
                expected: error.expected.unwrap_or_default(),
            })
        };
        self.worlds.iter().filter_map(misfit).collect()
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
/// that it implements.
fn offered<'a>(world: &'a World, import: &Extern) -> Option<&'a Extern> {
    let export = world.compatible_export(import.full_name());
    export.or_else(|| world.compatible_export(&import.interface))
}

//! What a plan says.

use crate::choice::choice;
use compositor_diagnostic::Digest;
use compositor_diagnostic::order::{sort, sort_by};

/// A plan whose schema holds; its graph may still be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The id of the component whose exports the artifact has.
    pub root: String,
    /// When bindings are composed.
    pub linkage: Linkage,
    /// In the order of the text.
    pub components: Vec<Component>,
    /// In the order of the text.
    pub bindings: Vec<Binding>,
    /// Exports beside those of the root.
    pub explicit_exports: Vec<ExplicitExport>,
    /// Non-host imports that may stay open in the artifact.
    pub imports: Vec<String>,
    /// Secrets by where they are kept.
    pub secrets: Vec<Secret>,
    /// None when the plan states none: then the host alone decides.
    pub policy: Option<Policy>,
    /// `$schema`, which tells an editor of JSON what may stand where. Like the
    /// description, it is kept in JSON alone.
    pub schema: Option<String>,
    /// What people say of the plan, to people.
    pub description: Option<String>,
}

choice! {
    /// When bindings are composed.
    #[derive(Default)]
    Linkage {
        /// Into the artifact, when it is emitted.
        #[default]
        Static = "static",
        /// When the artifact is instantiated.
        Runtime = "runtime",
    }
}

impl Linkage {
    /// Whether guests may resolve components while they run, which no binding shows.
    pub fn resolves(self) -> bool {
        match self {
            Self::Static => false,
            Self::Runtime => true,
        }
    }
}

/// A component by digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its name in this plan.
    pub id: String,
    /// None while it is unlocked.
    pub digest: Option<Digest>,
    /// Where locking reads it from.
    pub source: Option<String>,
    /// The canon:wit id that its own world must have.
    pub world: Option<Digest>,
}

/// Which export satisfies which import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The importing component; none is the root.
    pub consumer: Option<String>,
    /// The import's name.
    pub import_name: String,
    /// The exporting component.
    pub provider: String,
    /// The export's name.
    pub export_name: String,
}

/// An export of the artifact that a component other than the root gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplicitExport {
    /// The component.
    pub source_instance: String,
    /// Its export, and the artifact's.
    pub interface_name: String,
}

/// A secret by where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its name in this plan.
    pub id: String,
    /// Where it is kept.
    pub uri: String,
}

/// What the components may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// How far runs may differ.
    pub determinism: Determinism,
    /// What is asked for.
    pub capabilities: Vec<Capability>,
    /// What the plan does without, whoever would grant it.
    pub denials: Vec<Rule>,
    /// Whose caches and accounting these are.
    pub tenant: Option<String>,
    /// Ceilings.
    pub limits: Limits,
}

choice! {
    /// How far runs may differ.
    #[derive(Default)]
    Determinism {
        /// Two runs give the same bytes.
        Strict = "strict",
        /// Each use of the ambient is recorded.
        Audit = "audit",
        /// The host may grant clocks, randomness and the network.
        #[default]
        Relaxed = "relaxed",
    }
}

/// Something that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// Its name, such as `wasi:clocks` or `dynlink:resolve`.
    pub name: String,
    /// Whether the plan cannot do without.
    pub required: bool,
    /// The components that it is for; none means all.
    pub components: Option<Vec<String>>,
}

/// Something that is granted or denied beside what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A package, an interface, the same with a version, or `*`.
    pub name: String,
    /// How it is denied; none means what suits each function best.
    pub mode: Option<Mode>,
    /// The components that it is for; none means all.
    pub components: Option<Vec<String>>,
}

choice! {
    /// What a function does that is denied.
    Mode {
        /// It traps, and the trap names it.
        Trap = "trap",
        /// It returns an error where its result has one, else it traps.
        Error = "error",
        /// It returns an error where its result has one, the empty value where it
        /// has that, and a new resource that does nothing where it returns one;
        /// else it traps.
        Empty = "empty",
    }
}

/// Ceilings; none means the host's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Guest time in milliseconds.
    pub cpu_ms: Option<u64>,
    /// Bytes over all memories of an instance.
    pub memory_bytes: Option<u64>,
    /// Calls of host imports.
    pub io_ops: Option<u64>,
    /// Time that passes on the wall, in milliseconds.
    pub wall_ms: Option<u64>,
}

impl Plan {
    /// A binding's consumer.
    pub fn consumer_of<'a>(&'a self, binding: &'a Binding) -> &'a str {
        binding.consumer.as_deref().unwrap_or(&self.root)
    }

    /// Whether the plan states that two runs are to be the same.
    pub fn is_strict(&self) -> bool {
        let mut policy = self.policy.iter();
        policy.any(|policy| policy.determinism == Determinism::Strict)
    }

    /// Whether every component has its digest.
    pub fn is_locked(&self) -> bool {
        self.components.iter().all(|c| c.digest.is_some())
    }

    /// The same plan with the order of its lists settled: by id, by consumer
    /// and import, by name and components. What else an item says comes after
    /// that, so that also a plan that is refused for an item that stands twice
    /// has one order.
    pub fn sorted(&self) -> Plan {
        let mut plan = self.clone();
        sort_by(&mut plan.components, |a, b| {
            (&a.id, &a.digest, &a.world, &a.source).cmp(&(&b.id, &b.digest, &b.world, &b.source))
        });
        sort_by(&mut plan.bindings, |a, b| {
            (
                self.consumer_of(a),
                &a.import_name,
                &a.provider,
                &a.export_name,
            )
                .cmp(&(
                    self.consumer_of(b),
                    &b.import_name,
                    &b.provider,
                    &b.export_name,
                ))
        });
        sort_by(&mut plan.explicit_exports, |a, b| {
            (&a.interface_name, &a.source_instance).cmp(&(&b.interface_name, &b.source_instance))
        });
        sort(&mut plan.imports);
        sort_by(&mut plan.secrets, |a, b| {
            (&a.id, &a.uri).cmp(&(&b.id, &b.uri))
        });
        if let Some(policy) = &mut plan.policy {
            let capabilities = policy.capabilities.iter_mut();
            let denials = policy.denials.iter_mut();
            let lists = capabilities.map(|capability| &mut capability.components);
            for ids in lists.chain(denials.map(|denial| &mut denial.components)) {
                sort(ids.as_deref_mut().unwrap_or_default());
            }
            sort_by(&mut policy.capabilities, |a, b| {
                (&a.name, &a.components, a.required).cmp(&(&b.name, &b.components, b.required))
            });
            sort_by(&mut policy.denials, |a, b| {
                (&a.name, &a.components, a.mode).cmp(&(&b.name, &b.components, b.mode))
            });
        }
        plan
    }
}

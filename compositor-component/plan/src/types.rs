//! What a plan says: the one table of its fields. Reading and writing, in JSON and in
//! canonical CBOR, follow from it, and a test holds the schema files to it.

use crate::choice::choice;
use crate::index::{BindingIndex, ComponentIndex};
use crate::kind::{
    BlobDigest, CapabilityName, Choice, Components, Count, Id, Level, List, Name, Note, RuleName,
    Version, WorldId,
};
use crate::presence::{
    InCborOrDefault, Optional, OrDefault, Required, UntilLocked, WrittenOrDefault,
};
use crate::record::{Record, record};
use crate::table::FieldSchema;
use compositor_diagnostic::Digest;
use compositor_diagnostic::index::Idx;
use compositor_diagnostic::order::{sort, sort_by};

record! {
    /// A plan whose schema holds; its graph may still be wrong. The default says nothing
    /// yet: who makes a plan fills it in.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    Plan = "the plan";

    /// The version of the schema.
    version: Version => 0, "version", Required<Version>;
    /// The id of the component whose exports the artifact has.
    root: String => 1, "root", Required<Id>;
    /// When bindings are composed.
    linkage: Linkage => 6, "linkage", OrDefault<Choice<Linkage>>;
    /// In the order of the text.
    components: Vec<Component> => 2, "components", Required<List<Component>>;
    /// In the order of the text.
    bindings: Vec<Binding> => 3, "bindings", WrittenOrDefault<List<Binding>>;
    /// Exports beside those of the root.
    explicit_exports: Vec<ExplicitExport> => 7, "explicit_exports", OrDefault<List<ExplicitExport>>;
    /// Non-host imports that may stay open in the artifact.
    imports: Vec<String> => 8, "imports", OrDefault<List<Name>>;
    /// Secrets by where they are kept.
    secrets: Vec<Secret> => 4, "secrets", InCborOrDefault<List<Secret>>;
    /// None when the plan states none: then the host alone decides.
    policy: Option<Policy> => 5, "policy", Optional<Policy>;
    /// `$schema`, which tells an editor of JSON what may stand where. Like the
    /// description, it is kept in JSON alone.
    schema: Option<String> => _, "$schema", Optional<Note>;
    /// What people say of the plan, to people.
    description: Option<String> => _, "description", Optional<Note>;
}

choice! {
    /// When bindings are composed.
    #[derive(Default)]
    Linkage {
        /// Into the artifact, when it is emitted.
        #[default]
        Static = 0, "static";
        /// When the artifact is instantiated.
        Runtime = 1, "runtime";
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

record! {
    /// A component by digest.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    Component = "a component", at most COMPONENTS, checked by digest_or_source;

    /// Its name in this plan.
    id: String => 0, "id", Required<Id>;
    /// None while it is unlocked.
    digest: Option<Digest> => 1, "digest", UntilLocked<BlobDigest>;
    /// Where locking reads it from.
    source: Option<String> => 2, "source", Optional<Name>;
    /// The canon:wit id that its own world must have.
    world: Option<Digest> => 3, "world", Optional<WorldId>;
}

record! {
    /// Which export satisfies which import.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    Binding = "a binding", at most BINDINGS;

    /// The importing component; none is the root.
    consumer: Option<String> => 3, "consumer_id", Optional<Id>;
    /// The import's name.
    import_name: String => 0, "import_name", Required<Name>;
    /// The exporting component.
    provider: String => 1, "provider_id", Required<Id>;
    /// The export's name.
    export_name: String => 2, "export_name", Required<Name>;
}

record! {
    /// An export of the artifact that a component other than the root gives.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    ExplicitExport = "an explicit export";

    /// The component.
    source_instance: String => 0, "source_instance", Required<Id>;
    /// Its export, and the artifact's.
    interface_name: String => 1, "interface_name", Required<Name>;
}

record! {
    /// A secret by where it is kept.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    Secret = "a secret";

    /// Its name in this plan.
    id: String => 0, "secret_id", Required<Id>;
    /// Where it is kept.
    uri: String => 1, "backend_uri", Required<Name>;
}

record! {
    /// What the components may do.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    Policy = "a policy";

    /// How far runs may differ.
    determinism: Determinism => 0, "determinism", WrittenOrDefault<Choice<Determinism>>;
    /// What is asked for.
    capabilities: Vec<Capability> => 1, "capabilities", WrittenOrDefault<List<Capability>>;
    /// What the plan does without, whoever would grant it.
    denials: Vec<Rule> => 4, "denials", OrDefault<List<Rule>>;
    /// Whose caches and accounting these are.
    tenant: Option<String> => 2, "tenant", Optional<Id>;
    /// Ceilings.
    limits: Limits => 3, "limits", InCborOrDefault<Limits>;
}

choice! {
    /// How far runs may differ.
    #[derive(Default)]
    Determinism {
        /// Two runs give the same bytes.
        Strict = 0, "strict";
        /// Each use of the ambient is recorded.
        Audit = 1, "audit";
        /// The host may grant clocks, randomness and the network.
        #[default]
        Relaxed = 2, "relaxed";
    }
}

impl Determinism {
    /// Whether two runs are to be the same.
    pub fn is_strict(self) -> bool {
        match self {
            Self::Strict => true,
            Self::Audit | Self::Relaxed => false,
        }
    }
}

record! {
    /// Something that is asked for.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    Capability = "a capability";

    /// Its name, such as `wasi:clocks` or `dynlink:resolve`.
    name: String => 0, "name", Required<CapabilityName>;
    /// Whether the plan cannot do without.
    required: bool => 1, "level", Required<Level>;
    /// The components that it is for; none means all.
    components: Option<Vec<String>> => 2, "components", Optional<Components>;
}

record! {
    /// Something that is granted or denied beside what is asked for.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    Rule = "a denial";

    /// A package, an interface, the same with a version, or `*`.
    name: String => 0, "name", Required<RuleName>;
    /// How it is denied; none means what suits each function best.
    mode: Option<Mode> => 1, "mode", Optional<Choice<Mode>>;
    /// The components that it is for; none means all.
    components: Option<Vec<String>> => 2, "components", Optional<Components>;
}

choice! {
    /// What a function does that is denied.
    Mode {
        /// It traps, and the trap names it.
        Trap = 0, "trap";
        /// It returns an error where its result has one, else it traps.
        Error = 1, "error";
        /// It returns an error where its result has one, the empty value where it
        /// has that, and a new resource that does nothing where it returns one;
        /// else it traps.
        Empty = 2, "empty";
    }
}

record! {
    /// Ceilings; none means the host's default.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    Limits = "the limits";

    /// Guest time in milliseconds.
    cpu_ms: Option<u64> => 0, "cpu_ms", Optional<Count>;
    /// Bytes over all memories of an instance.
    memory_bytes: Option<u64> => 1, "memory_bytes", Optional<Count>;
    /// Calls of host imports.
    io_ops: Option<u64> => 2, "io_ops", Optional<Count>;
    /// Time that passes on the wall, in milliseconds.
    wall_ms: Option<u64> => 3, "wall_ms", Optional<Count>;
}

impl Plan {
    /// The table of its fields, and of those of all that is in it.
    pub const FIELDS: &'static [FieldSchema] = <Self as Record>::FIELDS;

    /// A binding's consumer.
    pub fn consumer_of<'a>(&'a self, binding: &'a Binding) -> &'a str {
        binding.consumer.as_deref().unwrap_or(&self.root)
    }

    /// Its components, each with its index, in the order of the text.
    pub fn indexed_components(&self) -> impl Iterator<Item = (ComponentIndex, &Component)> {
        let components = self.components.iter().enumerate();
        components.map(|(index, component)| (ComponentIndex::new(index), component))
    }

    /// Its bindings, each with its index, in the order of the text.
    pub fn indexed_bindings(&self) -> impl Iterator<Item = (BindingIndex, &Binding)> {
        let bindings = self.bindings.iter().enumerate();
        bindings.map(|(index, binding)| (BindingIndex::new(index), binding))
    }

    /// The component of an id.
    pub fn component(&self, id: &str) -> Option<ComponentIndex> {
        let mut components = self.components.iter();
        let index = components.position(|component| component.id == id);
        index.map(ComponentIndex::new)
    }

    /// Whether the plan states that two runs are to be the same.
    pub fn is_strict(&self) -> bool {
        let mut policy = self.policy.iter();
        policy.any(|policy| policy.determinism.is_strict())
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
            (&a.id, &a.digest, &a.world, a).cmp(&(&b.id, &b.digest, &b.world, b))
        });
        sort_by(&mut plan.bindings, |a, b| {
            let a = (self.consumer_of(a), &a.import_name, a);
            a.cmp(&(self.consumer_of(b), &b.import_name, b))
        });
        sort_by(&mut plan.explicit_exports, |a, b| {
            (&a.interface_name, a).cmp(&(&b.interface_name, b))
        });
        sort(&mut plan.imports);
        sort(&mut plan.secrets);
        if let Some(policy) = &mut plan.policy {
            let capabilities = policy.capabilities.iter_mut();
            let denials = policy.denials.iter_mut();
            let lists = capabilities.map(|capability| &mut capability.components);
            for ids in lists.chain(denials.map(|denial| &mut denial.components)) {
                sort(ids.as_deref_mut().unwrap_or_default());
            }
            sort_by(&mut policy.capabilities, |a, b| {
                (&a.name, &a.components, a).cmp(&(&b.name, &b.components, b))
            });
            sort_by(&mut policy.denials, |a, b| {
                (&a.name, &a.components, a).cmp(&(&b.name, &b.components, b))
            });
        }
        plan
    }

    /// What each program of a `runtime` plan has of it, whatever components the program is
    /// made of. The rest is the program's own, or is not said of a program.
    pub(crate) fn of_each_program(&self) -> Plan {
        let Plan {
            imports,
            version: Version,
            root: _,
            linkage: _,
            components: _,
            bindings: _,
            explicit_exports: _,
            secrets: _,
            policy: _,
            schema: _,
            description: _,
        } = self;
        Plan {
            imports: imports.clone(),
            ..Plan::default()
        }
    }
}

impl Policy {
    /// What each program of a `runtime` plan has of its policy, but for its rules.
    pub(crate) fn of_each_program(&self) -> Policy {
        let Policy {
            determinism,
            tenant,
            limits,
            capabilities: _,
            denials: _,
        } = self;
        Policy {
            determinism: *determinism,
            tenant: tenant.clone(),
            limits: *limits,
            ..Policy::default()
        }
    }
}

impl Capability {
    /// The same for other components.
    pub(crate) fn of_components(&self, components: Option<Vec<String>>) -> Capability {
        Capability {
            name: self.name.clone(),
            components,
            ..*self
        }
    }
}

impl Rule {
    /// The same for other components.
    pub(crate) fn of_components(&self, components: Option<Vec<String>>) -> Rule {
        Rule {
            name: self.name.clone(),
            components,
            ..*self
        }
    }
}

//! What writes a virtualizer: what it is asked for, and what it has so far.

use std::collections::{BTreeSet, HashMap, HashSet};

use wasm_encoder::{ComponentTypeRef, ComponentValType as Encoded, InstanceType, PrimitiveValType};

use compositor_plan::Decision;
use compositor_plan::names::AUDIT;
use compositor_wasm::types::AnyTypeId;
use compositor_wasm::write::named;
use compositor_wasm::write::types::{InstanceIndex, Outer};
use compositor_wasm::{Extern, NameOptions, World};

/// The component whose imports are virtualized: the only one that has names for types.
pub(super) const CONSUMER: InstanceIndex = InstanceIndex(0);

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// An import of the artifact.
    Open(String),
    /// A component's export.
    Export(String, String),
    /// A function of the deterministic source.
    Deterministic,
    /// The function that declares what is recorded of the component.
    Recorder,
}

/// Where a resource comes from, and its name there; by import and name.
pub type Find<'a> = dyn Fn(&str, &str) -> Option<(Source, String)> + 'a;

/// What is virtualized of a component.
pub struct Request<'a> {
    /// The component's world.
    pub world: &'a World,
    /// In the order of the world's imports.
    pub wanted: Vec<(&'a Extern, Decision)>,
    /// By import, the items that are the host's all the same.
    pub retained: HashMap<&'a str, BTreeSet<&'a str>>,
    /// For the resources that the virtualizer does not define.
    pub source: &'a Find<'a>,
    /// What the artifact's import of a name says of itself beside that.
    pub options: &'a dyn Fn(&str) -> NameOptions,
}

/// A virtualizer in the making.
pub(super) struct VirtualizerWriter<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) outer: Outer,
    pub(super) needs: Vec<(String, Source)>,
    /// Resources that are imported, by where from and their name there.
    pub(super) resources: HashMap<(Source, String), u32>,
    pub(super) functions: HashMap<&'static str, u32>,
    /// The instances of `wasi:io/streams` and `wasi:cli/stderr`.
    pub(super) ready: Option<(u32, u32)>,
    /// Imports that are imported with all that they have.
    pub(super) whole: HashSet<&'a str>,
    /// Those and what is retained of others, by the import's name.
    pub(super) opened: HashMap<String, u32>,
    pub(super) audit: Option<u32>,
    /// Types that have a name here which they have from nowhere else.
    pub(super) named: HashSet<AnyTypeId>,
}

impl VirtualizerWriter<'_> {
    /// The instance that calls are said to.
    pub(super) fn audit(&mut self) -> u32 {
        if let Some(audit) = self.audit {
            return audit;
        }
        let number = Encoded::Primitive(PrimitiveValType::U32);
        let mut ty = InstanceType::new();
        ty.ty()
            .function()
            .params([("function", number)])
            .result(None);
        ty.export("called", ComponentTypeRef::Func(0));
        let audit = self.import(Source::Open(AUDIT.to_string()), &ty);
        self.audit = Some(audit);
        audit
    }

    /// Imports an instance from where it comes.
    pub(super) fn import(&mut self, source: Source, ty: &InstanceType) -> u32 {
        let (name, options) = match &source {
            Source::Open(name) => (name.clone(), (self.request.options)(name)),
            _ => (format!("need{}", self.needs.len()), NameOptions::default()),
        };
        let ty = self.outer.builder.type_instance(ty);
        let ty = ComponentTypeRef::Instance(ty);
        let index = self.outer.builder.import(named(&name, &options), ty);
        self.needs.push((name, source));
        index
    }
}

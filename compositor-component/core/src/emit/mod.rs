//! Emission: the graph to an artifact, by skeletons and splices.
//!
//! The wrapper is encoded and validated with skeletons; the artifact is the
//! wrapper's bytes with the real blobs spliced in, which never pass through
//! this memory.

mod arguments;
mod chunks;
mod context;
mod exports;
mod groups;
mod identity;
mod key;
mod level;
mod meanings;
mod open;
mod provenance;
mod reexported;
mod segments;
mod share;
mod similar;
mod unnamed;
mod wrapper;

pub use key::emit_key;
pub use provenance::{Ingredient, Inspection, Provenance};

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::compose::{Graph, NodeIndex};
use crate::generated_ids::made_for;
use crate::shape_phase::Export;
use crate::strip::{Form, Forms, restore};
use compositor_diagnostic::index::{Idx, IndexVec};
use compositor_diagnostic::{Diagnostic, Digest, Error, Rule};
use compositor_host::{Host, Import, Segment};
use compositor_plan::graph::of_component;
use compositor_plan::{ComponentIndex, Decided, Place};
use compositor_wasm::write::types::InstanceIndex;
use compositor_wasm::{Extern, Shapes, World, modules_and_components};
use context::Enclosed;
use groups::{Encoded, encode_level};
use level::{Argument, Embedded, Exported, Level, LevelInstance, Payload, UnitIndex};
use share::Shared;

/// A composed plan in the blob store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// sha-256 of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The plan it was made from.
    pub plan_id: Digest,
    /// The key it is cached under.
    pub emit_key: Digest,
    /// Whether it came from the emit cache.
    pub cached: bool,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
    /// What its components get for imports that nothing binds.
    pub decided: Vec<Decided>,
    /// Its imports that functions come through.
    pub imports: Vec<Import>,
}

/// A graph that has been encoded and validated; what is left is to write it.
pub struct Sealed {
    provenance: Provenance,
    segments: Vec<Segment>,
    /// Modules and components through all nesting, with the artifact itself.
    pub modules_and_components: usize,
    /// The artifact's imports that functions come through, in order.
    pub imports: Vec<Import>,
    /// What the artifact imports and exports.
    pub world: World,
    /// The structures of that.
    pub shapes: Shapes,
    /// The artifact's import for each open import of a component.
    pub settled: BTreeMap<String, String>,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
}

/// Why a graph cannot be sealed.
pub enum Unsealed {
    /// What was found.
    Found(Vec<Diagnostic>),
    /// It has at least so many modules and components, through all nesting, which the
    /// validator does not take.
    TooMany(usize),
}

/// Encodes a graph and validates the result, which has its components in these forms:
/// the dry link.
pub fn seal(graph: &Graph, forms: &Forms, emit_key: Digest) -> Result<Sealed, Unsealed> {
    let mut conflicts = open::conflicts(&graph.plan);
    if conflicts.is_empty() {
        conflicts = meanings::meanings(&graph.plan);
    }
    if !conflicts.is_empty() {
        return Err(Unsealed::Found(conflicts));
    }
    let mut findings = Vec::new();
    let (settled, options) = open::settle(&graph.plan, &mut findings);
    let similar = similar::similar(&graph.plan, &settled);
    if !similar.is_empty() {
        return Err(Unsealed::Found(similar));
    }
    let mut shapes = graph.plan.shapes().afresh();
    let mut level =
        level(graph, forms, &settled, &mut shapes).map_err(|error| Unsealed::Found(vec![error]))?;
    level.options = Rc::new(options);
    let counts = level.units().map(|unit| unit.modules_and_components);
    let least = 1 + counts.sum::<usize>();
    let uncounted = |error: Diagnostic| match error.message.contains(TOO_MANY) {
        true => Unsealed::TooMany(least),
        false => Unsealed::Found(vec![error]),
    };
    let Encoded {
        enclosed,
        segments,
        modules_and_components,
        ..
    } = encode_level(level, shapes).map_err(uncounted)?;
    let (world, shapes) = validate(graph, &enclosed).map_err(uncounted)?;
    let provenance = Provenance::of(graph.plan.plan(), forms, emit_key);
    Ok(Sealed {
        segments: with_metadata(&provenance, segments),
        modules_and_components,
        provenance,
        imports: world.given(),
        world,
        shapes,
        settled,
        findings,
    })
}

/// Writes a sealed graph to the blob store.
pub fn write(
    sealed: &Sealed,
    graph: &Graph,
    forms: &Forms,
    host: Host<'_>,
) -> Result<Artifact, Vec<Diagnostic>> {
    let splice = || splice(sealed, graph, forms, host).map_err(|error| vec![error]);
    let digest = match splice() {
        Err(_) if restore(graph, forms, host)? => splice()?,
        done => done?,
    };
    let emit_key = sealed.provenance.emit_key;
    // Only a shortcut: without it the artifact is written again.
    let _ = host.blobs.record_key(&emit_key, &digest);
    Ok(Artifact {
        digest,
        size: segments::size(&sealed.segments),
        plan_id: sealed.provenance.plan_id,
        emit_key,
        cached: false,
        findings: Vec::new(),
        decided: Vec::new(),
        imports: sealed.imports.clone(),
    })
}

fn splice(
    sealed: &Sealed,
    graph: &Graph,
    forms: &Forms,
    host: Host<'_>,
) -> Result<Digest, Diagnostic> {
    let failed = |error: Error| Diagnostic::of_host(error, Place::Plan);
    let mut writer = host.blobs.derive().map_err(failed)?;
    for segment in &sealed.segments {
        match segment {
            Segment::Bytes(bytes) => writer.write(bytes).map_err(failed)?,
            Segment::Blob(digest, size) => {
                let done = writer.splice(digest, 0, *size);
                done.map_err(|error| {
                    of_component(error, graph.plan.plan(), forms.component_of(digest))
                })?;
            }
        }
    }
    writer.finish().map_err(failed)
}

/// The artifact that the emit cache has of a graph. Nothing is believed of it: it
/// has to be what would be written, the sealed segments with the components in
/// their places, which the store proves in one pass over it. What is not, or cannot
/// be read, is written anew.
pub fn cached(sealed: &Sealed, host: Host<'_>) -> Option<Artifact> {
    let emit_key = sealed.provenance.emit_key;
    let digest = host.blobs.find_key(&emit_key).ok()??;
    let is_held = host.blobs.holds(&digest, &sealed.segments).ok()?;
    is_held.then(|| Artifact {
        digest,
        size: segments::size(&sealed.segments),
        plan_id: sealed.provenance.plan_id,
        emit_key,
        cached: true,
        findings: Vec::new(),
        decided: Vec::new(),
        imports: sealed.imports.clone(),
    })
}

/// The outermost level: the graph's instances, with names settled.
fn level(
    graph: &Graph,
    forms: &Forms,
    imports: &BTreeMap<String, String>,
    shapes: &mut Shapes,
) -> Result<Level, Diagnostic> {
    let plan = &graph.plan;
    let shared = Shared::of(plan.generated().iter(), shapes)
        .map_err(|error| failed(format!("what is made for it is invalid: {error}")))?;
    let mut units: Vec<Embedded> = Vec::new();
    let mut unit_of = HashMap::new();
    let mut instance_of: HashMap<NodeIndex, InstanceIndex> = HashMap::new();
    let mut instances = IndexVec::default();
    let components = plan.plan().indexed_components();
    let component_of: HashMap<&str, ComponentIndex> = components
        .map(|(index, component)| (component.id.as_str(), index))
        .collect();
    for (node, instance) in graph.instances.enumerated() {
        if !plan.reaches(&instance.id) {
            continue;
        }
        let part = plan.part(instance.part);
        // Components that differ in what was left out alone are one.
        let form = (!plan.is_generated(instance.part)).then(|| forms.of(part));
        let bytes = form.map_or(Err(instance.part), |form| Ok(form.digest));
        let unit = *unit_of.entry(bytes).or_insert_with(|| {
            let (payload, count) = match form {
                None => {
                    let bytes = shared.payload(part);
                    let count = modules_and_components(&bytes);
                    (Payload::Segments(vec![Segment::Bytes(bytes)]), count)
                }
                Some(Form { digest, size }) => {
                    let count = part.world.modules_and_components;
                    (Payload::Blob(digest, size), count)
                }
            };
            units.push(Embedded {
                name: instance.id.clone(),
                skeleton: part.skeleton.clone(),
                world: part.world.clone(),
                ty: None,
                payload,
                modules_and_components: count,
            });
            UnitIndex::new(shared.units.len() + units.len() - 1)
        });
        let given: HashMap<&str, (InstanceIndex, &String)> = instance
            .arguments
            .iter()
            .map(|(import, provider, export)| (import.as_str(), (instance_of[provider], export)))
            .collect();
        let arguments = part.world.imports.iter().map(|import| {
            let open = plan.open().get(&import.name);
            let asks = open.is_some_and(|open| open.consumers.binary_search(&instance.id).is_ok());
            match (given.get(import.name.as_str()), asks) {
                (Some((provider, export)), _) => Argument::Instance(*provider, (*export).clone()),
                (None, true) => Argument::Open(imports[&import.name].clone()),
                (None, false) => Argument::Settled,
            }
        });
        let component = component_of.get(made_for(&instance.id)).copied();
        let placed = instances.push(LevelInstance {
            name: instance.id.clone(),
            // What is made for several components is nowhere in particular.
            pointer: component.map_or(Place::Plan, Place::Component).into(),
            unit,
            arguments: arguments.collect(),
        });
        instance_of.insert(node, placed);
    }
    let nodes = graph.instances.enumerated();
    let by_id: HashMap<&str, InstanceIndex> = nodes
        .filter_map(|(node, instance)| Some((instance.id.as_str(), *instance_of.get(&node)?)))
        .collect();
    let exported = |export: &Export| {
        let found = plan.world(&export.component).export(&export.name);
        found.map(Extern::options).unwrap_or_default()
    };
    let exports = plan.exports().iter().map(|export| Exported {
        name: export.name.clone(),
        instance: by_id[export.component.as_str()],
        export: export.name.clone(),
        options: exported(export),
    });
    Ok(Level {
        outermost: true,
        exports: exports.collect(),
        own: units,
        instances,
        options: Rc::default(),
        shared: shared.units,
    })
}

/// Validates the wrapper, which checks every argument's type and every
/// resource's identity, and holds its imports and exports to what the graph
/// says; returns its world, and the structures of that.
fn validate(graph: &Graph, enclosed: &Enclosed) -> Result<(World, Shapes), Diagnostic> {
    let mut shapes = graph.plan.shapes().afresh();
    let world =
        World::of_enclosed(&enclosed.bytes, enclosed.depth, &mut shapes).map_err(|error| {
            let known = arguments::finding(graph).or_else(|| unnamed::finding(graph));
            known.unwrap_or_else(|| failed(error.to_string()))
        })?;
    let exports: Vec<&str> = world.exports.iter().map(|e| e.name.as_str()).collect();
    let asked = graph.plan.exports().iter();
    let asked: Vec<&str> = asked.map(|export| export.name.as_str()).collect();
    if exports != asked {
        return Err(failed(format!("it exports {exports:?} and not {asked:?}")));
    }
    Ok((world, shapes))
}

/// What the validator says of more modules and components than it takes.
const TOO_MANY: &str = "modules and components count exceeds";

/// What the validator says of an import or export that is made of a type without
/// a name around it.
const NAMELESS: &str = "not valid to be used as";

/// That a component is invalid although everything was found to fit.
fn failed(why: String) -> Diagnostic {
    if why.contains(NAMELESS) {
        let message = format!(
            "what the artifact imports or exports is made of a type that has no name there: {why}"
        );
        let help = "export the interface that the type is from as well (\"explicit_exports\"), or \
                    leave that interface open (\"imports\")";
        return Diagnostic::error(Rule::UnnamedType, message, help);
    }
    let message = format!("the composed component is invalid: {why}");
    let help = "report this with the plan and its components: every binding was found to fit";
    Diagnostic::error(Rule::InvalidComposition, message, help)
}

/// Puts provenance behind the header and the producers section at the end.
fn with_metadata(provenance: &Provenance, mut segments: Vec<Segment>) -> Vec<Segment> {
    const HEADER: usize = 8;
    if let Some(Segment::Bytes(bytes)) = segments.first_mut() {
        bytes.splice(HEADER..HEADER, provenance.section());
    }
    let mut producers = wasm_encoder::ProducersSection::new();
    let mut field = wasm_encoder::ProducersField::new();
    let (name, version) = ("compositor", env!("CARGO_PKG_VERSION"));
    field.value(name, version);
    producers.field("processed-by", &field);
    let mut section = vec![0];
    wasm_encoder::Encode::encode(&producers, &mut section);
    if let Some(Segment::Bytes(bytes)) = segments.last_mut() {
        bytes.extend(section);
    }
    segments
}

//! The composition graph: instances of the plan's components and what is
//! passed to them.
//!
//! `wac-graph` builds the graph and checks each argument against what the
//! instance asks for, a second opinion beside the shape phase. Nothing here
//! leaves an import to wac's own merging, which is exponential in chained
//! `use`s, and its encoder is not called: [`crate::emit`] writes the graph.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use wac_graph::{CompositionGraph, NodeId};
use wac_types::Package;

use crate::diagnostic::Diagnostic;
use crate::emit::of_component;
use crate::error::{Code, Error};
use crate::order::sort;
use crate::resolve::{Part, ResolvedPlan};
use crate::shape_phase::ShapedPlan;

/// A composed plan, not yet written.
pub struct Graph {
    /// The plan.
    pub shaped: ShapedPlan,
    /// Providers before consumers.
    pub instances: Vec<Instance>,
}

/// A component of the plan, instantiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The plan's id of it.
    pub id: String,
    /// The index of its part.
    pub part: usize,
    /// Import name, and the index of the instance and the export that is passed.
    pub arguments: Vec<(String, usize, String)>,
}

/// Builds the graph of a shaped plan.
pub fn compose(shaped: ShapedPlan) -> Result<Graph, Vec<Diagnostic>> {
    let mut graph = CompositionGraph::new();
    let resolved = &shaped.resolved;
    let mut packages = Vec::with_capacity(resolved.parts.len());
    // Parts of one world are one package.
    let mut registered = HashMap::new();
    for part in &resolved.parts {
        let package = match registered.entry(Rc::as_ptr(&part.world)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let package = register(&mut graph, part);
                *new.insert(package.map_err(|why| vec![unfit(resolved, part, &why)])?)
            }
        };
        packages.push(package);
    }
    let mut nodes: HashMap<&str, NodeId> = HashMap::new();
    let mut ids: HashMap<NodeId, &str> = HashMap::new();
    for id in resolved.valid.order() {
        let node = graph.instantiate(packages[resolved.part_index(id)]);
        graph.set_node_name(node, id.as_str());
        nodes.insert(id, node);
        ids.insert(node, id);
    }
    let mut findings = Vec::new();
    for link in &shaped.links {
        let (consumer, provider) = (nodes[link.consumer.as_str()], nodes[link.provider.as_str()]);
        let done = graph
            .alias_instance_export(provider, &link.export)
            .map_err(|error| error.to_string())
            .and_then(|argument| {
                graph
                    .set_instantiation_argument(consumer, &link.import, argument)
                    .map_err(|error| chain(&error))
            });
        if let Err(why) = done {
            let message = format!(
                "export {:?} of {:?} cannot be passed as {:?} to {:?}: {why}",
                link.export, link.provider, link.import, link.consumer
            );
            let help = "bind it to a component with the same types, or rebuild one side";
            let error = Diagnostic::error(Code::EmitLinkError, message, help);
            findings.push(match link.binding {
                Some(index) => error.at(format!("/bindings/{index}/export_name")),
                None => error,
            });
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let instances = read_back(&graph, &shaped, &nodes, &ids);
    drop((nodes, ids));
    Ok(Graph { shaped, instances })
}

fn register(graph: &mut CompositionGraph, part: &Part) -> Result<wac_graph::PackageId, String> {
    let bytes = part.skeleton.to_vec();
    let package = Package::from_bytes(&part.digest.hex(), None, bytes, graph.types_mut())
        .map_err(|error| format!("{error:#}"))?;
    let registered = graph.register_package(package);
    registered.map_err(|error| error.to_string())
}

fn unfit(resolved: &ResolvedPlan, part: &Part, why: &str) -> Diagnostic {
    let error = Error {
        code: Code::EmitCompositionFailed,
        message: format!("it cannot be composed: {why}"),
        context: None,
    };
    let finding = of_component(error, resolved.valid.plan(), &part.digest);
    let help = "name a component whose imports and exports WIT can describe".to_string();
    Diagnostic { help, ..finding }
}

/// What the graph holds, in the plan's words. Emission reads the graph and
/// not the bindings, so that what was checked is what is written.
fn read_back(
    graph: &CompositionGraph,
    shaped: &ShapedPlan,
    nodes: &HashMap<&str, NodeId>,
    ids: &HashMap<NodeId, &str>,
) -> Vec<Instance> {
    let resolved = &shaped.resolved;
    let order = resolved.valid.order();
    let index: HashMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), i))
        .collect();
    let instance = |id: &String| {
        let arguments = graph.get_instantiation_arguments(nodes[id.as_str()]);
        let mut arguments: Vec<_> = arguments
            .filter_map(|(import, alias)| {
                let (provider, export) = graph.get_alias_source(alias)?;
                let provider = index[ids[&provider]];
                Some((import.to_string(), provider, export.to_string()))
            })
            .collect();
        sort(&mut arguments);
        Instance {
            id: id.clone(),
            part: resolved.part_index(id),
            arguments,
        }
    };
    order.iter().map(instance).collect()
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

//! A plan composed by wac-graph, with its own encoder and merging of imports.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use compositor_core::Digest;
use test_generate::Composition;
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};
use wac_types::Package;
use wasmparser::{Validator, WasmFeatures};

/// Why there is nothing to compare with.
#[derive(Debug)]
pub enum Failure {
    /// It says that it cannot.
    Refuses,
    /// It panics.
    Panics,
    /// What it makes does not validate.
    Invalid,
}

/// Composes a plan.
pub fn compose(composition: &Composition) -> Result<Vec<u8>, Failure> {
    let composed = catch_unwind(AssertUnwindSafe(|| graph(composition)));
    let bytes = composed
        .map_err(|_| Failure::Panics)?
        .ok_or(Failure::Refuses)?;
    let validated = Validator::new_with_features(WasmFeatures::default()).validate_all(&bytes);
    match validated {
        Ok(_) => Ok(bytes),
        Err(_) => Err(Failure::Invalid),
    }
}

fn graph(composition: &Composition) -> Option<Vec<u8>> {
    let plan = &composition.plan;
    let mut graph = CompositionGraph::new();
    let mut packages: HashMap<Digest, PackageId> = HashMap::new();
    for (number, (digest, bytes)) in composition.blobs.iter().enumerate() {
        let name = format!("local:p{number}");
        let package = Package::from_bytes(&name, None, bytes.clone(), graph.types_mut()).ok()?;
        packages.insert(*digest, graph.register_package(package).ok()?);
    }
    let mut instances: HashMap<&str, NodeId> = HashMap::new();
    for component in &plan.components {
        let package = packages[&composition.digest(&component.id)];
        instances.insert(&component.id, graph.instantiate(package));
    }
    for binding in &plan.bindings {
        let provider = instances[binding.provider.as_str()];
        let export = graph
            .alias_instance_export(provider, &binding.export_name)
            .ok()?;
        let consumer = instances[plan.consumer_of(binding)];
        graph
            .set_instantiation_argument(consumer, &binding.import_name, export)
            .ok()?;
    }
    let of_root = composition.exports[&plan.root].iter();
    let of_root = of_root.map(|name| (plan.root.as_str(), name.as_str()));
    let explicit = plan.explicit_exports.iter();
    let explicit = explicit.map(|e| (e.source_instance.as_str(), e.interface_name.as_str()));
    for (id, name) in of_root.chain(explicit) {
        let export = graph.alias_instance_export(instances[id], name).ok()?;
        graph.export(export, name).ok()?;
    }
    let options = EncodeOptions {
        validate: false,
        ..EncodeOptions::default()
    };
    graph.encode(options).ok()
}

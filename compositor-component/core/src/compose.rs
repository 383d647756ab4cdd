//! The composition graph: instances of the plan's components and what is
//! passed to them.
//!
//! Each argument was checked by the shape phase; the encoded graph is validated
//! as a whole, which is the second opinion. [`crate::emit`] writes the graph.

use std::collections::HashMap;

use crate::enforce::EnforcedPlan;
use crate::resolve::PartIndex;
use compositor_diagnostic::index::IndexVec;
use compositor_diagnostic::indices;
use compositor_diagnostic::order::sort;

indices! {
    /// An instance of a graph.
    pub struct NodeIndex;
}

/// A composed plan, not yet written.
pub struct Graph {
    /// The plan.
    pub plan: EnforcedPlan,
    /// Providers before consumers.
    pub instances: IndexVec<NodeIndex, Instance>,
}

/// A component of the plan, instantiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The plan's id of it.
    pub id: String,
    /// The index of its part.
    pub part: PartIndex,
    /// Import name, and the index of the instance and the export that is passed.
    pub arguments: Vec<(String, NodeIndex, String)>,
}

/// Builds the graph of a plan whose policy is enforced.
pub fn compose(plan: EnforcedPlan) -> Graph {
    let order = plan.order();
    let mut instances: IndexVec<NodeIndex, Instance> = order
        .iter()
        .map(|id| Instance {
            id: id.clone(),
            part: plan.part_index(id),
            arguments: Vec::new(),
        })
        .collect();
    let ids = instances.indices().zip(order);
    let index: HashMap<&str, NodeIndex> = ids.map(|(index, id)| (id.as_str(), index)).collect();
    for link in plan.links() {
        let consumer = &mut instances[index[link.consumer.as_str()]];
        let provider = index[link.provider.as_str()];
        let argument = (link.import.clone(), provider, link.export.clone());
        consumer.arguments.push(argument);
    }
    for instance in &mut instances {
        sort(&mut instance.arguments);
    }
    drop(index);
    Graph { plan, instances }
}

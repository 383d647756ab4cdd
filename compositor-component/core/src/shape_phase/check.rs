//! The phase's checks, in order.

use super::shaped::ShapedPlan;
use super::shared::SharedResources;
use super::{exports, links, open, owners, worlds};
use crate::host_policy::HostPolicy;
use crate::resolve::ResolvedPlan;
use compositor_diagnostic::{Diagnostic, Findings};
use compositor_plan::graph;

/// Checks every binding and every import.
pub fn check(
    resolved: ResolvedPlan,
    policy: &HostPolicy,
) -> Result<(ShapedPlan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::default();
    worlds::check(&resolved, &mut findings);
    let (links, bound) = links::links(&resolved, &mut findings);
    let exports = exports::exports(&resolved, &mut findings);
    graph::unreached(&resolved.valid, &mut findings);
    let open = open::open(&resolved, policy, &bound, &exports, &mut findings);
    let shared = match findings.failed() {
        true => SharedResources::default(),
        false => owners::check(&resolved, &links, &mut findings),
    };
    let findings = findings.end()?;
    let shaped = ShapedPlan {
        resolved,
        links,
        open,
        exports,
        shared,
    };
    Ok((shaped, findings))
}

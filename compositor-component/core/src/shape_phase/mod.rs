//! The shape phase: every component has the world that the plan says it has,
//! every binding's two sides exist and fit, every import has a provider or
//! leave to stay open. All mismatches are reported at once,
//! with the WIT of both sides where they differ.

mod exports;
mod links;
mod open;
mod owners;
mod same;
mod worlds;

pub use links::{Side, mismatch};
pub use owners::{Asked, check_open};

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::findings::Findings;
use crate::graph;
use crate::host_policy::HostPolicy;
use crate::lists::some_of;
use crate::resolve::ResolvedPlan;
use crate::suggest;
use crate::wasm::Extern;

/// A resolved plan whose bindings fit.
pub struct ShapedPlan {
    /// The plan.
    pub resolved: ResolvedPlan,
    /// Bindings by the names that the components themselves use.
    pub links: Vec<Link>,
    /// Imports that stay open, by name.
    pub open: BTreeMap<String, Open>,
    /// Exports of the artifact, in order.
    pub exports: Vec<Export>,
    /// Resources of open imports that bindings make one.
    pub shared: Vec<(Asked, Asked)>,
}

/// A binding whose two sides exist and fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The importing component.
    pub consumer: String,
    /// Its import, as it calls it.
    pub import: String,
    /// The exporting component.
    pub provider: String,
    /// Its export, as it calls it.
    pub export: String,
    /// The index of its binding in the plan; none when the policy made it.
    pub binding: Option<usize>,
}

/// An export of the artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The component that gives it.
    pub component: String,
    /// Its name, there and in the artifact.
    pub name: String,
}

/// An import that stays open in the artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Who asks for it.
    pub consumers: Vec<String>,
    /// Who is to give it.
    pub left_to: LeftTo,
}

/// Who is to give an import that stays open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftTo {
    /// Nobody needs to: it is types alone, which other imports or exports name.
    #[default]
    Nobody,
    /// The host, as its policy has it.
    Host,
    /// Whoever uses the artifact: the plan's `imports` lists it.
    Plan,
}

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
        true => Vec::new(),
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

/// A component that has no import or export of a name.
fn lacks(what: &str, name: &str, has: &[Extern]) -> Diagnostic {
    let names = || has.iter().map(|e| e.name.as_str());
    let help = match suggest::nearest(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "name one that it has".to_string(),
    };
    let has = match has.is_empty() {
        true => "it has none".to_string(),
        false => some_of(names()),
    };
    Diagnostic::error(Code::EmitLinkError, format!("{what} {name:?}"), help)
        .found(format!("{name:?}"))
        .expected(has)
}

//! A plan whose bindings fit.

use std::collections::BTreeMap;

use super::shared::SharedResources;
use crate::policy::LeftTo;
use crate::resolve::ResolvedPlan;
use compositor_plan::BindingIndex;

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
    pub shared: SharedResources,
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
    /// Its binding in the plan; none when the policy made it.
    pub binding: Option<BindingIndex>,
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

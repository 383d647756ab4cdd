//! Places in a plan, which findings are about, and the one way in which they are written:
//! as RFC 6901 pointers.

use std::fmt;

use crate::index::{BindingIndex, ComponentIndex};
use crate::table::Shape;
use crate::types::Plan;
use compositor_diagnostic::index::Idx as _;

/// A place in a plan. What is in a list goes by its index there, and a field by the name
/// that the table of fields has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The plan as a whole.
    Plan,
    /// The id of the root.
    Root,
    /// The list of components.
    Components,
    /// A component.
    Component(ComponentIndex),
    /// A field of a component.
    ComponentField(ComponentIndex, &'static str),
    /// A binding.
    Binding(BindingIndex),
    /// A field of a binding.
    BindingField(BindingIndex, &'static str),
    /// The list of explicit exports.
    ExplicitExports,
    /// An explicit export.
    ExplicitExport(usize),
    /// A field of an explicit export.
    ExplicitExportField(usize, &'static str),
    /// An import that may stay open.
    Import(usize),
    /// The list of secrets.
    Secrets,
    /// A secret.
    Secret(usize),
    /// The policy.
    Policy,
    /// A field of the policy.
    PolicyField(&'static str),
    /// A list of the policy's rules.
    Rules(RuleList),
    /// A rule of the policy.
    Rule(RuleList, usize),
    /// A field of a rule of the policy.
    RuleField(RuleList, usize, &'static str),
    /// One of the components that a rule of the policy is for.
    RuleComponent(RuleList, usize, usize),
}

/// A list of a policy's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleList {
    /// What is asked for.
    Capabilities,
    /// What the plan does without.
    Denials,
}

impl RuleList {
    /// Its name in the plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Capabilities => "capabilities",
            Self::Denials => "denials",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => Ok(()),
            Self::Root => write!(f, "/root"),
            Self::Components => write!(f, "/components"),
            Self::Component(at) => write!(f, "/components/{}", at.index()),
            Self::ComponentField(at, field) => write!(f, "/components/{}/{field}", at.index()),
            Self::Binding(at) => write!(f, "/bindings/{}", at.index()),
            Self::BindingField(at, field) => write!(f, "/bindings/{}/{field}", at.index()),
            Self::ExplicitExports => write!(f, "/explicit_exports"),
            Self::ExplicitExport(at) => write!(f, "/explicit_exports/{at}"),
            Self::ExplicitExportField(at, field) => write!(f, "/explicit_exports/{at}/{field}"),
            Self::Import(at) => write!(f, "/imports/{at}"),
            Self::Secrets => write!(f, "/secrets"),
            Self::Secret(at) => write!(f, "/secrets/{at}"),
            Self::Policy => write!(f, "/policy"),
            Self::PolicyField(field) => write!(f, "/policy/{field}"),
            Self::Rules(list) => write!(f, "/policy/{}", list.name()),
            Self::Rule(list, at) => write!(f, "/policy/{}/{at}", list.name()),
            Self::RuleField(list, at, field) => write!(f, "/policy/{}/{at}/{field}", list.name()),
            Self::RuleComponent(list, at, of) => {
                write!(f, "/policy/{}/{at}/components/{of}", list.name())
            }
        }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        let pointer = place.to_string();
        debug_assert!(leads_somewhere(&pointer), "no plan has {pointer:?}");
        pointer
    }
}

/// Whether a plan can have something there, by the table of its fields.
fn leads_somewhere(pointer: &str) -> bool {
    let whole = Shape::Object("the plan", Plan::FIELDS);
    let mut shape = &whole;
    for token in pointer.split('/').skip(1) {
        let inner = match shape {
            Shape::Object(_, fields) => {
                let field = fields.iter().find(|field| field.name == token);
                field.map(|field| &field.shape)
            }
            Shape::List { item, .. } => token.parse::<usize>().ok().map(|_| *item),
            Shape::Plain(_) | Shape::Digest(_) | Shape::OneOf(_) => None,
        };
        let Some(inner) = inner else { return false };
        shape = inner;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writing any of these checks it against the table.
    #[test]
    fn places_are_those_of_the_table() {
        let (component, binding) = (ComponentIndex::new(7), BindingIndex::new(8));
        let of_rules = [RuleList::Capabilities, RuleList::Denials].map(|list| {
            [
                Place::Rules(list),
                Place::Rule(list, 5),
                Place::RuleField(list, 5, "name"),
                Place::RuleComponent(list, 5, 6),
            ]
        });
        let places = [
            Place::Plan,
            Place::Root,
            Place::Components,
            Place::Component(component),
            Place::ComponentField(component, "id"),
            Place::Binding(binding),
            Place::BindingField(binding, "consumer_id"),
            Place::ExplicitExports,
            Place::ExplicitExport(1),
            Place::ExplicitExportField(1, "interface_name"),
            Place::Import(2),
            Place::Secrets,
            Place::Secret(3),
            Place::Policy,
            Place::PolicyField("determinism"),
        ];
        for place in places.into_iter().chain(of_rules.into_iter().flatten()) {
            assert_eq!(String::from(place), place.to_string());
        }
        let place = Place::RuleComponent(RuleList::Denials, 5, 6);
        assert_eq!(place.to_string(), "/policy/denials/5/components/6");
    }

    #[test]
    fn what_no_plan_has_leads_nowhere() {
        for pointer in [
            "/components/id",
            "/components/0/import_name",
            "/bindings/0/world",
            concat!("/root", "/0"),
            "/policy/rules",
            "/components/",
        ] {
            assert!(!leads_somewhere(pointer), "{pointer}");
        }
    }
}

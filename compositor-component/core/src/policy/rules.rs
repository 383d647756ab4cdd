//! Rules by what they are about: which of them holds for an import takes as
//! long to find out among ten thousand as among ten.

use std::collections::HashMap;

use compositor_plan::names::{ImportName, Name, covering, split};

/// What rules say by their names, for all components or for some.
pub struct Rules<'a>(HashMap<Name<'a>, Named<'a>>);

/// Where the rules of one name are in their list; the later one holds.
#[derive(Default)]
struct Named<'a> {
    /// The one for all components.
    all: Option<usize>,
    /// Those for one each.
    own: HashMap<&'a str, usize>,
}

/// What a rule for one component has over one for all.
const OWN: u8 = 5;

impl<'a> Rules<'a> {
    /// Of a list of names, with the components that each is for; none means all.
    pub fn new(list: impl Iterator<Item = (&'a String, &'a Option<Vec<String>>)>) -> Self {
        let mut rules: HashMap<Name<'_>, Named<'_>> = HashMap::new();
        for (index, (name, components)) in list.enumerate() {
            let named = rules.entry(split(name)).or_default();
            match components {
                None => named.all = Some(index),
                Some(ids) => named.own.extend(ids.iter().map(|id| (id.as_str(), index))),
            }
        }
        Self(rules)
    }

    /// The rule that says most precisely what it is about, of those that cover
    /// an import of a component: how precisely it does, and where it is.
    pub fn strongest(&self, component: &str, import: ImportName<'_>) -> Option<(u8, usize)> {
        if self.0.is_empty() {
            return None;
        }
        let covering = names(import).chain([(("*", None), 0)]);
        let strengths = covering.filter_map(|(name, precise)| {
            let named = self.0.get(&name)?;
            let own = named.own.get(component).map(|at| (OWN + precise, *at));
            own.or(named.all.map(|at| (precise, at)))
        });
        strengths.max()
    }

    /// Whether a rule names an import of a component; `*` names none.
    pub fn names(&self, component: &str, import: ImportName<'_>) -> bool {
        let mut named = names(import).filter_map(|(name, _)| self.0.get(&name));
        named.any(|named| named.all.is_some() || named.own.contains_key(component))
    }

    /// Whether a rule covers an import, for whatever component.
    pub fn are_about(&self, import: ImportName<'_>) -> bool {
        let covering = names(import).chain([(("*", None), 0)]);
        covering
            .into_iter()
            .any(|(name, _)| self.0.contains_key(&name))
    }

    /// Whether there is a rule of a name, for whatever component.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(&split(name))
    }
}

/// The names that cover an import: those of its interface, and its own.
pub fn names(import: ImportName<'_>) -> impl Iterator<Item = (Name<'_>, u8)> {
    covering(import.interface).chain([(split(import.name), 1)])
}

//! Rules by what they are about: which of them holds for an import takes as
//! long to find out among ten thousand as among ten.

use std::collections::HashMap;

/// A package or an interface, and the version that it is said with.
type Name<'a> = (&'a str, Option<&'a str>);

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
    pub fn strongest(&self, component: &str, import: &str) -> Option<(u8, usize)> {
        if self.0.is_empty() {
            return None;
        }
        let covering = covering(import).chain([(("*", None), 0)]);
        let strengths = covering.filter_map(|(name, precise)| {
            let named = self.0.get(&name)?;
            let own = named.own.get(component).map(|at| (OWN + precise, *at));
            own.or(named.all.map(|at| (precise, at)))
        });
        strengths.max()
    }

    /// Whether a rule names an import of a component; `*` names none.
    pub fn names(&self, component: &str, import: &str) -> bool {
        let mut named = covering(import).filter_map(|(name, _)| self.0.get(&name));
        named.any(|named| named.all.is_some() || named.own.contains_key(component))
    }

    /// Whether a rule covers an import, for whatever component.
    pub fn are_about(&self, import: &str) -> bool {
        let covering = covering(import).chain([(("*", None), 0)]);
        covering
            .into_iter()
            .any(|(name, _)| self.0.contains_key(&name))
    }

    /// Whether there is a rule of a name, for whatever component.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(&split(name))
    }
}

/// Whether a name grants an import: a package, an interface, or the same with
/// a version; whether it is among those of [`covering`].
pub fn covers(name: &str, import: &str) -> bool {
    let (name, asked) = split(name);
    let Some(rest) = import.strip_prefix(name) else {
        return false;
    };
    let is_package = rest.starts_with('/') && !name.contains('/');
    let is_named = rest.is_empty() || rest.starts_with('@') || is_package;
    is_named && (asked.is_none() || asked == split(import).1)
}

/// The names that cover an import, each with how precise it is: the interface
/// before its package, and what has a version before what has none.
fn covering(import: &str) -> impl Iterator<Item = (Name<'_>, u8)> {
    let (interface, version) = split(import);
    let package = interface.split('/').next().unwrap_or(interface);
    let names = [
        (interface, version),
        (interface, None),
        (package, version),
        (package, None),
    ];
    // An import of no version has each name twice, which changes nothing.
    names.into_iter().map(|(name, version)| {
        let precise = 1 + u8::from(version.is_some()) + 2 * u8::from(name.contains('/'));
        ((name, version), precise)
    })
}

fn split(name: &str) -> Name<'_> {
    match name.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_is_among_the_names() {
        const NAMES: [&str; 12] = [
            "",
            "*",
            "a",
            "a:b",
            "a:b@1.0.0",
            "a:b@2.0.0",
            "a:b/c",
            "a:b/c@1.0.0",
            "a:b/cd",
            "a:bc",
            "a:b/c@1.0.0-x",
            "a:b@",
        ];
        for import in NAMES {
            let mut covered = 0;
            for name in NAMES {
                let is_among = covering(import).any(|(of, _)| of == split(name));
                assert_eq!(covers(name, import), is_among, "{name:?} {import:?}");
                covered += usize::from(is_among);
            }
            assert!(covered > 0, "{import:?} covers itself");
        }
    }
}

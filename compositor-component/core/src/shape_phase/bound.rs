//! Bindings by the imports that they are for.

use std::collections::HashMap;

use super::shaped::Link;

/// What is bound to each import of each component.
pub struct Bound<'a>(HashMap<(&'a str, &'a str), &'a Link>);

impl<'a> Bound<'a> {
    /// Those of a plan, of which an import has one.
    pub fn of(links: &'a [Link]) -> Self {
        let links = links.iter();
        let by_import = links.map(|link| ((link.consumer.as_str(), link.import.as_str()), link));
        Self(by_import.collect())
    }

    /// What is bound to an import of a component, by its id.
    pub fn to(&self, component: &str, import: &str) -> Option<&'a Link> {
        self.0.get(&(component, import)).copied()
    }
}

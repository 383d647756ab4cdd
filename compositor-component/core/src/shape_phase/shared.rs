//! Resources of open imports that are one, because a binding passes them.

use std::collections::HashMap;

use compositor_diagnostic::index::IndexVec;
use compositor_diagnostic::indices;

/// A resource that a component imports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceImport {
    /// The component.
    pub component: String,
    /// Its import.
    pub import: String,
    /// The export of the import that the resource is; none when the import is it.
    pub export: Option<String>,
}

indices! {
    /// One resource that several imports of components have.
    pub struct SharedIndex;
}

/// The resources that several imports have, each with all that have it.
#[derive(Default)]
pub struct SharedResources {
    index_of: HashMap<ResourceImport, SharedIndex>,
    /// None of one that turned out to be another.
    members: IndexVec<SharedIndex, Vec<ResourceImport>>,
}

impl SharedResources {
    /// Records that two imports have one resource.
    pub fn join(&mut self, one: ResourceImport, other: ResourceImport) {
        let [one, other] = [one, other].map(|member| self.index(member));
        if one == other {
            return;
        }
        // The smaller one moves, so that none moves often.
        let (to, from) = match self.members[one].len() < self.members[other].len() {
            true => (other, one),
            false => (one, other),
        };
        let moved = std::mem::take(&mut self.members[from]);
        for member in &moved {
            self.index_of.insert(member.clone(), to);
        }
        self.members[to].extend(moved);
    }

    fn index(&mut self, member: ResourceImport) -> SharedIndex {
        if let Some(index) = self.index_of.get(&member) {
            return *index;
        }
        let index = self.members.push(vec![member.clone()]);
        self.index_of.insert(member, index);
        index
    }

    /// The resource of an import, when others have it as well.
    pub fn of(&self, import: &ResourceImport) -> Option<SharedIndex> {
        self.index_of.get(import).copied()
    }

    /// The imports that have each of them.
    pub fn members(&self) -> &IndexVec<SharedIndex, Vec<ResourceImport>> {
        &self.members
    }
}

//! A core module of a component, by its digest.

use std::ops::Range;

/// A core module of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreModule {
    /// Its sha-256.
    pub digest: [u8; 32],
    /// Where it is in the component; where it is first, if it is there several
    /// times.
    pub range: Range<usize>,
}

impl CoreModule {
    /// What the wrapper imports it as. It is made of the digest, so one name is
    /// never two modules, and a wrapper's bytes say all of what it is made with.
    pub fn name(&self) -> String {
        let hex = self.digest.iter().map(|byte| format!("{byte:02x}"));
        std::iter::once("m".to_string()).chain(hex).collect()
    }
}

//! The two forms of the store, by the names of tests.

use std::fmt;
use std::path::Path;

use super::instance::Instance;
use super::{component, native};

/// The form of the store that a test is of.
#[derive(Clone, Copy)]
pub enum On {
    /// The component, in a sandbox.
    Component,
    /// The library, on the system itself.
    Native,
}

impl On {
    /// Both forms.
    pub const BOTH: [Self; 2] = [Self::Component, Self::Native];

    /// Opens the store in a folder, which is made.
    pub fn over(self, folder: &Path) -> Box<dyn Instance> {
        let mut instance = self.inside(folder);
        instance.open(".", true).expect("the store opens");
        instance
    }

    /// An instance in a folder, without an open store.
    pub fn inside(self, folder: &Path) -> Box<dyn Instance> {
        match self {
            Self::Component => Box::new(component::Instance::of_a_user(folder)),
            Self::Native => Box::new(native::Instance::new(folder)),
        }
    }
}

/// As modules of tests are named.
impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Component => "component",
            Self::Native => "native",
        })
    }
}

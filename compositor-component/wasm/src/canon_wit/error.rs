//! Why a component or package has no id.

use crate::WorldError;
use compositor_diagnostic::limits::at_most;

/// Why there is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitError {
    /// It does not start as a component does.
    #[error("{what}, not a component")]
    NotAComponent {
        /// What it is instead.
        what: &'static str,
    },
    /// A component that is not valid, or that is not read.
    #[error(transparent)]
    World(#[from] WorldError),
    /// A WIT package that does not hold what such packages hold.
    #[error("{name:?} is not an interface or world as WIT packages encode them")]
    Package {
        /// The export of the package.
        name: String,
    },
    /// Something that WIT cannot say.
    #[error("{name:?} {what}, which WIT cannot say")]
    Inexpressible {
        /// The import, export or type.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// More than an id is made of.
    #[error("its types are written out in too many values: {}", at_most(*most, "values", "wit-values"))]
    TooLarge {
        /// How many are allowed.
        most: usize,
    },
}

//! Why a blob cannot be scanned.

use compositor_diagnostic::Error;

/// Why a blob has no skeleton.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The store failed.
    #[error(transparent)]
    Blob(#[from] Error),
    /// It does not start as a component does.
    #[error("{what}, not a component")]
    NotAComponent {
        /// What it is instead.
        what: &'static str,
    },
    /// It ends inside something.
    #[error("it ends inside the item at byte {at}")]
    Truncated {
        /// Where the item starts.
        at: u64,
    },
    /// A part of it breaks a rule of WebAssembly.
    #[error("the part at byte {at} is invalid: {message}")]
    Invalid {
        /// Where the part starts.
        at: u64,
        /// The validator's word.
        message: String,
    },
    /// It exceeds a limit.
    #[error("{what} at byte {at}: {found}, at most {most} are allowed (limit `{name}`)")]
    Limit {
        /// What exceeds it.
        what: &'static str,
        /// The limit.
        name: &'static str,
        /// Where.
        at: u64,
        /// How much there is.
        found: u64,
        /// How much is allowed.
        most: u64,
    },
}

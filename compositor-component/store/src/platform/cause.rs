//! Why a step failed.

#[cfg(not(target_family = "wasm"))]
use std::borrow::Cow;
use std::fmt;

/// What people are told.
#[cfg(not(target_family = "wasm"))]
pub type Words = Cow<'static, str>;

/// What people are told.
#[cfg(target_family = "wasm")]
pub type Words = &'static str;

/// Why a step failed.
pub enum Cause {
    /// There is no such name.
    NoEntry,
    /// The name is there.
    Exist,
    /// For people to know.
    Other(Words),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEntry => "there is no such file or folder",
            Self::Exist => "it is already there",
            Self::Other(words) => words,
        })
    }
}

//! `--strip`: which custom sections of components are left out of an artifact.

use crate::answer::Failure;
use crate::bindings::sys::compose::emit::Strip;
use crate::invocation::Invocation;

/// What `--strip` says; none where it is not given.
pub fn given(invocation: &Invocation) -> Result<Option<Strip>, Failure> {
    let Some(word) = invocation.value("strip") else {
        return Ok(None);
    };
    let mut modes = [Strip::Debug, Strip::All].into_iter();
    match modes.find(|mode| name(*mode) == word) {
        Some(mode) => Ok(Some(mode)),
        None => {
            let message = format!("`--strip={word}` is neither `debug` nor `all`");
            Err(invocation.misuse(message))
        }
    }
}

/// The word for a mode.
pub fn name(mode: Strip) -> &'static str {
    match mode {
        Strip::Debug => "debug",
        Strip::All => "all",
    }
}

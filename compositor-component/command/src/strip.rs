//! `--strip`: which custom sections of components are left out of an artifact.

use crate::answer::Failure;
use crate::bindings::sys::compose::emit::Strip;
use crate::invocation::Invocation;

/// The modes, each with its word.
const MODES: [(&str, Strip); 2] = [("debug", Strip::Debug), ("all", Strip::All)];

/// What `--strip` says; none where it is not given.
pub fn given(invocation: &Invocation) -> Result<Option<Strip>, Failure> {
    let Some(word) = invocation.value("strip") else {
        return Ok(None);
    };
    match MODES.iter().find(|(known, _)| *known == word) {
        Some((_, mode)) => Ok(Some(*mode)),
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

//! Which folder the blobs and the trust are in.

use crate::answer::Failure;
use crate::args::Invocation;
use crate::bindings::sys::compose::store;
use crate::{files, paths};

/// Opens the store to read from it; one that is not there is empty.
pub fn open(invocation: &Invocation) -> Result<(), Failure> {
    Ok(store::open(&paths::anchor(&folder(invocation)), false)?)
}

/// Opens the store to write to it, and makes it when it is not there.
pub fn open_to_write(invocation: &Invocation) -> Result<(), Failure> {
    Ok(store::open(&paths::anchor(&folder(invocation)), true)?)
}

/// Which folder it is.
pub fn folder(invocation: &Invocation) -> String {
    if let Some(folder) = invocation.value("store") {
        return folder.to_string();
    }
    if let Some(folder) = paths::variable("COMPOSE_STORE") {
        return folder;
    }
    let is_folder = |path| paths::resolve(path).is_ok_and(|place| files::is_folder(&place));
    match is_folder(".compose") || !is_folder("blobs") {
        true => ".compose".to_string(),
        false => ".".to_string(),
    }
}

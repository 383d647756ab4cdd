//! Which folders the blobs and the user's state are in.

use compositor_diagnostic::Rule;
use wasip2::filesystem::types::ErrorCode as FileError;

use crate::answer::Failure;
use crate::bindings::sys::compose::store;
use crate::finding::Finding;
use crate::invocation::Invocation;
use crate::paths::Place;
use crate::{files, paths};

/// What hosts open the user's state folder as, in a sandbox.
const STATE: &str = "/state";

/// Opens the store to read from it; one that is not there is empty.
pub fn open(invocation: &Invocation) -> Result<(), Failure> {
    opened(invocation, false)
}

/// Opens the store to write to it, and makes it when it is not there.
pub fn open_to_write(invocation: &Invocation) -> Result<(), Failure> {
    opened(invocation, true)
}

/// Opens the store for what is kept in the user's state folder, and in no store.
pub fn open_with_state(invocation: &Invocation) -> Result<(), Failure> {
    match state(invocation) {
        Some(_) => open(invocation),
        None => Err(Finding::error(
            Rule::StateNotOpened,
            "trust is kept in a state folder of yours, and this host opened none",
        )
        .help(
            "open it as `/state`: `wasmtime run --dir . --dir ~/.local/state/compositor::/state \
             compositor.wasm …`; or name another that is open with `--state DIR`",
        )
        .into()),
    }
}

fn opened(invocation: &Invocation, create: bool) -> Result<(), Failure> {
    let state = state(invocation).map(|folder| paths::anchor(&folder));
    let folder = paths::anchor(&folder(invocation));
    Ok(store::open(&folder, state.as_deref(), create)?)
}

/// The user's state folder: the one that was named, or that the host opened as
/// `/state`, or the one of the user's home, as far as the host opened that.
pub fn state(invocation: &Invocation) -> Option<String> {
    if let Some(folder) = invocation.value("state") {
        return Some(folder.to_string());
    }
    if paths::is_opened(STATE) {
        return Some(STATE.to_string());
    }
    home_state()
}

/// All folders that are a state folder of the user's: the one that is used, and the
/// one of the home folder, where hosts keep the audit log in any case.
pub fn states(invocation: &Invocation) -> Vec<String> {
    state(invocation).into_iter().chain(home_state()).collect()
}

fn home_state() -> Option<String> {
    // A relative one is to be ignored, as its specification says.
    let states = paths::variable("XDG_STATE_HOME").filter(|path| path.starts_with('/'));
    let home = || paths::variable("HOME").filter(|path| path.starts_with('/'));
    let states = states.or_else(|| Some(paths::join(&home()?, ".local/state")))?;
    let state = paths::join(&states, "compositor");
    paths::resolve(&state).is_ok().then_some(state)
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

/// What a store without blobs has, the inmost first: folders that are empty, and files
/// that are made with them.
const EMPTY: [(&str, bool); 6] = [
    ("tmp", true),
    ("cache", true),
    ("blobs/sha256", true),
    ("blobs", true),
    ("index.json", false),
    ("oci-layout", false),
];

/// Where the store's folder would be, when nothing is there yet.
pub fn absent(invocation: &Invocation) -> Option<Place> {
    let place = paths::resolve(&folder(invocation)).ok()?;
    (!files::exists(&place)).then_some(place)
}

/// Takes a store away that was made for a question, unless somebody put something there
/// meanwhile: a folder that is not empty stays, and all that is above it.
pub fn unmake(place: &Place) {
    // What was kept there only saves time.
    let cache = Place {
        path: paths::join(&place.path, "cache"),
        given: paths::join(&place.given, "cache"),
        ..*place
    };
    for name in files::entries_at(&cache).unwrap_or_default() {
        let _ = cache
            .folder
            .unlink_file_at(&paths::join(&cache.path, &name));
    }
    for (name, is_folder) in EMPTY {
        let path = paths::join(&place.path, name);
        let gone = match is_folder {
            true => place.folder.remove_directory_at(&path),
            false => place.folder.unlink_file_at(&path),
        };
        if !matches!(gone, Ok(()) | Err(FileError::NoEntry)) {
            return;
        }
    }
    // Something else in it keeps it.
    let _ = place.folder.remove_directory_at(&place.path);
}

//! Folders of the user's.

use std::path::PathBuf;

/// `$XDG_STATE_HOME/compositor`: the state folder, where no other is named, and where the
/// audit log is in any case.
pub fn state_folder() -> Option<PathBuf> {
    user_folder("XDG_STATE_HOME", ".local/state").map(|state| state.join("compositor"))
}

/// A folder of the user's by its variable, or by its place in the home folder.
pub fn user_folder(variable: &str, place: &str) -> Option<PathBuf> {
    let path = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        // What is relative is to be ignored.
        path.filter(|path| path.is_absolute())
    };
    path(variable).or_else(|| path("HOME").map(|home| home.join(place)))
}

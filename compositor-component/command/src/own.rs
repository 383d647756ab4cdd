//! Files by what they are, and not by what they are called: whether two paths
//! lead to one, and whether one leads to what belongs to the store.

use std::cell::RefCell;
use std::collections::BTreeMap;

use wasip2::filesystem::types::PathFlags;

use crate::files::{LINKS, link};
use crate::invocation::Invocation;
use crate::paths::{self, Place};
use crate::store;

/// The folders of a store, which nobody else writes to or takes sources from.
const FOLDERS: [&str; 7] = [
    "blobs",
    "blobs/sha256",
    "cache",
    "tags",
    "tmp",
    "trust",
    "trust/sha256",
];

/// Its files beside them.
const FILES: [&str; 2] = ["index.json", "oci-layout"];

/// The folders of the user's state: whoever leads to one by another way than through
/// those above it comes to the same.
const STATE_FOLDERS: [&str; 5] = [".", "trust", "trust/sha256", "tmp", "audit"];

/// What a host knows a file or folder by: of the same one it is the same, by
/// whatever path or link.
pub type Identity = (u64, u64);

/// The identity of what a path leads to; none when nothing is there, or the
/// host does not say.
pub fn identity(place: &Place) -> Option<Identity> {
    let follow = PathFlags::SYMLINK_FOLLOW;
    let hash = place.folder.metadata_hash_at(follow, &place.path).ok()?;
    Some((hash.lower, hash.upper))
}

/// What a file is known by that may not be there: by whatever path or link a command
/// comes to it, it is the same.
#[derive(PartialEq, Eq)]
pub enum Known {
    /// It is there.
    There(Identity),
    /// Its folder is there, and this is its name.
    In(Identity, String),
    /// Its path in an opened folder, where the host tells nothing more.
    Path(&'static str, String),
}

/// What the file is known by that a path leads to, through links if need be.
pub fn known(mut place: Place) -> Known {
    if let Some(identity) = identity(&place) {
        return Known::There(identity);
    }
    // Nothing is there, or a link to nothing, which writing may make.
    for _ in 0..LINKS {
        match link(&place) {
            Ok(Some(next)) => place = next,
            _ => break,
        }
    }
    let folder = in_folder(&place, paths::parent(&place.path).to_string());
    match identity(&folder) {
        Some(folder) => Known::In(folder, paths::name(&place.path).to_string()),
        None => Known::Path(place.folder_name, place.path),
    }
}

/// Another path in the folder of a place.
fn in_folder(place: &Place, path: String) -> Place {
    Place {
        path,
        given: String::new(),
        ..*place
    }
}

/// What belongs to the store that a command uses, and all of the user's state.
pub struct Own {
    folders: Vec<Identity>,
    files: Vec<Identity>,
    /// All of them, which may not be there yet.
    places: Vec<Place>,
    /// Folders that were looked at, by their path: sources have few.
    known: RefCell<BTreeMap<String, bool>>,
}

impl Own {
    /// Of the store and the state folder of a command, as far as they are there.
    pub fn of(invocation: &Invocation) -> Self {
        let store = store::folder(invocation);
        let place = |path: String| paths::resolve(&path).ok();
        let in_store = |name: &&str| place(paths::join(&store, name));
        let states = store::states(invocation);
        let states = states.iter().flat_map(|state| {
            let names = STATE_FOLDERS.iter();
            names.filter_map(move |name| place(paths::join(state, name)))
        });
        let folders = FOLDERS.iter().filter_map(in_store).chain(states);
        let folders: Vec<Place> = folders.collect();
        let files: Vec<Place> = FILES.iter().filter_map(in_store).collect();
        Self {
            folders: folders.iter().filter_map(identity).collect(),
            files: files.iter().filter_map(identity).collect(),
            places: folders.into_iter().chain(files).collect(),
            known: RefCell::default(),
        }
    }

    /// Whether a path, or a link that stands there, leads into a folder of the
    /// store or to one of its files.
    pub fn holds(&self, place: &Place) -> bool {
        let mut place = Place {
            path: place.path.clone(),
            given: place.given.clone(),
            ..*place
        };
        for _ in 0..LINKS {
            if self.is_named(&place) || self.is_inside(&place) {
                return true;
            }
            match link(&place) {
                Ok(Some(next)) => place = next,
                // It is no link, or one that no host follows.
                _ => break,
            }
        }
        identity(&place).is_some_and(|file| self.files.contains(&file))
    }

    /// Whether it has a name of the store's, whatever is there.
    fn is_named(&self, place: &Place) -> bool {
        self.places.iter().any(|own| {
            let rest = place.path.strip_prefix(&own.path);
            own.folder_name == place.folder_name
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether a folder on the way is one of the store's.
    fn is_inside(&self, place: &Place) -> bool {
        let parent = paths::parent(&place.path);
        let key = format!("{}\0{parent}", place.folder_name);
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let ends = parent.match_indices('/').map(|(at, _)| at);
        let on_the_way = ends.chain([parent.len()]).map(|end| &parent[..end]);
        let is_own = |path: &str| {
            let folder = in_folder(place, path.to_string());
            identity(&folder).is_some_and(|folder| self.folders.contains(&folder))
        };
        let inside = std::iter::once(".").chain(on_the_way).any(is_own);
        self.known.borrow_mut().insert(key, inside);
        inside
    }
}

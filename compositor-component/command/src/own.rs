//! Files by what they are, and not by what they are called: whether two paths
//! lead to one, and whether one leads to what belongs to the store.

use std::cell::RefCell;
use std::collections::BTreeMap;

use wasip2::filesystem::types::{DescriptorType, PathFlags};

use crate::files::look;
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

/// How many links lead to a file at the most, as on most systems.
const LINKS: u32 = 40;

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
        let state = store::state(invocation).and_then(place);
        let folders = FOLDERS.iter().filter_map(in_store).chain(state);
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
            let is_link = look(&place, PathFlags::empty()) == Ok(DescriptorType::SymbolicLink);
            let link = is_link.then(|| place.folder.readlink_at(&place.path));
            match link {
                // `..` is what it is for the host.
                Some(Ok(link)) if !link.starts_with('/') => {
                    place.path = paths::join(paths::parent(&place.path), &link);
                }
                // No host follows another link.
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
            let folder = Place {
                path: path.to_string(),
                given: String::new(),
                ..*place
            };
            identity(&folder).is_some_and(|folder| self.folders.contains(&folder))
        };
        let inside = std::iter::once(".").chain(on_the_way).any(is_own);
        self.known.borrow_mut().insert(key, inside);
        inside
    }
}

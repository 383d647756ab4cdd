//! The store in a folder.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use crate::checked::Checked;
use crate::error::Error;
use crate::errors;
use crate::folder::Folder;
use crate::layout;
use crate::platform::Base;
use crate::progress::Watcher;
use crate::state::State;

/// An open store. Threads may share it.
pub struct Store {
    /// Its path, as the user gave it.
    pub(crate) path: String,
    /// None when the folder is not there, and was not to be made.
    root: Option<Arc<Folder>>,
    /// `blobs/sha256`.
    pub(crate) blobs: Part,
    /// `cache`.
    pub(crate) cache: Part,
    /// `tmp`.
    pub(crate) temporary: Part,
    /// The folder itself.
    pub(crate) top: Part,
    /// `tags`: what was kept of names.
    pub(crate) tags: Part,
    /// `trust/sha256`, where earlier versions kept what nobody believes any more.
    pub(crate) old_trust: Part,
    /// The user's state folder, where one is open.
    pub(crate) state: Option<State>,
    /// What is trusted while the store is open, in hexadecimal.
    pub(crate) assumed: Mutex<BTreeSet<String>>,
    /// Blobs that are open and were hashed.
    pub(crate) checked: Checked,
    /// Who is told of long work.
    pub(crate) watcher: Watcher,
}

/// A folder of the store, opened when it is first needed.
pub struct Part {
    names: &'static [&'static str],
    folder: OnceLock<Arc<Folder>>,
}

impl Store {
    /// Opens the store in a folder. It is made when `create` is set and it is
    /// not there; a folder that is not there reads as an empty store otherwise.
    /// What is believed without a check is in the user's state folder: without one
    /// nothing is trusted, and no record is believed or kept.
    ///
    /// # Errors
    /// `invalid-input` when a path is empty or, in a sandbox, out of reach, and
    /// when the state folder is not the user's alone; `blob-io-error` when a folder
    /// cannot be opened or made.
    pub fn open(path: &str, state: Option<&str>, create: bool) -> Result<Self, Error> {
        if path.is_empty() {
            let message = "the store's folder has an empty name".to_string();
            return Err(errors::invalid(message, None));
        }
        let (base, from_base) = Base::locate(path)?;
        let root = match create {
            true => Some(Folder::make(&base, &from_base, path, false)?),
            false => Folder::open(&base, &from_base, path)?,
        };
        let store = Self {
            path: path.to_string(),
            root: root.map(Arc::new),
            blobs: Part::new(&["blobs", "sha256"]),
            cache: Part::new(&["cache"]),
            temporary: Part::new(&["tmp"]),
            top: Part::new(&[]),
            tags: Part::new(&["tags"]),
            old_trust: Part::new(&["trust", "sha256"]),
            state: state.map(State::open).transpose()?,
            assumed: Mutex::default(),
            checked: Checked::default(),
            watcher: Watcher::default(),
        };
        if create && let Some(root) = &store.root {
            store.blobs.make(root)?;
            layout::complete(root, &store.temporary.make(root)?)?;
        }
        Ok(store)
    }

    /// From now on tells this one how far long work has come.
    #[cfg(not(target_family = "wasm"))]
    pub fn watch(&self, progress: Arc<dyn crate::progress::Progress>) {
        self.watcher.set(progress);
    }

    /// A part to read from; none when it is not there, which reads as empty.
    pub(crate) fn readable(&self, part: &Part) -> Result<Option<Arc<Folder>>, Error> {
        match &self.root {
            Some(root) => part.open(root),
            None => Ok(None),
        }
    }

    /// A part to write to, made if need be. There is no store without its
    /// blobs' folder, which only `open` makes.
    pub(crate) fn writable(&self, part: &Part) -> Result<Arc<Folder>, Error> {
        match &self.root {
            Some(root) if self.blobs.open(root)?.is_some() => part.make(root),
            _ => Err(errors::about_path(
                format!(
                    "there is no store in `{}`, or it has no folder `blobs/sha256`: \
                     open it with `create` set to make it",
                    self.path
                ),
                &self.path,
            )),
        }
    }
}

impl Part {
    const fn new(names: &'static [&'static str]) -> Self {
        let folder = OnceLock::new();
        Self { names, folder }
    }

    fn open(&self, root: &Arc<Folder>) -> Result<Option<Arc<Folder>>, Error> {
        if let Some(folder) = self.folder.get() {
            return Ok(Some(folder.clone()));
        }
        let mut folder = root.clone();
        for name in self.names {
            match folder.child(name)? {
                Some(child) => folder = Arc::new(child),
                None => return Ok(None),
            }
        }
        Ok(Some(self.keep(folder)))
    }

    fn make(&self, root: &Arc<Folder>) -> Result<Arc<Folder>, Error> {
        if let Some(folder) = self.open(root)? {
            return Ok(folder);
        }
        let mut folder = root.clone();
        for name in self.names {
            folder = Arc::new(folder.make_child(name, false)?);
        }
        Ok(self.keep(folder))
    }

    /// The folder that stays open: another thread's, if that came first.
    fn keep(&self, folder: Arc<Folder>) -> Arc<Folder> {
        self.folder.get_or_init(|| folder).clone()
    }
}

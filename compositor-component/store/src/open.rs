//! The store that an instance has open (`sys:compose/store`).

use std::cell::RefCell;
use std::rc::Rc;

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, ErrorCode as Cause};

use crate::bindings::exports::sys::compose::store::Guest;
use crate::bindings::sys::compose::types::Error;
use crate::checked::Checked;
use crate::folder::Folder;
use crate::{FolderStore, errors, layout, path};

/// An open store.
pub struct Store {
    /// Its path, as the user gave it.
    pub path: String,
    /// None when the folder is not there, and was not to be made.
    root: Option<Rc<Folder>>,
    /// `blobs/sha256`.
    pub blobs: Part,
    /// `trust/sha256`.
    pub trust: Part,
    /// `cache`.
    pub cache: Part,
    /// Blobs that are open and were hashed.
    pub checked: Checked,
}

/// A folder of the store, opened when it is first needed.
pub struct Part {
    names: &'static [&'static str],
    folder: RefCell<Option<Rc<Folder>>>,
}

thread_local! {
    static OPEN: RefCell<Option<Rc<Store>>> = const { RefCell::new(None) };
}

/// The open store.
pub fn current() -> Result<Rc<Store>, Error> {
    OPEN.with_borrow(|open| open.clone()).ok_or_else(|| {
        let message = "no store is open: call `sys:compose/store.open` first".to_string();
        errors::invalid(message, None)
    })
}

impl Guest for FolderStore {
    fn open(folder: String, create: bool) -> Result<(), Error> {
        let store = Store::open(&folder, create)?;
        OPEN.set(Some(Rc::new(store)));
        Ok(())
    }
}

impl Store {
    fn open(path: &str, create: bool) -> Result<Self, Error> {
        let (base, from_base) = locate(path)?;
        let root = match Folder::open(&base, &from_base, path)? {
            None if create => Some(make(&base, &from_base, path)?),
            found => found,
        };
        let store = Self {
            path: path.to_string(),
            root: root.map(Rc::new),
            blobs: Part::new(&["blobs", "sha256"]),
            trust: Part::new(&["trust", "sha256"]),
            cache: Part::new(&["cache"]),
            checked: Checked::default(),
        };
        if create && let Some(root) = &store.root {
            layout::complete(root)?;
            store.blobs.make(root)?;
        }
        Ok(store)
    }

    /// A part to read from; none when it is not there, which reads as empty.
    pub fn readable(&self, part: &Part) -> Result<Option<Rc<Folder>>, Error> {
        match &self.root {
            Some(root) => part.open(root),
            None => Ok(None),
        }
    }

    /// A part to write to, made if need be. There is no store without its
    /// blobs' folder, which only `open` makes.
    pub fn writable(&self, part: &Part) -> Result<Rc<Folder>, Error> {
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
        let folder = RefCell::new(None);
        Self { names, folder }
    }

    fn open(&self, root: &Rc<Folder>) -> Result<Option<Rc<Folder>>, Error> {
        if let Some(folder) = &*self.folder.borrow() {
            return Ok(Some(folder.clone()));
        }
        let mut folder = root.clone();
        for name in self.names {
            match folder.child(name)? {
                Some(child) => folder = Rc::new(child),
                None => return Ok(None),
            }
        }
        self.folder.replace(Some(folder.clone()));
        Ok(Some(folder))
    }

    fn make(&self, root: &Rc<Folder>) -> Result<Rc<Folder>, Error> {
        if let Some(folder) = self.open(root)? {
            return Ok(folder);
        }
        let mut folder = root.clone();
        for name in self.names {
            folder = Rc::new(folder.make_child(name)?);
        }
        self.folder.replace(Some(folder.clone()));
        Ok(folder)
    }
}

/// The open folder that a path is in, and the path from there.
fn locate(path: &str) -> Result<(Descriptor, String), Error> {
    if path.is_empty() {
        let message = "the store's folder has an empty name".to_string();
        return Err(errors::invalid(message, None));
    }
    let mut open = get_directories();
    let names: Vec<&str> = open.iter().map(|(_, name)| name.as_str()).collect();
    if let Some((index, from_base)) = path::locate(path, &names) {
        return Ok((open.swap_remove(index).0, from_base));
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let names = match names.is_empty() {
        true => "none".to_string(),
        false => names.join(", "),
    };
    Err(errors::invalid(
        format!(
            "the store's folder `{path}` is in no folder that the host opened ({names}): \
             the host must open it, as `wasmtime run --dir` does"
        ),
        Some(path.to_string()),
    ))
}

/// Makes a folder and those above it, durably.
fn make(base: &Descriptor, from_base: &str, path: &str) -> Result<Folder, Error> {
    // Made from the folder that the host opened, and by whole paths, so that
    // a link on the way may lead to where the host permits.
    let mut above = ".".to_string();
    let mut made = String::new();
    for name in from_base.split('/') {
        if !made.is_empty() {
            made.push('/');
        }
        made.push_str(name);
        if Folder::open(base, &made, path)?.is_none() {
            match base.create_directory_at(&made) {
                // Another process may have made it just now.
                Ok(()) | Err(Cause::Exist) => {}
                Err(cause) => return Err(errors::failed("make the folder", path, cause)),
            }
            if let Some(above) = Folder::open(base, &above, path)? {
                above.sync()?;
            }
        }
        above.clone_from(&made);
    }
    Folder::open(base, from_base, path)?
        .ok_or_else(|| errors::failed("open the folder", path, Cause::NoEntry))
}

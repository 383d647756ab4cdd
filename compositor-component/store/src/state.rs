//! The user's state folder: what is believed without a check.
//!
//! ```text
//! <state>/trust/sha256/<hex>   an empty file for each trusted digest
//!         key                  32 bytes that nobody else knows
//!         tmp/                 files in the making
//! ```
//!
//! A store may be shared, and may come with a repository; this folder is the
//! user's alone. Where the system tells, it and what is in it must belong to the
//! user who runs this, and nobody else may write there. In a sandbox that is the
//! host's to see to: WASI tells neither owners nor permissions.

use std::sync::{Arc, OnceLock};

use crate::error::Error;
use crate::errors;
use crate::folder::Folder;
use crate::mac::Key;
use crate::platform::{self, Base};
use crate::temporary::Temporary;

const KEY: &str = "key";
const MADE_IN: &str = "tmp";
const TRUST: [&str; 2] = ["trust", "sha256"];

/// A state folder, which is made when something is first kept in it.
pub struct State {
    base: Base,
    from_base: String,
    path: String,
    root: OnceLock<Arc<Folder>>,
    trust: OnceLock<Arc<Folder>>,
    key: OnceLock<Arc<Key>>,
}

impl State {
    /// The state folder at a path; it need not be there.
    pub fn open(path: &str) -> Result<Self, Error> {
        if path.is_empty() {
            let message = "the state folder has an empty name".to_string();
            return Err(errors::invalid(message, None));
        }
        let (base, from_base) = Base::locate(path)?;
        let state = Self {
            base,
            from_base,
            path: path.to_string(),
            root: OnceLock::new(),
            trust: OnceLock::new(),
            key: OnceLock::new(),
        };
        state.readable()?;
        Ok(state)
    }

    /// The folder of the trusted digests; none when it is not there.
    pub fn trust(&self) -> Result<Option<Arc<Folder>>, Error> {
        if let Some(trust) = self.trust.get() {
            return Ok(Some(trust.clone()));
        }
        let Some(mut folder) = self.readable()? else {
            return Ok(None);
        };
        for name in TRUST {
            let Some(child) = folder.child(name)? else {
                return Ok(None);
            };
            child.check_private()?;
            folder = Arc::new(child);
        }
        Ok(Some(self.trust.get_or_init(|| folder).clone()))
    }

    /// The same, made if need be, and the folder for files in the making.
    pub fn trust_to_write(&self) -> Result<[Arc<Folder>; 2], Error> {
        let root = self.writable()?;
        let mut folder = root.clone();
        for name in TRUST {
            folder = make_private(&folder, name)?;
        }
        let trust = self.trust.get_or_init(|| folder).clone();
        Ok([trust, make_private(&root, MADE_IN)?])
    }

    /// The user's key; none when there is none yet.
    pub fn key(&self) -> Result<Option<Arc<Key>>, Error> {
        if let Some(key) = self.key.get() {
            return Ok(Some(key.clone()));
        }
        match self.readable()? {
            Some(root) => self.read_key(&root),
            None => Ok(None),
        }
    }

    /// The user's key, made if need be.
    pub fn key_to_write(&self) -> Result<Arc<Key>, Error> {
        if let Some(key) = self.key()? {
            return Ok(key);
        }
        let root = self.writable()?;
        let mut bytes = [0; Key::BYTES];
        platform::random(&mut bytes)
            .map_err(|cause| errors::failed("make a key for", &self.path, cause))?;
        let temporary = Temporary::create(&make_private(&root, MADE_IN)?, true)?;
        temporary.file().write(&bytes, 0)?;
        temporary.file().sync()?;
        temporary.rename(&root, KEY)?;
        root.sync()?;
        // Two processes may make one at once: the one that is there is read, and
        // what was kept under another in between is made again.
        self.read_key(&root)?
            .ok_or_else(|| errors::failed("read", &root.path_of(KEY), platform::Cause::NoEntry))
    }

    fn read_key(&self, root: &Folder) -> Result<Option<Arc<Key>>, Error> {
        let Some(file) = root.file(KEY)? else {
            return Ok(None);
        };
        file.check_secret()?;
        let mut bytes = Vec::new();
        file.each(0, Key::BYTES as u64 + 1, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        match Key::new(&bytes) {
            Some(key) => Ok(Some(self.key.get_or_init(|| Arc::new(key)).clone())),
            None => Err(errors::invalid(
                format!(
                    "`{}` is no key of {} bytes: remove it, and what was kept under it is made \
                     again",
                    file.path(),
                    Key::BYTES
                ),
                Some(file.path().to_string()),
            )),
        }
    }

    fn readable(&self) -> Result<Option<Arc<Folder>>, Error> {
        if let Some(root) = self.root.get() {
            return Ok(Some(root.clone()));
        }
        match Folder::open(&self.base, &self.from_base, &self.path)? {
            Some(root) => self.checked(root).map(Some),
            None => Ok(None),
        }
    }

    fn writable(&self) -> Result<Arc<Folder>, Error> {
        match self.readable()? {
            Some(root) => Ok(root),
            None => self.checked(Folder::make(&self.base, &self.from_base, &self.path, true)?),
        }
    }

    fn checked(&self, root: Folder) -> Result<Arc<Folder>, Error> {
        root.check_private()?;
        Ok(self.root.get_or_init(|| Arc::new(root)).clone())
    }
}

/// A folder in one of the state's, made if need be.
fn make_private(folder: &Folder, name: &str) -> Result<Arc<Folder>, Error> {
    let child = folder.make_child(name, true)?;
    child.check_private()?;
    Ok(Arc::new(child))
}

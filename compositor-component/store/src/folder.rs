//! A folder that is open. Names in it are looked at before they are opened,
//! so that links are not followed and a FIFO does not block.

use std::sync::OnceLock;

use crate::error::Error;
use crate::errors;
use crate::file::File;
use crate::path::join;
use crate::platform::{Base, Cause, Directory, Kind, Stat, Time, above};

/// Permissions of a group and of everybody: to write.
const WRITE: u32 = 0o022;

/// A folder that is open, and the path that errors name.
pub struct Folder {
    directory: Directory,
    path: String,
    /// Set when what others left behind in it was looked for.
    pub swept: OnceLock<()>,
}

impl Folder {
    /// Opens a folder that the user named, through links if need be.
    pub fn open(base: &Base, from_base: &str, path: &str) -> Result<Option<Self>, Error> {
        Self::opened(base.folder(from_base), path.to_string())
    }

    /// Opens a folder, which is made, durably, with those above it; private ones are
    /// for nobody but their owner.
    pub fn make(base: &Base, from_base: &str, path: &str, is_private: bool) -> Result<Self, Error> {
        // Made by whole paths from where they start, so that a link on the way may
        // lead to where the system permits.
        let mut missing = Vec::new();
        let mut next = from_base;
        let mut folder = loop {
            if let Some(folder) = Self::open(base, next, path)? {
                break folder;
            }
            missing.push(next);
            next = above(next)
                .ok_or_else(|| errors::failed("open the folder", path, Cause::NoEntry))?;
        };
        for next in missing.into_iter().rev() {
            match base.create_folder(next, is_private) {
                // Another process may have made it just now.
                Ok(()) | Err(Cause::Exist) => folder.sync()?,
                Err(cause) => return Err(errors::failed("make the folder", path, cause)),
            }
            folder = Self::open(base, next, path)?
                .ok_or_else(|| errors::failed("open the folder", path, Cause::NoEntry))?;
        }
        Ok(folder)
    }

    /// A folder in this one; none when it is not there.
    pub fn child(&self, name: &str) -> Result<Option<Self>, Error> {
        let path = self.path_of(name);
        match self.look(name)? {
            None => Ok(None),
            Some(stat) if stat.kind == Kind::Folder => {
                Self::opened(self.directory.folder(name), path)
            }
            Some(stat) => Err(errors::refused(&path, "a folder", stat.kind)),
        }
    }

    /// A folder in this one; made, durably, when it is not there. A private one is
    /// for nobody but its owner.
    pub fn make_child(&self, name: &str, is_private: bool) -> Result<Self, Error> {
        if let Some(child) = self.child(name)? {
            return Ok(child);
        }
        let path = self.path_of(name);
        match self.directory.create_folder(name, is_private) {
            // Another process may have made it just now.
            Ok(()) | Err(Cause::Exist) => self.sync()?,
            Err(cause) => return Err(errors::failed("make the folder", &path, cause)),
        }
        self.child(name)?
            .ok_or_else(|| errors::failed("open the folder", &path, Cause::NoEntry))
    }

    /// A file in this folder, to be read; none when it is not there.
    pub fn file(&self, name: &str) -> Result<Option<File>, Error> {
        let path = self.path_of(name);
        match self.look(name)? {
            None => Ok(None),
            Some(stat) if stat.kind == Kind::File => match self.directory.file(name) {
                Ok(handle) => File::new(handle, path).map(Some),
                Err(Cause::NoEntry) => Ok(None),
                Err(cause) => Err(errors::failed("open", &path, cause)),
            },
            Some(stat) => Err(errors::refused(&path, "a file", stat.kind)),
        }
    }

    /// Makes a file that must not be there yet; none when it is. A private one is
    /// for nobody but its owner.
    pub fn create(&self, name: &str, is_private: bool) -> Result<Option<File>, Error> {
        let path = self.path_of(name);
        match self.directory.create_file(name, is_private) {
            Ok(handle) => File::new(handle, path).map(Some),
            Err(Cause::Exist) => Ok(None),
            Err(cause) => Err(errors::failed("create", &path, cause)),
        }
    }

    /// Refuses a folder that others than the user who runs this may write to.
    pub fn check_private(&self) -> Result<(), Error> {
        match self.directory.shared_because(WRITE) {
            Ok(None) => Ok(()),
            Ok(Some(shared)) => Err(errors::shared(&self.path, "folder", &shared)),
            Err(cause) => Err(errors::failed("examine", &self.path, cause)),
        }
    }

    /// What a name stands for, itself and not what it links to; none when it
    /// is not there.
    pub fn look(&self, name: &str) -> Result<Option<Stat>, Error> {
        match self.directory.look(name) {
            Ok(stat) => Ok(Some(stat)),
            Err(Cause::NoEntry) => Ok(None),
            Err(cause) => Err(errors::failed("examine", &self.path_of(name), cause)),
        }
    }

    /// All names in it that are text, in no order.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        self.directory
            .names()
            .map_err(|cause| errors::failed("list", &self.path, cause))
    }

    /// Renames into a folder, in place of what has the new name there.
    pub fn rename(&self, from: &str, folder: &Self, to: &str) -> Result<(), Error> {
        let renamed = self.directory.rename(from, &folder.directory, to);
        renamed.map_err(|cause| {
            let operation = format!("rename `{}` to", self.path_of(from));
            errors::failed(&operation, &folder.path_of(to), cause)
        })
    }

    /// Removes a name that is not a folder's; says whether it was there.
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        match self.directory.remove(name) {
            Ok(()) => Ok(true),
            Err(Cause::NoEntry) => Ok(false),
            Err(cause) => Err(errors::failed("remove", &self.path_of(name), cause)),
        }
    }

    /// Waits until its names are on the disk.
    pub fn sync(&self) -> Result<(), Error> {
        self.directory
            .sync()
            .map_err(|cause| errors::failed("sync the folder", &self.path, cause))
    }

    /// When a name in it was last added or taken away, by the file system's
    /// own clock.
    pub fn modified(&self) -> Result<Time, Error> {
        match self.directory.stat() {
            Ok(stat) => Ok(stat.modified.unwrap_or_default()),
            Err(cause) => Err(errors::failed("examine", &self.path, cause)),
        }
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path of a name in it.
    pub fn path_of(&self, name: &str) -> String {
        join(&self.path, name)
    }

    fn opened(opened: Result<Directory, Cause>, path: String) -> Result<Option<Self>, Error> {
        match opened {
            Ok(directory) => Ok(Some(Self {
                directory,
                path,
                swept: OnceLock::new(),
            })),
            Err(Cause::NoEntry) => Ok(None),
            Err(cause) => Err(errors::failed("open the folder", &path, cause)),
        }
    }
}

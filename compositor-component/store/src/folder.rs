//! A folder that is open. Names in it are looked at before they are opened,
//! so that links are not followed and a FIFO does not block.

use std::cell::Cell;
use std::rc::Rc;

use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode as Cause, OpenFlags,
    PathFlags,
};

use crate::bindings::sys::compose::types::Error;
use crate::errors;
use crate::file::File;
use crate::temporary::Temporary;

/// A folder that is open, and the path that errors name.
pub struct Folder {
    descriptor: Descriptor,
    path: String,
    /// Whether stale temporary files were looked for.
    pub swept: Cell<bool>,
}

impl Folder {
    /// Opens a folder that the user named, through links if need be.
    pub fn open(base: &Descriptor, from_base: &str, path: &str) -> Result<Option<Self>, Error> {
        Self::at(base, PathFlags::SYMLINK_FOLLOW, from_base, path)
    }

    /// A folder in this one; none when it is not there.
    pub fn child(&self, name: &str) -> Result<Option<Self>, Error> {
        match self.look(name)? {
            None => Ok(None),
            Some(stat) if stat.type_ == DescriptorType::Directory => {
                let path = self.path_of(name);
                Self::at(&self.descriptor, PathFlags::empty(), name, &path)
            }
            Some(stat) => Err(errors::refused(&self.path_of(name), "a folder", stat.type_)),
        }
    }

    /// A folder in this one; made, durably, when it is not there.
    pub fn make_child(&self, name: &str) -> Result<Self, Error> {
        if let Some(child) = self.child(name)? {
            return Ok(child);
        }
        let path = self.path_of(name);
        match self.descriptor.create_directory_at(name) {
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
            Some(stat) if stat.type_ == DescriptorType::RegularFile => {
                let (create, read) = (OpenFlags::empty(), DescriptorFlags::READ);
                match self
                    .descriptor
                    .open_at(PathFlags::empty(), name, create, read)
                {
                    Ok(descriptor) => File::new(descriptor, path).map(Some),
                    Err(Cause::NoEntry) => Ok(None),
                    Err(cause) => Err(errors::failed("open", &path, cause)),
                }
            }
            Some(stat) => Err(errors::refused(&path, "a file", stat.type_)),
        }
    }

    /// Makes a file that must not be there yet; none when it is.
    pub fn create(&self, name: &str) -> Result<Option<File>, Error> {
        let path = self.path_of(name);
        let create = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
        match self
            .descriptor
            .open_at(PathFlags::empty(), name, create, flags)
        {
            Ok(descriptor) => File::new(descriptor, path).map(Some),
            Err(Cause::Exist) => Ok(None),
            Err(cause) => Err(errors::failed("create", &path, cause)),
        }
    }

    /// Writes a small file, whole and durably, in place of what was there.
    pub fn write(self: &Rc<Self>, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let (temporary, file) = Temporary::create(self)?;
        file.write(bytes, 0)?;
        file.sync()?;
        temporary.rename(name)?;
        self.sync()
    }

    /// What a name stands for, itself and not what it links to; none when it
    /// is not there.
    pub fn look(&self, name: &str) -> Result<Option<DescriptorStat>, Error> {
        match self.descriptor.stat_at(PathFlags::empty(), name) {
            Ok(stat) => Ok(Some(stat)),
            Err(Cause::NoEntry) => Ok(None),
            Err(cause) => Err(errors::failed("examine", &self.path_of(name), cause)),
        }
    }

    /// All names in it, in no order.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let failed = |cause| errors::failed("list", &self.path, cause);
        let entries = self.descriptor.read_directory().map_err(failed)?;
        let mut names = Vec::new();
        loop {
            match entries.read_directory_entry() {
                Ok(Some(entry)) => names.push(entry.name),
                Ok(None) => return Ok(names),
                // It was removed while the folder was read, or its name is no
                // text and so no name of ours.
                Err(Cause::NoEntry | Cause::IllegalByteSequence) => {}
                Err(cause) => return Err(failed(cause)),
            }
        }
    }

    /// Renames in this folder, in place of what has the new name.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        match self.descriptor.rename_at(from, &self.descriptor, to) {
            Ok(()) => Ok(()),
            Err(cause) => {
                let operation = format!("rename `{}` to", self.path_of(from));
                Err(errors::failed(&operation, &self.path_of(to), cause))
            }
        }
    }

    /// Removes a name that is not a folder's; says whether it was there.
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        match self.descriptor.unlink_file_at(name) {
            Ok(()) => Ok(true),
            Err(Cause::NoEntry) => Ok(false),
            Err(cause) => Err(errors::failed("remove", &self.path_of(name), cause)),
        }
    }

    /// Waits until its names are on the disk.
    pub fn sync(&self) -> Result<(), Error> {
        self.descriptor
            .sync()
            .map_err(|cause| errors::failed("sync the folder", &self.path, cause))
    }

    /// When a name in it was last added or taken away, by the file system's
    /// own clock: seconds and nanoseconds.
    pub fn modified(&self) -> Result<(u64, u32), Error> {
        match self.descriptor.stat() {
            Ok(stat) => Ok(stat
                .data_modification_timestamp
                .map_or((0, 0), |time| (time.seconds, time.nanoseconds))),
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

    /// Opened for reading only: what may change is decided by the folder that
    /// the host opened, and some hosts refuse the flag that says so again.
    fn at(
        base: &Descriptor,
        follow: PathFlags,
        name: &str,
        path: &str,
    ) -> Result<Option<Self>, Error> {
        match base.open_at(follow, name, OpenFlags::DIRECTORY, DescriptorFlags::READ) {
            Ok(descriptor) => Ok(Some(Self {
                descriptor,
                path: path.to_string(),
                swept: Cell::new(false),
            })),
            Err(Cause::NoEntry) => Ok(None),
            Err(cause) => Err(errors::failed("open the folder", path, cause)),
        }
    }
}

/// A path with a name after it.
pub fn join(path: &str, name: &str) -> String {
    match path {
        "." => name.to_string(),
        path if path.ends_with('/') => format!("{path}{name}"),
        path => format!("{path}/{name}"),
    }
}

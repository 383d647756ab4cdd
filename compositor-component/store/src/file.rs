//! A regular file that is open.

use crate::error::Error;
use crate::errors;
use crate::limits;
use crate::path::join;
use crate::piece::{Buffers, Piece};
use crate::platform::{Base, Handle, Kind, Lock, Stat, Time};

/// A regular file that is open, and the path that errors name.
pub struct File {
    handle: Handle,
    path: String,
}

/// What differs when a file or anything of it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The device that it is on.
    pub device: u64,
    /// Its number there.
    pub number: u64,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written: whoever owns it may set this.
    pub modified: Time,
    /// When anything of it last changed: nobody may.
    pub changed: Time,
}

impl File {
    /// Takes a handle, if it is of a regular file.
    pub fn new(handle: Handle, path: String) -> Result<Self, Error> {
        let file = Self { handle, path };
        match file.stat()?.kind {
            Kind::File => Ok(file),
            found => Err(errors::refused(&file.path, "a file", found)),
        }
    }

    /// A file that somebody made to be filled, at a path from a folder that the
    /// host opened under that name.
    pub fn to_fill(folder: &str, path: &str) -> Result<Self, Error> {
        let shown = join(folder, path);
        let handle = Base::file_in(folder, path);
        let handle = handle.map_err(|cause| errors::failed("write", &shown, cause))?;
        let file = Self::new(handle, shown)?;
        match file.size()? {
            0 => Ok(file),
            size => Err(errors::about_path(
                format!(
                    "`{}` has {size} bytes, where an empty file belongs",
                    file.path
                ),
                &file.path,
            )),
        }
    }

    /// A file of the user, at a path from a folder that the host opened under that name.
    pub fn of_user(folder: &str, path: &str) -> Result<Self, Error> {
        let shown = join(folder, path);
        let handle = Base::file_to_read(folder, path);
        let handle = handle.map_err(|cause| errors::failed("read", &shown, cause))?;
        Self::new(handle, shown)
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its size in bytes.
    pub fn size(&self) -> Result<u64, Error> {
        Ok(self.stat()?.size)
    }

    /// When it was last written, in seconds, by the file system's own clock.
    pub fn modified(&self) -> Result<Option<u64>, Error> {
        Ok(self.stat()?.modified.map(|(seconds, _)| seconds))
    }

    /// What differs when the file or anything of it does: which file it is, how large, and
    /// when it was last written and changed, the latter last. None where the system does
    /// not tell.
    pub fn stamp(&self) -> Result<Option<Stamp>, Error> {
        let identity = self.handle.identity();
        let identity = identity.map_err(|cause| errors::failed("examine", &self.path, cause))?;
        let stat = self.stat()?;
        let told = identity.zip(stat.modified.zip(stat.changed));
        Ok(told.map(|([device, number], (modified, changed))| Stamp {
            device,
            number,
            size: stat.size,
            modified,
            changed,
        }))
    }

    /// Hands out the bytes from an offset to an end, piece by piece. Says
    /// where they ended: before that end when the file is shorter.
    pub fn each(
        &self,
        mut offset: u64,
        end: u64,
        seen: &mut dyn FnMut(&Piece) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut buffers = Buffers::default();
        while offset < end {
            // Not more than the limit, which fits.
            let length = (end - offset).min(limits::CHUNK as u64) as usize;
            let piece = buffers
                .filled(|piece| self.handle.read(offset, length, piece))
                .map_err(|cause| errors::failed("read", &self.path, cause))?;
            if piece.is_empty() {
                break;
            }
            offset += piece.len() as u64;
            seen(piece)?;
        }
        Ok(offset)
    }

    /// Writes all the bytes at an offset.
    pub fn write(&self, mut bytes: &[u8], mut offset: u64) -> Result<(), Error> {
        while !bytes.is_empty() {
            let written = self
                .handle
                .write(bytes, offset)
                .map_err(|cause| errors::failed("write", &self.path, cause))?;
            let rest = usize::try_from(written)
                .ok()
                .filter(|written| *written > 0)
                .and_then(|written| bytes.get(written..));
            let Some(rest) = rest else {
                return Err(errors::about_path(
                    format!(
                        "cannot write `{}`: the host wrote {written} of {} bytes",
                        self.path,
                        bytes.len()
                    ),
                    &self.path,
                ));
            };
            bytes = rest;
            offset += written;
        }
        Ok(())
    }

    /// Writes all the bytes behind those that are written.
    pub fn append(&self, bytes: &[u8], written: &mut u64) -> Result<(), Error> {
        self.write(bytes, *written)?;
        *written += bytes.len() as u64;
        Ok(())
    }

    /// Refuses a file that others than the user who runs this may read or write.
    pub fn check_secret(&self) -> Result<(), Error> {
        const ALL: u32 = 0o077;
        match self.handle.shared_because(ALL) {
            Ok(None) => Ok(()),
            Ok(Some(shared)) => Err(errors::shared(&self.path, "file", &shared)),
            Err(cause) => Err(errors::failed("examine", &self.path, cause)),
        }
    }

    /// Takes the lock that dies with its process, where there are such locks.
    pub fn lock(&self) -> Lock {
        self.handle.lock()
    }

    /// Gives the lock back.
    pub fn unlock(&self) {
        self.handle.unlock();
    }

    /// Says that it was used now.
    pub fn touch(&self) {
        self.handle.touch();
    }

    /// Waits until its bytes are on the disk.
    pub fn sync(&self) -> Result<(), Error> {
        self.handle
            .sync()
            .map_err(|cause| errors::failed("sync", &self.path, cause))
    }

    fn stat(&self) -> Result<Stat, Error> {
        self.handle
            .stat()
            .map_err(|cause| errors::failed("examine", &self.path, cause))
    }
}

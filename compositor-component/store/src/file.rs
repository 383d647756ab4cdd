//! A regular file that is open.

use crate::errors::{self, Error};
use crate::folder::join;
use crate::limits;
use crate::piece::{Buffers, Piece};
use crate::platform::{Base, Handle, Kind, Stat, Time};

/// A regular file that is open, and the path that errors name.
pub struct File {
    handle: Handle,
    path: String,
}

/// Changes when a file's bytes do, as far as the system tells.
#[derive(Clone, Copy)]
pub struct Stamp {
    /// Its size in bytes.
    pub size: u64,
    modified: Option<Time>,
    changed: Option<Time>,
}

impl Stamp {
    /// Whether this is a later stamp of a file whose bytes have not been written
    /// since, whatever its name is now.
    pub fn is_of_same_bytes(&self, earlier: &Self) -> bool {
        self.size == earlier.size && self.modified == earlier.modified
    }

    /// Whether this is a later stamp of a file that has not changed since.
    pub fn follows(&self, earlier: &Self) -> bool {
        self.is_of_same_bytes(earlier)
            && (self.changed.is_none() || self.changed == earlier.changed)
    }
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

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its size in bytes.
    pub fn size(&self) -> Result<u64, Error> {
        Ok(self.stat()?.size)
    }

    /// Its size and times.
    pub fn stamp(&self) -> Result<Stamp, Error> {
        let stat = self.stat()?;
        Ok(Stamp {
            size: stat.size,
            modified: stat.modified,
            changed: stat.changed,
        })
    }

    /// When it was last written, in seconds, by the file system's own clock.
    pub fn modified(&self) -> Result<Option<u64>, Error> {
        Ok(self.stat()?.modified.map(|(seconds, _)| seconds))
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

//! A regular file that is open.

use sha2::{Digest as _, Sha256};
use wasip2::filesystem::types::{Descriptor, DescriptorStat, DescriptorType};

use crate::bindings::sys::compose::types::Error;
use crate::digest::Digest;
use crate::{errors, limits};

/// A regular file that is open, and the path that errors name.
pub struct File {
    descriptor: Descriptor,
    path: String,
}

/// Changes when a file's bytes do, as far as the host tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: Option<(u64, u32)>,
    changed: Option<(u64, u32)>,
}

impl File {
    /// Takes a descriptor, if it is of a regular file.
    pub fn new(descriptor: Descriptor, path: String) -> Result<Self, Error> {
        let file = Self { descriptor, path };
        match file.stat()?.type_ {
            DescriptorType::RegularFile => Ok(file),
            found => Err(errors::refused(&file.path, "a file", found)),
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
        let modified = stat.data_modification_timestamp;
        let changed = stat.status_change_timestamp;
        Ok(Stamp {
            size: stat.size,
            modified: modified.map(|time| (time.seconds, time.nanoseconds)),
            changed: changed.map(|time| (time.seconds, time.nanoseconds)),
        })
    }

    /// When it was last written, in seconds, by the file system's own clock.
    pub fn modified(&self) -> Result<Option<u64>, Error> {
        let time = self.stat()?.data_modification_timestamp;
        Ok(time.map(|time| time.seconds))
    }

    /// Some bytes from an offset; none at the end, and only there. The host
    /// may answer with less than was asked.
    pub fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let length = length.min(limits::CHUNK as u64);
        match self.descriptor.read(length, offset) {
            // Whether the end is told with the last bytes or after them
            // differs between hosts, so only the bytes count.
            Ok((bytes, _)) => Ok(bytes),
            Err(cause) => Err(errors::failed("read", &self.path, cause)),
        }
    }

    /// Writes all the bytes at an offset.
    pub fn write(&self, mut bytes: &[u8], mut offset: u64) -> Result<(), Error> {
        while !bytes.is_empty() {
            let written = self
                .descriptor
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

    /// Waits until its bytes are on the disk.
    pub fn sync(&self) -> Result<(), Error> {
        self.descriptor
            .sync()
            .map_err(|cause| errors::failed("sync", &self.path, cause))
    }

    /// The digest of all its bytes.
    pub fn digest(&self) -> Result<Digest, Error> {
        let mut hash = Sha256::new();
        let mut offset = 0;
        loop {
            let bytes = self.read(offset, limits::CHUNK as u64)?;
            if bytes.is_empty() {
                return Ok(Digest::of(hash));
            }
            hash.update(&bytes);
            offset += bytes.len() as u64;
        }
    }

    fn stat(&self) -> Result<DescriptorStat, Error> {
        self.descriptor
            .stat()
            .map_err(|cause| errors::failed("examine", &self.path, cause))
    }
}

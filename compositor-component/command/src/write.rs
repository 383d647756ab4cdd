//! Files of the user: written whole or not at all.

use compositor_diagnostic::Rule;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode as FileError, OpenFlags, PathFlags,
};

use crate::answer::Failure;
use crate::bindings::sys::compose::store;
use crate::bindings::sys::compose::types::Digest;
use crate::files::{LINKS, PART, failure, link, look};
use crate::finding::Finding;
use crate::paths::{self, Place};

/// What a loss of power may do to a file that was written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: every byte is on the disk before the file has its name.
    Durable,
    /// It may be gone or cut short: the same command makes it again.
    Derived,
}

/// How many writers of one folder may have been killed before it is full of
/// what they left.
const TEMPORARIES: u32 = 1000;

/// Writes a file: under another name in the same folder first, then, when
/// every byte is written, under its own. Whatever goes wrong before leaves what
/// was there. A link is refused: who named it may not know where it leads.
pub fn file<T>(
    path: &str,
    durability: Durability,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let place = paths::resolve(path)?;
    if look(&place, PathFlags::empty()) == Ok(DescriptorType::SymbolicLink) {
        return Err(is_link(path));
    }
    write(path, target(path, place)?, durability, fill)
}

/// Writes a file that was read in the same way, where its links lead.
pub fn in_place<T>(
    path: &str,
    durability: Durability,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    write(path, target(path, paths::resolve(path)?)?, durability, fill)
}

fn write<T>(
    path: &str,
    place: Place,
    durability: Durability,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let failed = |error| failure("write", path, error);
    let folder = paths::parent(&place.path);
    let (file, temporary) = create_temporary(&place, folder).map_err(failed)?;
    let mut writer = Writer {
        file,
        path,
        folder: place.folder_name,
        temporary: &temporary,
        offset: 0,
    };
    let result = fill(&mut writer).and_then(|filled| {
        if durability == Durability::Durable {
            writer.file.sync().map_err(failed)?;
        }
        place
            .folder
            .rename_at(&temporary, place.folder, &place.path)
            .map_err(failed)?;
        Ok(filled)
    });
    if result.is_err() {
        // What is left of it is of no use, but the first error tells more.
        let _ = place.folder.unlink_file_at(&temporary);
    }
    result
}

/// A file that is being written.
pub struct Writer<'a> {
    file: Descriptor,
    path: &'a str,
    folder: &'a str,
    temporary: &'a str,
    offset: u64,
}

impl Writer<'_> {
    /// Takes all of a blob, and nothing else; answers its size.
    pub fn blob(&mut self, digest: &Digest) -> Result<u64, Failure> {
        let file = paths::join(self.folder, self.temporary);
        store::copy_out(digest, self.folder, self.temporary).map_err(|error| {
            // Of this file, whose name says nothing to the user, and not of the store's.
            if error.context.as_deref() != Some(&file) {
                return error.into();
            }
            let said = format!("cannot write `{file}`: ");
            let why = error.message.strip_prefix(&said).unwrap_or(&error.message);
            let message = format!("cannot write `{}`: {why}", self.path);
            Finding::error(Rule::FileAccess, message)
                .help("make room, or name a file on another disk")
                .into()
        })
    }

    /// Appends bytes.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let part = &bytes[..bytes.len().min(PART as usize)];
            match self.file.write(part, self.offset) {
                Ok(written) => {
                    self.offset += written;
                    bytes = &bytes[(written as usize).min(part.len())..];
                }
                Err(FileError::Interrupted) => {}
                Err(error) => return Err(failure("write", self.path, error)),
            }
        }
        Ok(())
    }
}

/// Where the file is that is to be replaced, or made: renaming would put a file
/// in the place of whatever has the name, be it a device, and of a link
/// instead of what it leads to.
fn target(path: &str, mut place: Place) -> Result<Place, Failure> {
    let failed = |error| failure("write", path, error);
    if path.ends_with('/') {
        return Err(failed(FileError::IsDirectory));
    }
    for _ in 0..LINKS {
        match look(&place, PathFlags::empty()) {
            Ok(DescriptorType::RegularFile) | Err(FileError::NoEntry) => return Ok(place),
            Ok(DescriptorType::Directory) => return Err(failed(FileError::IsDirectory)),
            Ok(DescriptorType::SymbolicLink) => {
                place = match link(&place) {
                    Ok(Some(place)) => place,
                    Ok(None) | Err(FileError::NotPermitted) => return Err(leads_away(path)),
                    Err(error) => return Err(failed(error)),
                };
            }
            Ok(_) => return Err(no_file(path)),
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed(FileError::Loop))
}

fn is_link(path: &str) -> Failure {
    Finding::error(
        Rule::RefusedOutput,
        format!("cannot write `{path}`: it is a link"),
    )
    .help("name the file that it leads to, or remove the link; `-o -` writes to stdout")
    .into()
}

fn leads_away(path: &str) -> Failure {
    Finding::error(
        Rule::RefusedOutput,
        format!(
            "cannot write `{path}`: it is a link out of the opened folder, or to an absolute path"
        ),
    )
    .help("name the file that it leads to; `-o -` writes to stdout")
    .into()
}

fn no_file(path: &str) -> Failure {
    Finding::error(
        Rule::RefusedOutput,
        format!("cannot write `{path}`: it is a device, a FIFO or the like, not a regular file"),
    )
    .help("`-o -` writes to stdout; `-o FILE` makes a file")
    .into()
}

fn create_temporary(place: &Place, folder: &str) -> Result<(Descriptor, String), FileError> {
    let flags = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    for number in 0..TEMPORARIES {
        let path = paths::join(folder, &format!(".compositor-{number}.tmp"));
        match place
            .folder
            .open_at(PathFlags::empty(), &path, flags, DescriptorFlags::WRITE)
        {
            Ok(file) => return Ok((file, path)),
            Err(FileError::Exist) => {}
            Err(error) => return Err(error),
        }
    }
    Err(FileError::Exist)
}

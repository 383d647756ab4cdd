//! Files of the user: read whole or by parts, written whole or not at all.

use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode as FileError, OpenFlags, PathFlags,
};

use crate::answer::Failure;
use crate::bindings::sys::compose::types::ErrorCode;
use crate::finding::Finding;
use crate::paths::{self, Place};

/// Bytes that pass through memory at once.
pub const PART: u64 = 1 << 20;

/// How many writers of one folder may have been killed before it is full of
/// what they left.
const TEMPORARIES: u32 = 1000;

/// A file that is being read.
pub struct Reader {
    file: Descriptor,
    given: String,
    offset: u64,
}

/// Opens a file to read it.
pub fn open(path: &str) -> Result<Reader, Failure> {
    let place = paths::resolve(path)?;
    let failed = |error| failure("read", path, error);
    let file = place
        .folder
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            &place.path,
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .map_err(failed)?;
    match file.get_type().map_err(failed)? {
        DescriptorType::RegularFile => Ok(Reader {
            file,
            given: place.given,
            offset: 0,
        }),
        DescriptorType::Directory => Err(failed(FileError::IsDirectory)),
        _ => Err(Finding::error(
            ErrorCode::InvalidInput,
            format!("cannot read `{path}`: it is not a regular file"),
        )
        .help("copy it to a file, or pipe it in where `-` is taken")
        .into()),
    }
}

impl Reader {
    /// Some more bytes, or none at the end.
    pub fn read(&mut self, length: u64) -> Result<Vec<u8>, Failure> {
        loop {
            match self.file.read(length, self.offset) {
                Ok((bytes, end)) if !bytes.is_empty() || end => {
                    self.offset += bytes.len() as u64;
                    return Ok(bytes);
                }
                Ok(_) | Err(FileError::Interrupted) => {}
                Err(error) => return Err(failure("read", &self.given, error)),
            }
        }
    }

    /// All that is left of it, when that is at most `limit` bytes; else none.
    pub fn read_all(&mut self, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        let mut bytes = self.read_prefix(limit)?;
        let more = self.read(1)?;
        bytes.extend_from_slice(&more);
        Ok(more.is_empty().then_some(bytes))
    }

    /// The next bytes; fewer than `length` only at the end.
    pub fn read_prefix(&mut self, length: u64) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let part = self.read((length - bytes.len() as u64).min(PART))?;
            if part.is_empty() {
                break;
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

/// Whether something is there.
pub fn exists(place: &Place) -> bool {
    kind(place).is_some()
}

/// Whether a folder is there.
pub fn is_folder(place: &Place) -> bool {
    kind(place) == Some(DescriptorType::Directory)
}

/// The names of the regular files in a folder, sorted, symbolic links to
/// them included.
pub fn list(path: &str) -> Result<Vec<String>, Failure> {
    let place = paths::resolve(path)?;
    let failed = |error| failure("list", path, error);
    let folder = place
        .folder
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            &place.path,
            OpenFlags::DIRECTORY,
            DescriptorFlags::READ,
        )
        .map_err(failed)?;
    let entries = folder.read_directory().map_err(failed)?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry().map_err(failed)? {
        // The type of a link is not that of what it links to.
        if matches!(
            entry.type_,
            DescriptorType::RegularFile | DescriptorType::SymbolicLink | DescriptorType::Unknown
        ) {
            names.push(entry.name);
        }
    }
    names.sort();
    Ok(names)
}

/// Writes a file: under another name in the same folder first, then, when
/// every byte is on the disk, under its own. Whatever goes wrong before
/// leaves what was there.
pub fn write(
    path: &str,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let place = paths::resolve(path)?;
    let failed = |error| failure("write", path, error);
    if path.ends_with('/') || is_folder(&place) {
        return Err(failed(FileError::IsDirectory));
    }
    let folder = paths::parent(&place.path);
    let (file, temporary) = create_temporary(&place, folder).map_err(failed)?;
    let mut writer = Writer {
        file,
        path,
        offset: 0,
    };
    let result = fill(&mut writer).and_then(|()| {
        writer.file.sync().map_err(failed)?;
        place
            .folder
            .rename_at(&temporary, place.folder, &place.path)
            .map_err(failed)
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
    offset: u64,
}

impl Writer<'_> {
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

fn kind(place: &Place) -> Option<DescriptorType> {
    let file = place
        .folder
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            &place.path,
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .ok()?;
    file.get_type().ok()
}

fn failure(verb: &str, path: &str, error: FileError) -> Failure {
    let folder = paths::parent(path);
    let help = match error {
        FileError::NoEntry if verb == "write" => Some(format!("make the folder `{folder}` first")),
        FileError::NoEntry => {
            Some("check the spelling, and the folder it is meant from".to_string())
        }
        FileError::Access => Some("check the permissions".to_string()),
        FileError::NotPermitted | FileError::ReadOnly => Some(format!(
            "open its folder for writing, as in `wasmtime run --dir {folder} compositor.wasm …`; a link out of the folder is not followed"
        )),
        FileError::IsDirectory => Some("name a file in it".to_string()),
        FileError::Exist => Some(format!(
            "remove the .compositor-*.tmp files that killed processes left in `{folder}`"
        )),
        _ => None,
    };
    let code = if help.is_some() {
        ErrorCode::InvalidInput
    } else {
        ErrorCode::BlobIoError
    };
    let mut finding = Finding::error(code, format!("cannot {verb} `{path}`: {}", cause(error)));
    finding.help = help;
    finding.into()
}

fn cause(error: FileError) -> String {
    match error {
        FileError::NoEntry => "there is no such file or folder",
        FileError::Access => "permission denied",
        FileError::NotPermitted => "not permitted",
        FileError::ReadOnly => "the file system is read-only",
        FileError::IsDirectory => "it is a folder",
        FileError::NotDirectory => "a part of the path is not a folder",
        FileError::InsufficientSpace => "the disk is full",
        FileError::Quota => "the disk quota is used up",
        FileError::Loop => "too many symbolic links",
        FileError::NameTooLong => "the name is too long",
        FileError::Exist => "it is there already",
        other => return other.name().to_string(),
    }
    .to_string()
}

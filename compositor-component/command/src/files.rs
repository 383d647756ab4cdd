//! Files of the user: what is there, and reading it whole or by parts.

use compositor_diagnostic::Rule;
use compositor_diagnostic::suggest::nearest;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode as FileError, OpenFlags, PathFlags,
};

use crate::answer::Failure;
use crate::finding::Finding;
use crate::paths::{self, Place};

/// Bytes that pass through memory at once.
pub const PART: u64 = 128 << 10;

/// How many links lead to a file at the most, as on most systems.
pub const LINKS: u32 = 40;

/// A file that is being read.
pub struct Reader {
    file: Descriptor,
    given: String,
    offset: u64,
}

/// Opens a file to read it.
pub fn open(path: &str) -> Result<Reader, Failure> {
    open_place(paths::follow(path)?)
}

/// Opens the file at a place to read it.
pub fn open_place(place: Place) -> Result<Reader, Failure> {
    let path = &place.given;
    let failed = |error| failure("read", path, error);
    // Looked at before it is opened: to open a FIFO waits for a writer.
    match look(&place, PathFlags::SYMLINK_FOLLOW).map_err(failed)? {
        DescriptorType::RegularFile => {}
        DescriptorType::Directory => return Err(failed(FileError::IsDirectory)),
        _ => {
            return Err(Finding::error(
                Rule::FileAccess,
                format!("cannot read `{path}`: it is not a regular file"),
            )
            .help("copy it to a file, or pipe it in where `-` is taken: a pipe or a device has no known end")
            .into());
        }
    }
    let file = place
        .folder
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            &place.path,
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .map_err(failed)?;
    Ok(Reader {
        file,
        given: place.given,
        offset: 0,
    })
}

impl Reader {
    /// How many bytes it has, as far as the file system knows.
    pub fn size(&self) -> Result<u64, Failure> {
        let failed = |error| failure("read", &self.given, error);
        Ok(self.file.stat().map_err(failed)?.size)
    }

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
    look(place, PathFlags::SYMLINK_FOLLOW).is_ok()
}

/// Whether a folder is there.
pub fn is_folder(place: &Place) -> bool {
    look(place, PathFlags::SYMLINK_FOLLOW) == Ok(DescriptorType::Directory)
}

/// The names of the regular files in a folder, sorted, symbolic links
/// included: the type of a link is not that of what it links to.
pub fn list(path: &str) -> Result<Vec<String>, Failure> {
    named(path, |kind| {
        matches!(
            kind,
            DescriptorType::RegularFile | DescriptorType::SymbolicLink | DescriptorType::Unknown
        )
    })
}

/// The names of what is in a folder, sorted.
pub fn entries(path: &str) -> Result<Vec<String>, Failure> {
    named(path, |_| true)
}

/// Opens a folder to read what is in it.
pub fn open_folder(path: &str) -> Result<Descriptor, Failure> {
    open_folder_at(&paths::follow(path)?)
}

fn open_folder_at(place: &Place) -> Result<Descriptor, Failure> {
    let folder = place.folder.open_at(
        PathFlags::SYMLINK_FOLLOW,
        &place.path,
        OpenFlags::DIRECTORY,
        DescriptorFlags::READ,
    );
    folder.map_err(|error| failure("list", &place.given, error))
}

/// The names of what is in the folder at a place, sorted.
pub fn entries_at(place: &Place) -> Result<Vec<String>, Failure> {
    names(&open_folder_at(place)?, &place.given, |_| true)
}

fn named(path: &str, wanted: fn(DescriptorType) -> bool) -> Result<Vec<String>, Failure> {
    names(&open_folder(path)?, path, wanted)
}

fn names(
    folder: &Descriptor,
    path: &str,
    wanted: fn(DescriptorType) -> bool,
) -> Result<Vec<String>, Failure> {
    let failed = |error| failure("list", path, error);
    let entries = folder.read_directory().map_err(failed)?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry().map_err(failed)? {
        if wanted(entry.type_) {
            names.push(entry.name);
        }
    }
    names.sort();
    Ok(names)
}

/// What stands at a place: of a link, itself or what it leads to.
pub fn look(place: &Place, follow: PathFlags) -> Result<DescriptorType, FileError> {
    Ok(place.folder.stat_at(follow, &place.path)?.type_)
}

/// Where the link leads that stands at a place; none when it is to an absolute path,
/// which no host follows.
pub fn link(place: &Place) -> Result<Option<Place>, FileError> {
    let link = place.folder.readlink_at(&place.path)?;
    // Not worked out here: `..` is what it is for the host.
    Ok((!link.starts_with('/')).then(|| Place {
        path: paths::join(paths::parent(&place.path), &link),
        given: place.given.clone(),
        ..*place
    }))
}

/// Why something cannot be done with a path, and what to do about it.
pub fn failure(verb: &str, path: &str, error: FileError) -> Failure {
    let folder = paths::parent(path);
    let help = match error {
        FileError::NoEntry if verb == "write" => format!("make the folder `{folder}` first"),
        FileError::NoEntry => match nearby(path) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "check the spelling, and the folder that the path starts from".to_string(),
        },
        FileError::Access => "check the permissions".to_string(),
        FileError::NotPermitted | FileError::ReadOnly if verb == "write" => format!(
            "open its folder for writing, as in `wasmtime run --dir {folder} compositor.wasm …`; a link out of the folder is not followed"
        ),
        FileError::NotPermitted => {
            "name the file itself: a link out of the opened folder is not followed".to_string()
        }
        FileError::IsDirectory => match plan_in(path) {
            Some(plan) if verb == "read" => format!("did you mean `{plan}`?"),
            _ => "name a file in it".to_string(),
        },
        FileError::NotDirectory | FileError::NameTooLong => "check the path".to_string(),
        FileError::Loop => "name the file that the links were to lead to".to_string(),
        FileError::InsufficientSpace | FileError::Quota => {
            "make room, or name a file on another disk".to_string()
        }
        FileError::Exist => {
            format!("remove the .compositor-*.tmp files that killed processes left in `{folder}`")
        }
        // Not a matter of what was asked for.
        _ => {
            return Finding::error(Rule::FileFailed, message(verb, path, error))
                .help("try again; if it still fails, look at the disk")
                .into();
        }
    };
    Finding::error(Rule::FileAccess, message(verb, path, error))
        .help(help)
        .into()
}

/// Entries of a folder that are looked at for what was meant.
const NEARBY: usize = 256;

/// Those that are looked into.
const INNER: usize = 32;

/// What may have been meant by a path that leads nowhere: nearly the same name in the same
/// folder, or the same name in a folder of that, or in one that it is in.
fn nearby(path: &str) -> Option<String> {
    let (folder, name) = (paths::parent(path), paths::name(path));
    let here = some_names(folder).unwrap_or_default();
    let others = here
        .iter()
        .map(String::as_str)
        .filter(|other| *other != name);
    if let Some(near) = nearest(name, others) {
        return Some(paths::join(folder, near));
    }
    let inside = here
        .iter()
        .take(INNER)
        .map(|inner| format!("{inner}/{name}"));
    let above = ["..", "../.."].map(|above| format!("{above}/{name}"));
    let there = inside.chain(above).map(|path| paths::join(folder, &path));
    let mut there = there.filter(|path| paths::resolve(path).is_ok_and(|place| exists(&place)));
    there.next()
}

/// The plan in a folder, by the name that plans have where nobody says otherwise.
fn plan_in(folder: &str) -> Option<String> {
    let plan = paths::join(folder, "plan.json");
    let place = paths::resolve(&plan).ok()?;
    exists(&place).then_some(plan)
}

/// Names of what is in a folder, in its order, and not more than are looked at.
fn some_names(folder: &str) -> Option<Vec<String>> {
    let entries = open_folder(folder).ok()?.read_directory().ok()?;
    let mut names = Vec::new();
    while let (true, Ok(Some(entry))) = (names.len() < NEARBY, entries.read_directory_entry()) {
        names.push(entry.name);
    }
    names.sort();
    Some(names)
}

fn message(verb: &str, path: &str, error: FileError) -> String {
    format!("cannot {verb} `{path}`: {}", cause(error))
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
        FileError::Exist => "it already exists",
        other => return other.name().to_string(),
    }
    .to_string()
}

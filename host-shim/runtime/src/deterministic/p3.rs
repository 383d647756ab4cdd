//! Folders of WASI 0.3.

use wasmtime::component::{Accessor, FutureReader, Linker, Resource, StreamReader};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p3::bindings::clocks::system_clock::Instant;
use wasmtime_wasi::p3::bindings::filesystem::types::{
    DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, Host as _, HostDescriptorWithStore,
    MetadataHashValue, PathFlags,
};
use wasmtime_wasi::p3::filesystem::FilesystemResult;

use super::told::TIME;
use crate::guest::Guest;

/// The interface, as the linker has it.
const TYPES: &str = "wasi:filesystem/types@0.3.0";

type Answer<T> = Result<(std::result::Result<T, ErrorCode>,)>;
type Listing = (
    StreamReader<DirectoryEntry>,
    FutureReader<std::result::Result<(), ErrorCode>>,
);

pub fn add_to_linker(linker: &mut Linker<Guest>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_concurrent("[method]descriptor.stat", |accessor, (of,)| {
        Box::pin(async move {
            let told = WasiFilesystem::stat(&files(accessor), of).await;
            answer(accessor, told.map(stat))
        })
    })?;
    types.func_wrap_concurrent(
        "[method]descriptor.stat-at",
        |accessor, (of, flags, path): (Resource<Descriptor>, PathFlags, String)| {
            Box::pin(async move {
                let told = WasiFilesystem::stat_at(&files(accessor), of, flags, path).await;
                answer(accessor, told.map(stat))
            })
        },
    )?;
    types.func_wrap_concurrent("[method]descriptor.metadata-hash", |accessor, (of,)| {
        Box::pin(async move {
            let told = WasiFilesystem::metadata_hash(&files(accessor), of).await;
            answer(accessor, told.map(|hash| number(accessor, &hash)))
        })
    })?;
    types.func_wrap_concurrent(
        "[method]descriptor.metadata-hash-at",
        |accessor, (of, flags, path): (Resource<Descriptor>, PathFlags, String)| {
            Box::pin(async move {
                let files = files(accessor);
                let told = WasiFilesystem::metadata_hash_at(&files, of, flags, path).await;
                answer(accessor, told.map(|hash| number(accessor, &hash)))
            })
        },
    )?;
    types.func_wrap(
        "[method]descriptor.read-directory",
        |mut store: StoreContextMut<'_, Guest>, (of,): (Resource<Descriptor>,)| {
            let files = store.data_mut().filesystem();
            let entries = match files.table.get(&of) {
                Ok(Descriptor::Dir(folder)) => entries(&folder.dir),
                Ok(Descriptor::File(_)) => Err(ErrorCode::NotDirectory),
                Err(error) => return Err(error.into()),
            };
            let (entries, ended) = match entries {
                Ok(entries) => (entries, Ok(())),
                Err(code) => (Vec::new(), Err(code)),
            };
            let entries = StreamReader::new(&mut store, entries)?;
            let ended = FutureReader::new(&mut store, async { wasmtime::error::Ok(ended) })?;
            Ok((Listing::from((entries, ended)),))
        },
    )
}

/// What the runtime's own functions work on.
fn files(accessor: &Accessor<Guest>) -> Accessor<Guest, WasiFilesystem> {
    accessor.with_getter::<WasiFilesystem>(Guest::filesystem)
}

/// An answer as the component model has it: errors of the guest's are values.
fn answer<T>(accessor: &Accessor<Guest>, told: FilesystemResult<T>) -> Answer<T> {
    match told {
        Ok(told) => Ok((Ok(told),)),
        Err(error) => accessor.with(|mut store| {
            let mut files = store.get().filesystem();
            Ok((Err(files.convert_error_code(error)?),))
        }),
    }
}

/// What a file is, without when and where that is.
fn stat(of: DescriptorStat) -> DescriptorStat {
    let time = || {
        Some(Instant {
            seconds: TIME as i64,
            nanoseconds: 0,
        })
    };
    DescriptorStat {
        // How large a folder is, and what links to it, is the file system's affair.
        link_count: 1,
        size: match of.type_ {
            DescriptorType::Directory => 0,
            _ => of.size,
        },
        type_: of.type_,
        data_access_timestamp: time(),
        data_modification_timestamp: time(),
        status_change_timestamp: time(),
    }
}

fn number(accessor: &Accessor<Guest>, hash: &MetadataHashValue) -> MetadataHashValue {
    let id = (hash.lower, hash.upper);
    MetadataHashValue {
        lower: accessor.with(|mut store| store.get().told.number(id)),
        upper: 0,
    }
}

/// The entries of a folder, by name.
#[cfg(unix)]
fn entries(folder: &std::fs::File) -> std::result::Result<Vec<DirectoryEntry>, ErrorCode> {
    use rustix::fs::{Dir, FileType};

    let failed = |error: rustix::io::Errno| ErrorCode::from(std::io::Error::from(error));
    let mut entries = Vec::new();
    for entry in Dir::read_from(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if matches!(entry.file_name().to_bytes(), b"." | b"..") {
            continue;
        }
        let name = entry.file_name().to_str();
        let name = name.map_err(|_| ErrorCode::IllegalByteSequence)?;
        let type_ = match entry.file_type() {
            FileType::RegularFile => DescriptorType::RegularFile,
            FileType::Directory => DescriptorType::Directory,
            FileType::Symlink => DescriptorType::SymbolicLink,
            FileType::Fifo => DescriptorType::Fifo,
            FileType::Socket => DescriptorType::Socket,
            FileType::CharacterDevice => DescriptorType::CharacterDevice,
            FileType::BlockDevice => DescriptorType::BlockDevice,
            FileType::Unknown => DescriptorType::Other(None),
        };
        entries.push(DirectoryEntry {
            type_,
            name: name.to_string(),
        });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// Nothing lists a folder that is open here.
#[cfg(not(unix))]
fn entries(_: &std::fs::File) -> std::result::Result<Vec<DirectoryEntry>, ErrorCode> {
    Err(ErrorCode::Unsupported)
}

//! Folders of WASI 0.2.

use wasmtime::Result;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorStat, DescriptorType, ErrorCode, Host as _, HostDescriptor as _,
    HostDirectoryEntryStream, MetadataHashValue, PathFlags,
};
use wasmtime_wasi::p2::{FsError, FsResult, ReaddirIterator};

use super::told::{Entry, TIME};
use crate::guest::Guest;

/// The interface, as the linker has it.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

type Answer<T> = Result<(std::result::Result<T, ErrorCode>,)>;

pub fn add_to_linker(linker: &mut Linker<Guest>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async("[method]descriptor.stat", |mut store: Store<'_>, (of,)| {
        Box::new(async move {
            let told = store.data_mut().filesystem().stat(of).await;
            answer(&mut store, told.map(stat))
        })
    })?;
    types.func_wrap_async(
        "[method]descriptor.stat-at",
        |mut store: Store<'_>, (of, flags, path): (Resource<Descriptor>, PathFlags, String)| {
            Box::new(async move {
                let told = store.data_mut().filesystem().stat_at(of, flags, path).await;
                answer(&mut store, told.map(stat))
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.metadata-hash",
        |mut store: Store<'_>, (of,)| {
            Box::new(async move {
                let told = store.data_mut().filesystem().metadata_hash(of).await;
                let told = told.map(|hash| number(&mut store, hash));
                answer(&mut store, told)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.metadata-hash-at",
        |mut store: Store<'_>, (of, flags, path): (Resource<Descriptor>, PathFlags, String)| {
            Box::new(async move {
                let mut files = store.data_mut().filesystem();
                let told = files.metadata_hash_at(of, flags, path).await;
                let told = told.map(|hash| number(&mut store, hash));
                answer(&mut store, told)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.read-directory",
        |mut store: Store<'_>, (of,)| {
            Box::new(async move {
                let told = list(&mut store, of).await;
                answer(&mut store, told)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]directory-entry-stream.read-directory-entry",
        |mut store: Store<'_>, (stream,): (Resource<ReaddirIterator>,)| {
            Box::new(async move {
                let guest = store.data_mut();
                guest.meter.call();
                let left = guest.told.listings.get_mut(&stream.rep());
                Ok((left.and_then(Vec::pop).transpose(),))
            })
        },
    )?;
    let stream = ResourceType::host::<ReaddirIterator>();
    types.resource(
        "directory-entry-stream",
        stream,
        |mut store: Store<'_>, rep| {
            let guest = store.data_mut();
            guest.told.listings.remove(&rep);
            let stream = Resource::<ReaddirIterator>::new_own(rep);
            HostDirectoryEntryStream::drop(&mut guest.filesystem(), stream)
        },
    )
}

type Store<'a> = StoreContextMut<'a, Guest>;

/// An answer as the component model has it: errors of the guest's are values.
fn answer<T>(store: &mut Store<'_>, told: FsResult<T>) -> Answer<T> {
    match told {
        Ok(told) => Ok((Ok(told),)),
        Err(error) => {
            let code = store.data_mut().filesystem().convert_error_code(error)?;
            Ok((Err(code),))
        }
    }
}

/// What a file is, without when and where that is.
fn stat(of: DescriptorStat) -> DescriptorStat {
    let time = Some(Datetime {
        seconds: TIME,
        nanoseconds: 0,
    });
    // How large a folder is, and what links to it, is the file system's affair.
    DescriptorStat {
        type_: of.type_,
        link_count: 1,
        size: match of.type_ {
            DescriptorType::Directory => 0,
            _ => of.size,
        },
        data_access_timestamp: time,
        data_modification_timestamp: time,
        status_change_timestamp: time,
    }
}

fn number(store: &mut Store<'_>, hash: MetadataHashValue) -> MetadataHashValue {
    let number = store.data_mut().told.number((hash.lower, hash.upper));
    MetadataHashValue {
        lower: number,
        upper: 0,
    }
}

/// Reads all entries of a folder, which the handle then gives one by one.
async fn list(
    store: &mut Store<'_>,
    of: Resource<Descriptor>,
) -> FsResult<Resource<ReaddirIterator>> {
    let stream = store.data_mut().filesystem().read_directory(of).await?;
    let rep = stream.rep();
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let mut files = store.data_mut().filesystem();
        let next = files.read_directory_entry(Resource::new_borrow(rep)).await;
        match next {
            Ok(Some(entry)) => entries.push(Ok(entry)),
            Ok(None) => break,
            Err(error) => {
                let code = files.convert_error_code(error).map_err(FsError::trap)?;
                entries.push(Err(code));
            }
        }
    }
    // The last is given first; errors come after what has a name.
    let key = |entry: &Entry| match entry {
        Ok(entry) => (false, entry.name.clone()),
        Err(_) => (true, String::new()),
    };
    entries.sort_by_key(|entry| std::cmp::Reverse(key(entry)));
    store.data_mut().told.listings.insert(rep, entries);
    Ok(stream)
}

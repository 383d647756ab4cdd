//! An instance of the store component.

use std::path::Path;
use std::sync::LazyLock;

use compositor_core::Digest;
use compositor_core::host::Segment;
use compositor_store::{Error, ErrorCode};
use compositor_tests::{dist, read};
use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, Lift, Linker, Lower, Resource, ResourceAny,
    ResourceTable,
};
use wasmtime::{Cache, Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::p2::bindings::sync::filesystem::types::{Descriptor, ErrorCode as FileError};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::instance::{self, Writer};

mod bindings {
    wasmtime::component::bindgen!({
        path: ["../wit/canon-cbor", "../wit/canon-wit", "../wit/sys-compose"],
        inline: "package test:store; world types { import sys:compose/types@1.0.0; }",
        world: "test:store/types",
    });
}
use bindings::sys::compose::types as wit;

const STORE: &str = "sys:compose/store@1.0.0";
const BLOBS: &str = "sys:compose/blobs@1.0.0";
const TRUST: &str = "sys:compose/trust@1.0.0";

/// As the linker has it, which gives it for others of its track.
const FILES: &str = "wasi:filesystem/types@0.2.12";

/// The engine and the component, compiled once for all tests, and kept on
/// disk for their child processes.
static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
    let mut config = Config::new();
    config.cache(Some(Cache::from_file(None).expect("a cache folder")));
    let engine = Engine::new(&config).expect("an engine");
    Component::new(&engine, read(dist("parts/store.wasm"))).expect("a component")
});

/// The component, to look at.
pub fn component() -> &'static Component {
    &COMPONENT
}

/// An instance of the store component.
pub struct Instance {
    store: Store<State>,
    instance: wasmtime::component::Instance,
    writers: Vec<ResourceAny>,
    has_state: bool,
}

/// `blobs.segment`.
#[derive(ComponentType, Lower)]
#[component(variant)]
enum Part {
    #[component(name = "bytes")]
    Bytes(Vec<u8>),
    #[component(name = "blob")]
    Blob((Vec<u8>, u64)),
}

/// `blobs.entry`.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Entry {
    digest: Vec<u8>,
    size: Option<u64>,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    limits: StoreLimits,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl Instance {
    /// An instance without an open store; the folders are open to it.
    pub fn new(folders: &[(&Path, &str)]) -> Self {
        Self::build(folders, FsPerms::ReadWrite, usize::MAX)
    }

    /// The same, in a folder with a state folder in it.
    pub fn of_a_user(folder: &Path) -> Self {
        Self {
            has_state: true,
            ..Self::new(&[(folder, ".")])
        }
    }

    /// The same, where the disk never says that it has what was written.
    pub fn without_sync(folder: &Path) -> Self {
        let folders = [(folder, ".")];
        let instance = Self::link(&folders, FsPerms::ReadWrite, usize::MAX, |linker| {
            linker.allow_shadowing(true);
            let mut types = linker.instance(FILES)?;
            types.func_wrap(
                "[method]descriptor.sync",
                |_, (_,): (Resource<Descriptor>,)| Ok((Err::<(), _>(FileError::Io),)),
            )
        });
        Self {
            has_state: true,
            ..instance
        }
    }

    /// The same, where the folders may only be read.
    pub fn read_only(folders: &[(&Path, &str)]) -> Self {
        Self::build(folders, FsPerms::ReadOnly, usize::MAX)
    }

    /// The same, with a ceiling on memory.
    pub fn build(folders: &[(&Path, &str)], permissions: FsPerms, memory: usize) -> Self {
        Self::link(folders, permissions, memory, |_| Ok(()))
    }

    /// The same, with something else in place of what WASI has.
    fn link(
        folders: &[(&Path, &str)],
        permissions: FsPerms,
        memory: usize,
        change: impl FnOnce(&mut Linker<State>) -> wasmtime::Result<()>,
    ) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.allow_blocking_current_thread(true);
        for (host, guest) in folders {
            wasi.preopened_dir(host, guest, permissions)
                .expect("the folder opens");
        }
        let state = State {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            limits: StoreLimitsBuilder::new().memory_size(memory).build(),
        };
        let mut store = Store::new(COMPONENT.engine(), state);
        store.limiter(|state| &mut state.limits);
        let mut linker = Linker::new(COMPONENT.engine());
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker).expect("WASI links");
        change(&mut linker).expect("it links");
        let instance = linker
            .instantiate(&mut store, &COMPONENT)
            .expect("an instance");
        Self {
            store,
            instance,
            writers: Vec::new(),
            has_state: false,
        }
    }

    /// Calls a function that can fail.
    fn call<P, R>(&mut self, interface: &str, name: &str, parameters: P) -> Result<R, Error>
    where
        P: ComponentNamedList + Lower,
        R: ComponentType + Lift + Send + Sync + 'static,
    {
        let answer: Result<R, wit::Error> = self.answer(interface, name, parameters);
        answer.map_err(error)
    }

    /// Calls a function, with the types that its caller says it has.
    fn answer<P, R>(&mut self, interface: &str, name: &str, parameters: P) -> R
    where
        P: ComponentNamedList + Lower,
        R: ComponentType + Lift + Send + Sync + 'static,
    {
        let function = self
            .instance
            .get_export_index(&mut self.store, None, interface)
            .and_then(|interface| {
                let store = &mut self.store;
                self.instance
                    .get_export_index(store, Some(&interface), name)
            })
            .expect("an export");
        let function = self
            .instance
            .get_typed_func::<P, (R,)>(&mut self.store, function)
            .expect("a function of the type");
        let called = function.call(&mut self.store, parameters);
        let (result,) = called.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        result
    }
}

impl instance::Instance for Instance {
    fn open(&mut self, folder: &str, create: bool) -> Result<(), Error> {
        let state = self.has_state.then_some("state");
        self.call(STORE, "open", (folder, state, create))
    }

    fn stat(&mut self, digest: &Digest) -> Result<Option<u64>, Error> {
        self.call(BLOBS, "stat", (raw(digest),))
    }

    fn read_raw(&mut self, digest: &[u8], offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        self.call(BLOBS, "read", (digest, offset, length))
    }

    fn verify_all(&mut self, digests: &[Digest]) -> Vec<Result<(), Error>> {
        let digests: Vec<&[u8]> = digests.iter().map(raw).collect();
        let verified: Vec<Result<(), wit::Error>> = self.answer(BLOBS, "verify", (digests,));
        let verified = verified.into_iter();
        verified.map(|done| done.map_err(error)).collect()
    }

    fn copy_out(&mut self, digest: &Digest, path: &str) -> Result<u64, Error> {
        self.call(STORE, "copy-out", (raw(digest), ".", path))
    }

    fn list(&mut self) -> Result<Vec<(Digest, Option<u64>)>, Error> {
        let entries: Vec<Entry> = self.call(BLOBS, "list", ())?;
        Ok(entries
            .into_iter()
            .map(|entry| (digest(&entry.digest), entry.size))
            .collect())
    }

    fn remove(&mut self, digest: &Digest) -> Result<bool, Error> {
        self.call(BLOBS, "remove", (raw(digest),))
    }

    fn create(&mut self) -> Result<Writer, Error> {
        let writer = self.call(BLOBS, "create", (false,))?;
        self.writers.push(writer);
        Ok(Writer(self.writers.len() - 1))
    }

    fn write(&mut self, writer: Writer, bytes: &[u8]) -> Result<(), Error> {
        let parameters = (self.writers[writer.0], bytes);
        self.call(BLOBS, "[method]writer.write", parameters)
    }

    fn splice(
        &mut self,
        writer: Writer,
        digest: &Digest,
        offset: u64,
        length: u64,
    ) -> Result<(), Error> {
        let parameters = (self.writers[writer.0], raw(digest), offset, length);
        self.call(BLOBS, "[method]writer.splice", parameters)
    }

    fn finish(&mut self, writer: Writer) -> Result<Digest, Error> {
        let parameters = (self.writers[writer.0],);
        let bytes: Vec<u8> = self.call(BLOBS, "[static]writer.finish", parameters)?;
        Ok(digest(&bytes))
    }

    fn abandon(&mut self, writer: Writer) {
        let writer = self.writers[writer.0];
        writer.resource_drop(&mut self.store).expect("no trap");
    }

    fn find_key(&mut self, key: &Digest) -> Result<Option<Digest>, Error> {
        let found: Option<Vec<u8>> = self.call(BLOBS, "find-key", (raw(key),))?;
        Ok(found.map(|bytes| digest(&bytes)))
    }

    fn record(&mut self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        self.call(BLOBS, "record-key", (raw(key), raw(blob)))
    }

    fn holds(&mut self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
        let parts = segments.iter().map(|segment| match segment {
            Segment::Bytes(bytes) => Part::Bytes(bytes.clone()),
            Segment::Blob(digest, size) => Part::Blob((raw(digest).to_vec(), *size)),
        });
        let parts: Vec<Part> = parts.collect();
        self.call(BLOBS, "holds", (raw(blob), parts))
    }

    fn get_record(&mut self, key: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.call(BLOBS, "get-record", (raw(key),))
    }

    fn put_record(&mut self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        self.call(BLOBS, "put-record", (raw(key), value))
    }

    fn trusted(&mut self, digest: &Digest) -> Result<(), Error> {
        self.call(TRUST, "verify", (raw(digest),))
    }

    fn trust_raw(&mut self, digests: &[&[u8]]) -> Result<(), Error> {
        self.call(TRUST, "add", (digests,))
    }

    fn distrust(&mut self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let digests: Vec<&[u8]> = digests.iter().map(raw).collect();
        let removed: Vec<Vec<u8>> = self.call(TRUST, "remove", (digests,))?;
        Ok(removed.iter().map(|bytes| digest(bytes)).collect())
    }

    fn old_trust(&mut self) -> Result<Vec<Digest>, Error> {
        let digests: Vec<Vec<u8>> = self.call(STORE, "old-trust", ())?;
        Ok(digests.iter().map(|bytes| digest(bytes)).collect())
    }

    fn list_trusted(&mut self) -> Result<Vec<Digest>, Error> {
        let trusted: Vec<Vec<u8>> = self.call(TRUST, "list", ())?;
        Ok(trusted.iter().map(|bytes| digest(bytes)).collect())
    }

    fn vanish(self: Box<Self>) {
        // Its memory goes, and with it what its writers would have done.
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::try_from(bytes).expect("a digest")
}

fn raw(digest: &Digest) -> &[u8] {
    digest.as_bytes()
}

fn error(error: wit::Error) -> Error {
    let code = match error.code {
        wit::ErrorCode::EmitInvalidDigest => ErrorCode::EmitInvalidDigest,
        wit::ErrorCode::BlobNotFound => ErrorCode::BlobNotFound,
        wit::ErrorCode::BlobDigestMismatch => ErrorCode::BlobDigestMismatch,
        wit::ErrorCode::BlobIoError => ErrorCode::BlobIoError,
        wit::ErrorCode::TrustVerificationFailed => ErrorCode::TrustVerificationFailed,
        wit::ErrorCode::TrustUntrustedSource => ErrorCode::TrustUntrustedSource,
        wit::ErrorCode::InvalidInput => ErrorCode::InvalidInput,
        wit::ErrorCode::NotImplemented => ErrorCode::NotImplemented,
        other => panic!("the store has no use for {other:?}"),
    };
    let (message, context) = (error.message, error.context);
    Error {
        code,
        message,
        context,
    }
}

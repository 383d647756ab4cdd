//! An instance of the store component, and what tests do with it.

use std::path::Path;
use std::sync::LazyLock;

use compositor_core::Digest;
use compositor_tests::{Temp, dist, read};
use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, Lift, Linker, Lower, ResourceAny, ResourceTable,
};
use wasmtime::{Cache, Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

mod bindings {
    wasmtime::component::bindgen!({
        path: ["../wit/canon-cbor", "../wit/sys-compose"],
        inline: "package test:store; world types { import sys:compose/types@1.0.0; }",
        world: "test:store/types",
    });
}
pub use bindings::sys::compose::types::{Error, ErrorCode};

const STORE: &str = "sys:compose/store@1.0.0";
const BLOBS: &str = "sys:compose/blobs@1.0.0";
const TRUST: &str = "sys:compose/trust@1.0.0";

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
    /// Opens the store in a folder, which is made.
    pub fn over(folder: &Path) -> Self {
        let mut instance = Self::new(&[(folder, ".")]);
        instance.open(".", true).expect("the store opens");
        instance
    }

    /// An instance without an open store; the folders are open to it.
    pub fn new(folders: &[(&Path, &str)]) -> Self {
        Self::build(folders, FsPerms::ReadWrite, usize::MAX)
    }

    /// The same, where the folders may only be read.
    pub fn read_only(folders: &[(&Path, &str)]) -> Self {
        Self::build(folders, FsPerms::ReadOnly, usize::MAX)
    }

    /// The same, with a ceiling on memory.
    pub fn build(folders: &[(&Path, &str)], permissions: FsPerms, memory: usize) -> Self {
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
        let instance = linker
            .instantiate(&mut store, &COMPONENT)
            .expect("an instance");
        Self { store, instance }
    }

    /// Calls a function, with the types that its caller says it has.
    fn call<P, R>(&mut self, interface: &str, name: &str, parameters: P) -> R
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

    /// `store.open`.
    pub fn open(&mut self, folder: &str, create: bool) -> Result<(), Error> {
        self.call(STORE, "open", (folder, create))
    }

    /// `blobs.stat`.
    pub fn stat(&mut self, digest: &Digest) -> Result<Option<u64>, Error> {
        self.call(BLOBS, "stat", (raw(digest),))
    }

    /// `blobs.read`.
    pub fn read(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        self.read_raw(raw(digest), offset, length)
    }

    /// `blobs.read` of any bytes as digest.
    pub fn read_raw(
        &mut self,
        digest: Vec<u8>,
        offset: u64,
        length: u64,
    ) -> Result<Vec<u8>, Error> {
        self.call(BLOBS, "read", (digest, offset, length))
    }

    /// `blobs.verify`.
    pub fn verify(&mut self, digest: &Digest) -> Result<(), Error> {
        self.call(BLOBS, "verify", (raw(digest),))
    }

    /// `blobs.list`; what is no file has no size.
    pub fn list(&mut self) -> Result<Vec<(Digest, Option<u64>)>, Error> {
        let entries: Result<Vec<Entry>, Error> = self.call(BLOBS, "list", ());
        Ok(entries?
            .into_iter()
            .map(|entry| (digest(&entry.digest), entry.size))
            .collect())
    }

    /// `blobs.remove`.
    pub fn remove(&mut self, digest: &Digest) -> Result<bool, Error> {
        self.call(BLOBS, "remove", (raw(digest),))
    }

    /// `blobs.create`.
    pub fn create(&mut self) -> Result<ResourceAny, Error> {
        self.call(BLOBS, "create", ())
    }

    /// `writer.write`.
    pub fn write(&mut self, writer: ResourceAny, bytes: &[u8]) -> Result<(), Error> {
        self.call(BLOBS, "[method]writer.write", (writer, bytes))
    }

    /// `writer.splice`.
    pub fn splice(
        &mut self,
        writer: ResourceAny,
        digest: &Digest,
        offset: u64,
        length: u64,
    ) -> Result<(), Error> {
        let parameters = (writer, raw(digest), offset, length);
        self.call(BLOBS, "[method]writer.splice", parameters)
    }

    /// `writer.finish`.
    pub fn finish(&mut self, writer: ResourceAny) -> Result<Digest, Error> {
        let bytes: Result<Vec<u8>, Error> = self.call(BLOBS, "[static]writer.finish", (writer,));
        Ok(digest(&bytes?))
    }

    /// Drops a writer that is not finished.
    pub fn drop(&mut self, writer: ResourceAny) {
        writer.resource_drop(&mut self.store).expect("no trap");
    }

    /// Writes a whole blob.
    pub fn put(&mut self, bytes: &[u8]) -> Result<Digest, Error> {
        let writer = self.create()?;
        self.write(writer, bytes)?;
        self.finish(writer)
    }

    /// Reads a whole blob.
    pub fn get(&mut self, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.read(digest, 0, u64::MAX)
    }

    /// `blobs.find-key`.
    pub fn find_key(&mut self, key: &Digest) -> Result<Option<Digest>, Error> {
        let found: Result<Option<Vec<u8>>, Error> = self.call(BLOBS, "find-key", (raw(key),));
        Ok(found?.map(|bytes| digest(&bytes)))
    }

    /// `blobs.record-key`.
    pub fn record(&mut self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        self.call(BLOBS, "record-key", (raw(key), raw(blob)))
    }

    /// `trust.verify`.
    pub fn trusted(&mut self, digest: &Digest) -> Result<(), Error> {
        self.call(TRUST, "verify", (raw(digest),))
    }

    /// `trust.add`.
    pub fn trust(&mut self, digests: &[Digest]) -> Result<(), Error> {
        self.trust_raw(all_raw(digests))
    }

    /// `trust.add` of any bytes as digests.
    pub fn trust_raw(&mut self, digests: Vec<Vec<u8>>) -> Result<(), Error> {
        self.call(TRUST, "add", (digests,))
    }

    /// `trust.remove`.
    pub fn distrust(&mut self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let removed: Result<Vec<Vec<u8>>, Error> = self.call(TRUST, "remove", (all_raw(digests),));
        Ok(removed?.iter().map(|bytes| digest(bytes)).collect())
    }

    /// `trust.list`.
    pub fn list_trusted(&mut self) -> Result<Vec<Digest>, Error> {
        let trusted: Result<Vec<Vec<u8>>, Error> = self.call(TRUST, "list", ());
        Ok(trusted?.iter().map(|bytes| digest(bytes)).collect())
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::try_from(bytes).expect("a digest")
}

fn raw(digest: &Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}

fn all_raw(digests: &[Digest]) -> Vec<Vec<u8>> {
    digests.iter().map(raw).collect()
}

/// Bytes that no other seed gives.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Where a blob's file is.
pub fn blob(folder: &Temp, digest: &Digest) -> std::path::PathBuf {
    folder.join("blobs/sha256").join(digest.hex())
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("a text"))
        .collect();
    names.sort();
    names
}

/// Asserts an error's code and parts of its message.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: ErrorCode, parts: &[&str]) {
    let error = result.expect_err("an error");
    assert_eq!(
        std::mem::discriminant(&error.code),
        std::mem::discriminant(&code),
        "{error:?}"
    );
    for part in parts {
        assert!(error.message.contains(part), "`{part}` in {error:?}");
    }
}

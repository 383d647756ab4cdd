//! The core, natively and as the component, over blobs in memory: the same
//! work, and nothing of a store's.
//!
//! It is measured, so it is compiled for speed, host's side included, which the
//! tests are not.

pub mod stub;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use compositor_core::host::{Blobs, Host, Segment, Validated, Writer};
use compositor_core::memory::MemoryStore;
use compositor_core::wasm::WasmFeatures;
use compositor_core::{Digest, Error, HostPolicy};
use rustix::time::{ClockId, clock_gettime};
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{Cache, Config, Engine, Store};

use bindings::exports::sys::compose::grants;
use bindings::sys::compose::{blobs, events, limits, types};

mod bindings {
    #![allow(missing_docs)]
    wasmtime::component::bindgen!({
        path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose"],
        inline: "
            package compositor:tests;

            world emitting {
                import sys:compose/blobs@1.0.0;
                import sys:compose/events@1.0.0;
                import sys:compose/limits@1.0.0;
                export sys:compose/grants@1.0.0;
                export sys:compose/emit@1.0.0;
            }
        ",
        world: "compositor:tests/emitting",
        with: { "sys:compose/blobs.writer": super::Written },
    });
}

/// Blobs in memory, taken at their word: neither hashed nor validated, which is
/// a store's to do. What is written goes nowhere. So all the time there is, is
/// the core's.
#[derive(Default)]
pub struct Shelf(HashMap<Digest, Vec<u8>>);

/// What emitting a plan took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emission {
    /// Bytes of the artifact.
    pub size: u64,
    /// The time of the processor.
    pub processor: Duration,
    /// What the component consumed of its fuel; none natively, and where
    /// nobody counts it.
    pub fuel: u64,
}

impl Shelf {
    /// Puts a blob.
    pub fn put(&mut self, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        self.0.insert(digest, bytes);
        digest
    }

    fn range(&self, digest: &Digest, offset: u64, length: u64) -> Vec<u8> {
        let bytes = self.0.get(digest).map_or(&[][..], Vec::as_slice);
        let end = offset.saturating_add(length).min(bytes.len() as u64);
        let start = offset.min(end);
        bytes[start as usize..end as usize].to_vec()
    }

    /// Emits a locked plan by native code.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub fn emit(&self, plan: &[u8]) -> Emission {
        let rest = MemoryStore::new();
        let host = Host {
            blobs: self,
            ..rest.host()
        };
        let started = processor();
        let artifact = compositor_core::build(plan, &HostPolicy::default(), host);
        let processor = processor() - started;
        let size = artifact.expect("a sound plan").size;
        Emission {
            size,
            processor,
            fuel: 0,
        }
    }
}

/// The time that the processor spent on this thread.
fn processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

impl Blobs for Shelf {
    fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        Ok(self.0.get(digest).map(|bytes| bytes.len() as u64))
    }

    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        Ok(self.range(digest, offset, length))
    }

    fn validate_modules(&self, _: &Digest, _: &[(u64, u64)]) -> Result<Validated, Error> {
        Ok(Ok(WasmFeatures::empty()))
    }

    fn verify(&self, digests: &[Digest]) -> Vec<Result<(), Error>> {
        digests.iter().map(|_| Ok(())).collect()
    }

    fn derive(&self) -> Result<Box<dyn Writer + '_>, Error> {
        Ok(Box::new(Written))
    }

    fn find_key(&self, _: &Digest) -> Result<Option<Digest>, Error> {
        Ok(None)
    }

    fn record_key(&self, _: &Digest, _: &Digest) -> Result<(), Error> {
        Ok(())
    }

    fn holds(&self, _: &Digest, _: &[Segment]) -> Result<bool, Error> {
        Ok(false)
    }

    fn get_record(&self, _: &Digest) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }

    fn put_record(&self, _: &Digest, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

/// A blob that goes nowhere.
pub struct Written;

/// The digest of whatever was written.
const NOWHERE: [u8; 32] = [0; 32];

impl Writer for Written {
    fn write(&mut self, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn splice(&mut self, _: &Digest, _: u64, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Digest, Error> {
        Ok(Digest::from(NOWHERE))
    }
}

/// The core component, compiled.
pub struct CoreComponent {
    component: Component,
    linker: Linker<Given>,
    counts: bool,
}

struct Given {
    shelf: Arc<Shelf>,
    table: ResourceTable,
}

impl CoreComponent {
    /// Compiles the component; `counts` says whether it counts what it does, in
    /// fuel.
    ///
    /// # Panics
    ///
    /// When it cannot be compiled, or imports what it should not.
    pub fn new(bytes: &[u8], counts: bool) -> Self {
        let mut config = Config::new();
        config.consume_fuel(counts);
        config.cache(Cache::from_file(None).ok());
        let compiled = Engine::new(&config).and_then(|engine| Component::new(&engine, bytes));
        let component = compiled.unwrap_or_else(|error| panic!("{error:?}"));
        let linker = linker(&component).unwrap_or_else(|error| panic!("{error:?}"));
        Self {
            component,
            linker,
            counts,
        }
    }

    /// Emits a locked plan in a new instance.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub fn emit(&self, plan: &[u8], shelf: &Arc<Shelf>) -> Emission {
        self.try_emit(plan, shelf)
            .unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn try_emit(&self, plan: &[u8], shelf: &Arc<Shelf>) -> wasmtime::Result<Emission> {
        let given = Given {
            shelf: shelf.clone(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(self.component.engine(), given);
        if self.counts {
            store.set_fuel(u64::MAX)?;
        }
        let instance = self.linker.instantiate(&mut store, &self.component)?;
        let core = bindings::Emitting::new(&mut store, &instance)?;
        let policy = grants::HostPolicy {
            allow: Vec::new(),
            deny: Vec::new(),
        };
        let target = grants::Target {
            host: "any".to_string(),
            world: None,
        };
        let before = fuel(&store, self.counts)?;
        let started = processor();
        let built = core
            .sys_compose_emit()
            .call_build(&mut store, plan, &policy, &target, None)?;
        let processor = processor() - started;
        let size = built.expect("a sound plan").size;
        let fuel = before - fuel(&store, self.counts)?;
        Ok(Emission {
            size,
            processor,
            fuel,
        })
    }
}

fn fuel(store: &Store<Given>, counts: bool) -> wasmtime::Result<u64> {
    match counts {
        true => store.get_fuel(),
        false => Ok(0),
    }
}

/// Blobs, events and limits; the rest traps.
fn linker(component: &Component) -> wasmtime::Result<Linker<Given>> {
    let mut linker = Linker::new(component.engine());
    blobs::add_to_linker::<_, HasSelf<_>>(&mut linker, |given| given)?;
    events::add_to_linker::<_, HasSelf<_>>(&mut linker, |given| given)?;
    limits::add_to_linker::<_, HasSelf<_>>(&mut linker, |given| given)?;
    types::add_to_linker::<_, HasSelf<_>>(&mut linker, |given| given)?;
    let given = ["blobs", "events", "limits", "types"];
    let given = given.map(|name| format!("sys:compose/{name}@1.0.0"));
    stub::define(&mut linker, component, |import| {
        given.iter().any(|name| name == import)
    })?;
    Ok(linker)
}

impl types::Host for Given {}

impl limits::Host for Given {
    fn get(&mut self) -> Vec<(String, u64)> {
        Vec::new()
    }
}

impl events::Host for Given {
    fn emit(&mut self, _: events::Event) {}

    fn drain(&mut self) -> Vec<events::Event> {
        Vec::new()
    }

    fn record(&mut self, _: String) -> Result<(), types::Error> {
        Ok(())
    }
}

fn digest(bytes: Vec<u8>) -> Digest {
    let bytes: [u8; 32] = bytes.try_into().expect("a digest");
    Digest::from(bytes)
}

impl blobs::Host for Given {
    fn stat(&mut self, blob: Vec<u8>) -> Result<Option<u64>, types::Error> {
        let blob = self.shelf.0.get(&digest(blob));
        Ok(blob.map(|bytes| bytes.len() as u64))
    }

    fn read(&mut self, blob: Vec<u8>, offset: u64, length: u64) -> Result<Vec<u8>, types::Error> {
        Ok(self.shelf.range(&digest(blob), offset, length))
    }

    fn validate_modules(
        &mut self,
        _: Vec<u8>,
        _: Vec<(u64, u64)>,
    ) -> Result<Result<Vec<String>, (u64, String)>, types::Error> {
        Ok(Ok(Vec::new()))
    }

    fn verify(&mut self, digests: Vec<Vec<u8>>) -> Vec<Result<(), types::Error>> {
        digests.iter().map(|_| Ok(())).collect()
    }

    fn list(&mut self) -> Result<Vec<blobs::Entry>, types::Error> {
        Ok(Vec::new())
    }

    fn remove(&mut self, _: Vec<u8>) -> Result<bool, types::Error> {
        Ok(false)
    }

    fn create(&mut self, _: bool) -> Result<Resource<Written>, types::Error> {
        Ok(self.table.push(Written).expect("room for a writer"))
    }

    fn find_key(&mut self, _: Vec<u8>) -> Result<Option<Vec<u8>>, types::Error> {
        Ok(None)
    }

    fn record_key(&mut self, _: Vec<u8>, _: Vec<u8>) -> Result<(), types::Error> {
        Ok(())
    }

    fn holds(&mut self, _: Vec<u8>, _: Vec<blobs::Segment>) -> Result<bool, types::Error> {
        Ok(false)
    }

    fn get_record(&mut self, _: Vec<u8>) -> Result<Option<Vec<u8>>, types::Error> {
        Ok(None)
    }

    fn put_record(&mut self, _: Vec<u8>, _: Vec<u8>) -> Result<(), types::Error> {
        Ok(())
    }
}

impl blobs::HostWriter for Given {
    fn write(&mut self, _: Resource<Written>, _: Vec<u8>) -> Result<(), types::Error> {
        Ok(())
    }

    fn splice(
        &mut self,
        _: Resource<Written>,
        _: Vec<u8>,
        _: u64,
        _: u64,
    ) -> Result<(), types::Error> {
        Ok(())
    }

    fn finish(&mut self, writer: Resource<Written>) -> Result<Vec<u8>, types::Error> {
        self.table.delete(writer).expect("a writer");
        Ok(NOWHERE.to_vec())
    }

    fn drop(&mut self, writer: Resource<Written>) -> wasmtime::Result<()> {
        self.table.delete(writer)?;
        Ok(())
    }
}

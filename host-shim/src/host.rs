//! What the host gives to the compositor, natively: the store, trust, events,
//! and a runner.
//!
//! One file because it is what one interface asks of this host.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use compositor_store::{Digest, Fault, Ranges, Segment, Store, Writer, proposals};
use wasi_guest::{CodeCache, Guest, Progress, Purpose, Tenant, say};
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use crate::bindings::sys::compose::{blobs, events, runner, store, trust, types};
use crate::closed::{self, Closed};
use crate::deadline::Deadline;
use crate::events::Events;
use crate::imports::Outside;
use crate::run::{Run, error, internal};
use crate::types::{Error, ErrorCode};
use crate::user::user_folder;

/// Engines, by the tenant's name, what for, and whether they are deterministic.
type Tenants = HashMap<(Option<String>, Purpose, bool), Arc<Tenant<Outside>>>;

/// What all of this process share.
pub struct Host {
    /// Who watches.
    pub events: Arc<Events>,
    /// What the user sees meanwhile.
    pub progress: Arc<Progress>,
    /// When the compositor has to be done.
    deadline: Arc<Deadline>,
    store: Mutex<Option<Arc<Store>>>,
    closed: Mutex<Vec<Closed>>,
    tenants: Mutex<Tenants>,
    code: OnceLock<Option<CodeCache>>,
}

impl Host {
    /// No store is open yet. The arguments are those of the command line.
    pub fn new(args: &[String]) -> Arc<Self> {
        Arc::new(Self {
            deadline: Deadline::start(args),
            events: Arc::new(Events::new()),
            progress: Progress::new(),
            store: Mutex::default(),
            closed: Mutex::default(),
            tenants: Mutex::default(),
            code: OnceLock::new(),
        })
    }

    /// The open store.
    pub fn store(&self) -> Result<Arc<Store>, Error> {
        locked(&self.store).clone().ok_or_else(|| {
            let message = "no store is open: call `sys:compose/store.open` first";
            error(ErrorCode::InvalidInput, message.to_string())
        })
    }

    /// Refuses a configuration that lends a guest what decides what runs.
    fn check_lent(&self, configuration: &runner::Configuration) -> Result<(), Error> {
        closed::check(&locked(&self.closed), &configuration.folders)
    }

    /// A tenant's engine and compiled code.
    pub fn tenant(
        &self,
        name: Option<&str>,
        purpose: Purpose,
        is_deterministic: bool,
    ) -> Result<Arc<Tenant<Outside>>, Error> {
        let key = (name.map(str::to_string), purpose, is_deterministic);
        let mut tenants = locked(&self.tenants);
        if let Some(tenant) = tenants.get(&key) {
            return Ok(tenant.clone());
        }
        let store = self.store()?;
        let code = self.code.get_or_init(|| code_cache(&store)).as_ref();
        let tenant =
            Arc::new(Tenant::new(name, purpose, is_deterministic, code).map_err(internal)?);
        tenants.insert(key, tenant.clone());
        Ok(tenant)
    }
}

/// What the key is for that authenticates compiled code.
const CODE: &str = "compiled code";

/// The user's cache of compiled code. Without it everything is compiled each
/// time.
fn code_cache(store: &Store) -> Option<CodeCache> {
    let open = || {
        let key = store.key_for(CODE).map_err(|error| error.message)?;
        let open = |(folder, key): (PathBuf, _)| {
            CodeCache::open(&folder, key)
                .map_err(|error| format!("`{}`: {error}", folder.display()))
        };
        code_folder().zip(key).map(open).transpose()
    };
    open().unwrap_or_else(|error: String| {
        say(&format!(
            "composectl: compiled code is not kept, and is made anew each time: {error}\n"
        ));
        None
    })
}

/// Where compiled code is kept.
fn code_folder() -> Option<PathBuf> {
    let folder = user_folder("XDG_CACHE_HOME", ".cache")?;
    Some(folder.join("compositor").join("code"))
}

/// What no guest is lent.
fn closed_folders(store: &str, state: Option<&str>) -> Vec<Closed> {
    let closed = |what, path| Closed { what, path };
    let mut folders = vec![closed("store", PathBuf::from(store))];
    folders.extend(state.map(|state| closed("state folder", PathBuf::from(state))));
    // Also when another was named: the next command may not name it, and the log of
    // what is audited is there.
    let own = user_folder("XDG_STATE_HOME", ".local/state");
    folders.extend(own.map(|own| closed("state folder", own.join("compositor"))));
    folders.extend(code_folder().map(|path| closed("cache of compiled code", path)));
    folders
}

/// The compositor, as far as its calls are concerned.
pub struct View<'a> {
    host: Arc<Host>,
    table: &'a mut ResourceTable,
}

struct Views;

impl HasData for Views {
    type Data<'a> = View<'a>;
}

fn view(guest: &mut Guest) -> View<'_> {
    View {
        host: guest.data::<Arc<Host>>().clone(),
        table: &mut guest.table,
    }
}

/// Links `sys:compose/{store,blobs,trust,events,runner}`, for a guest whose data
/// is the host.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    store::add_to_linker::<_, Views>(linker, view)?;
    blobs::add_to_linker::<_, Views>(linker, view)?;
    trust::add_to_linker::<_, Views>(linker, view)?;
    events::add_to_linker::<_, Views>(linker, view)?;
    runner::add_to_linker::<_, Views>(linker, view)?;
    types::add_to_linker::<_, Views>(linker, view)
}

impl types::Host for View<'_> {}

impl store::Host for View<'_> {
    fn open(&mut self, folder: String, state: Option<String>, create: bool) -> Result<(), Error> {
        let store = Store::open(&folder, state.as_deref(), create)?;
        *locked(&self.host.closed) = closed_folders(&folder, state.as_deref());
        store.watch(Arc::new(Shown(self.host.progress.clone())));
        *locked(&self.host.store) = Some(Arc::new(store));
        Ok(())
    }

    fn copy_out(&mut self, blob: Vec<u8>, folder: String, path: String) -> Result<u64, Error> {
        let store = self.host.store()?;
        Ok(store.copy_out(&digest(&blob)?, &folder, &path)?)
    }

    fn old_trust(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        let old = self.host.store()?.old_trust()?;
        Ok(old.into_iter().map(bytes).collect())
    }
}

impl blobs::Host for View<'_> {
    fn stat(&mut self, blob: Vec<u8>) -> Result<Option<u64>, Error> {
        Ok(self.host.store()?.stat(&digest(&blob)?)?)
    }

    fn read(&mut self, blob: Vec<u8>, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        Ok(self.host.store()?.read(&digest(&blob)?, offset, length)?)
    }

    fn validate_modules(
        &mut self,
        of: Vec<u8>,
        at: Ranges,
    ) -> Result<Result<Vec<String>, Fault>, Error> {
        let validated = self.host.store()?.validate_modules(&digest(&of)?, &at)?;
        Ok(validated.map(|needed| proposals(needed).map(str::to_string).collect()))
    }

    fn verify(&mut self, blobs: Vec<Vec<u8>>) -> Vec<Result<(), Error>> {
        match self.host.store() {
            Ok(store) => store
                .verify(&blobs)
                .into_iter()
                .map(|done| Ok(done?))
                .collect(),
            Err(error) => vec![Err(error); blobs.len()],
        }
    }

    fn list(&mut self) -> Result<Vec<blobs::Entry>, Error> {
        let entries = self.host.store()?.list()?.into_iter();
        let entries = entries.map(|entry| blobs::Entry {
            digest: bytes(entry.digest),
            size: entry.size,
        });
        Ok(entries.collect())
    }

    fn remove(&mut self, blob: Vec<u8>) -> Result<bool, Error> {
        Ok(self.host.store()?.remove(&digest(&blob)?)?)
    }

    fn create(&mut self, is_derived: bool) -> Result<Resource<Writer>, Error> {
        let writer = self.host.store()?.create(is_derived)?;
        self.table.push(writer).map_err(internal)
    }

    fn find_key(&mut self, key: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.host.store()?.find_key(&digest(&key)?)?.map(bytes))
    }

    fn record_key(&mut self, key: Vec<u8>, blob: Vec<u8>) -> Result<(), Error> {
        let (key, blob) = (digest(&key)?, digest(&blob)?);
        Ok(self.host.store()?.record_key(&key, &blob)?)
    }

    fn holds(&mut self, blob: Vec<u8>, segments: Vec<blobs::Segment>) -> Result<bool, Error> {
        let segments = segments.into_iter().map(segment);
        let segments = segments.collect::<Result<Vec<_>, _>>()?;
        Ok(self.host.store()?.holds(&digest(&blob)?, &segments)?)
    }

    fn get_record(&mut self, key: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.host.store()?.get_record(&digest(&key)?)?)
    }

    fn put_record(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), Error> {
        Ok(self.host.store()?.put_record(&digest(&key)?, &value)?)
    }
}

impl blobs::HostWriter for View<'_> {
    fn write(&mut self, writer: Resource<Writer>, bytes: Vec<u8>) -> Result<(), Error> {
        let writer = self.table.get_mut(&writer).map_err(internal)?;
        Ok(writer.write(&bytes)?)
    }

    fn splice(
        &mut self,
        writer: Resource<Writer>,
        blob: Vec<u8>,
        offset: u64,
        length: u64,
    ) -> Result<(), Error> {
        let writer = self.table.get_mut(&writer).map_err(internal)?;
        Ok(writer.splice(&digest(&blob)?, offset, length)?)
    }

    fn finish(&mut self, writer: Resource<Writer>) -> Result<Vec<u8>, Error> {
        let writer = self.table.delete(writer).map_err(internal)?;
        Ok(bytes(writer.finish()?))
    }

    fn drop(&mut self, writer: Resource<Writer>) -> wasmtime::Result<()> {
        self.table.delete(writer)?;
        Ok(())
    }
}

impl trust::Host for View<'_> {
    fn verify(&mut self, blob: Vec<u8>) -> Result<(), Error> {
        Ok(self.host.store()?.verify_trust(&digest(&blob)?)?)
    }

    fn add(&mut self, blobs: Vec<Vec<u8>>) -> Result<(), Error> {
        Ok(self.host.store()?.trust(&digests(&blobs)?)?)
    }

    fn remove(&mut self, blobs: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
        let removed = self.host.store()?.distrust(&digests(&blobs)?)?;
        Ok(removed.into_iter().map(bytes).collect())
    }

    fn list(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        let trusted = self.host.store()?.trusted()?;
        Ok(trusted.into_iter().map(bytes).collect())
    }
}

impl events::Host for View<'_> {
    fn emit(&mut self, event: events::Event) {
        match event.kind.as_str() {
            "plan.resolved" => self.host.progress.begin("composing"),
            "plan.composed" => self.host.progress.begin("writing"),
            _ => self.host.progress.end(),
        }
        self.host.events.phase(event);
    }

    fn drain(&mut self) -> Vec<events::Event> {
        self.host.events.drain()
    }

    fn record(&mut self, target: String) -> Result<(), Error> {
        self.host.events.record(&target).map_err(|error| Error {
            code: ErrorCode::InvalidInput,
            message: format!("cannot write events to `{target}`: {error}"),
            context: Some(target),
        })
    }
}

impl runner::Host for View<'_> {
    fn fingerprint(&mut self) -> String {
        format!(
            "composectl {}, {}-{}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH,
            std::env::consts::OS
        )
    }

    async fn run(
        &mut self,
        root: runner::Program,
        configuration: runner::Configuration,
    ) -> Result<(u32, runner::Output), Error> {
        self.host.check_lent(&configuration)?;
        let _guests = self.host.deadline.pause();
        let run = Run::new(&self.host, &root, configuration, Purpose::Run).await?;
        Ok((run.command().await?, run.output()))
    }

    async fn invoke(
        &mut self,
        root: runner::Program,
        call: String,
        configuration: runner::Configuration,
    ) -> Result<(String, runner::Output), Error> {
        self.host.check_lent(&configuration)?;
        let _guests = self.host.deadline.pause();
        let run = Run::new(&self.host, &root, configuration, Purpose::Run).await?;
        Ok((run.invoke(&call).await?, run.output()))
    }

    async fn serve(
        &mut self,
        root: runner::Program,
        address: String,
        configuration: runner::Configuration,
    ) -> Result<(), Error> {
        self.host.check_lent(&configuration)?;
        let _guests = self.host.deadline.pause();
        let run = Run::new(&self.host, &root, configuration, Purpose::Serve).await?;
        run.serve(&address).await
    }
}

/// Shows what the store does.
struct Shown(Arc<Progress>);

impl compositor_store::Progress for Shown {
    fn bytes(&self, count: u64) {
        self.0.bytes(count);
    }
}

impl From<compositor_store::Error> for Error {
    fn from(error: compositor_store::Error) -> Self {
        use compositor_store::ErrorCode as Code;
        let code = match error.code {
            Code::EmitInvalidDigest => ErrorCode::EmitInvalidDigest,
            Code::BlobNotFound => ErrorCode::BlobNotFound,
            Code::BlobDigestMismatch => ErrorCode::BlobDigestMismatch,
            Code::BlobIoError => ErrorCode::BlobIoError,
            Code::TrustVerificationFailed => ErrorCode::TrustVerificationFailed,
            Code::TrustUntrustedSource => ErrorCode::TrustUntrustedSource,
            Code::InvalidInput => ErrorCode::InvalidInput,
            Code::NotImplemented => ErrorCode::NotImplemented,
        };
        Self {
            code,
            message: error.message,
            context: error.context,
        }
    }
}

/// A digest of the interfaces as the store's.
pub fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    Ok(Digest::new(bytes)?)
}

fn segment(segment: blobs::Segment) -> Result<Segment, Error> {
    Ok(match segment {
        blobs::Segment::Bytes(bytes) => Segment::Bytes(bytes),
        blobs::Segment::Blob((of, size)) => Segment::Blob(digest(&of)?, size),
    })
}

fn digests(digests: &[Vec<u8>]) -> Result<Vec<Digest>, Error> {
    digests.iter().map(|bytes| digest(bytes)).collect()
}

fn bytes(digest: Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What all of this process share: the store, who watches, engines and compiled
//! code.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use composectl_runtime::{CodeCache, Guest, Progress, Purpose, Tenant, say};
use compositor_store::Store;
use wasmtime::component::Linker;

use crate::bindings::sys::compose::runner::Configuration;
use crate::closed::{self, Closed, Lent};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorCode, error};
use crate::events::Events;
use crate::imports::Outside;
use crate::turn::Turn;
use crate::user::{state_folder, user_folder};

/// Engines, by the tenant's name, what for, and whether they are deterministic.
type Tenants = HashMap<(Option<String>, Purpose, bool), Arc<Tenant<Outside>>>;

/// What all of this process share.
pub struct Host {
    /// Who watches.
    pub events: Arc<Events>,
    /// Whether the user wants to hear of errors alone.
    pub is_quiet: bool,
    /// What the user sees meanwhile.
    pub progress: Arc<Progress>,
    /// When the compositor has to be done.
    pub deadline: Arc<Deadline>,
    /// Which of the times it is that the command line is done.
    pub turn: Arc<Turn>,
    store: Mutex<Option<Arc<Store>>>,
    closed: Mutex<Vec<Closed>>,
    tenants: Mutex<Tenants>,
    code: OnceLock<Option<CodeCache>>,
}

impl Host {
    /// No store is open yet. The arguments are those of the command line.
    pub fn new(args: &[String], turn: Arc<Turn>) -> Arc<Self> {
        let own = || args.iter().take_while(|arg| *arg != "--");
        let is_quiet = own().any(|arg| arg == "-q" || arg == "--quiet");
        Arc::new(Self {
            is_quiet,
            deadline: Deadline::start(args, turn.is_alone),
            turn,
            events: Arc::new(Events::new()),
            progress: Progress::new(!is_quiet),
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

    /// Opens the store in a folder: from now on it is the one that is open.
    pub fn open(&self, folder: &str, state: Option<&str>, create: bool) -> Result<(), Error> {
        let store = Store::open(folder, state, create)?;
        *locked(&self.closed) = closed_folders(folder, state);
        store.watch(Arc::new(Shown(self.progress.clone())));
        *locked(&self.store) = Some(Arc::new(store));
        Ok(())
    }

    /// Opens the folders that a configuration lends; refuses what decides what runs.
    pub fn lend(&self, configuration: &Configuration) -> Result<Vec<io::Result<Lent>>, Error> {
        closed::lend(&locked(&self.closed), &configuration.folders)
    }

    /// A tenant's engine, compiled code and what its guests may import: what `give` adds
    /// to WASI, the same each time.
    pub fn tenant(
        &self,
        name: Option<&str>,
        purpose: Purpose,
        is_deterministic: bool,
        give: fn(&mut Linker<Guest>) -> wasmtime::Result<()>,
    ) -> Result<Arc<Tenant<Outside>>, Error> {
        let key = (name.map(str::to_string), purpose, is_deterministic);
        let mut tenants = locked(&self.tenants);
        if let Some(tenant) = tenants.get(&key) {
            return Ok(tenant.clone());
        }
        let store = self.store()?;
        let code = self.code.get_or_init(|| code_cache(&store)).as_ref();
        let tenant = Arc::new(Tenant::new(name, purpose, is_deterministic, code, give));
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
    // Also when another was named: the next command may not name it, and the log of
    // what is audited is there.
    for state in state.map(PathBuf::from).into_iter().chain(state_folder()) {
        // What is mounted elsewhere is not below the state folder.
        let below = ["trust", "audit", "tmp"].map(|name| state.join(name));
        folders.extend(
            std::iter::once(state)
                .chain(below)
                .map(|path| closed("state folder", path)),
        );
    }
    folders.extend(code_folder().map(|path| closed("cache of compiled code", path)));
    folders
}

/// Shows what the store does.
struct Shown(Arc<Progress>);

impl compositor_store::Progress for Shown {
    fn bytes(&self, count: u64) {
        self.0.bytes(count);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

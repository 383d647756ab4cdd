//! The engines: one for the compositor, which is a part of this program, and
//! one for the guests of each tenant.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use wasmtime::{Cache, CacheConfig, Config, Engine, Result};

use compositor_store::Digest;

/// How often guests are looked at while they run: limits of time are held to
/// this, and guests of one thread take turns after it.
const TICK: Duration = Duration::from_millis(1);

/// The engine that runs the compositor. `target` is for which machines it is
/// compiled: a triple means all of that kind, none this one.
pub fn compositor(target: Option<&str>) -> Result<Engine> {
    let mut config = Config::new();
    if let Some(target) = target {
        config.target(target)?;
    }
    Engine::new(&config)
}

/// Compiled code and the engine that runs it, which tenants do not share.
pub struct Tenant {
    engine: Engine,
    compiled: Mutex<HashMap<Digest, Component>>,
}

impl Tenant {
    /// The engine of a tenant, or of those who name none. Compiled code is kept
    /// in the user's cache folder, if there is one, and never in the store,
    /// which others may write to.
    pub fn new(name: Option<&str>) -> Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true).cache(cache(name));
        let engine = Engine::new(&config)?;
        let ticking = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = ticking.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        });
        let compiled = Mutex::default();
        Ok(Self { engine, compiled })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What was compiled before in this process.
    pub fn compiled(&self, artifact: &Digest) -> Option<Component> {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.get(artifact).cloned()
    }

    /// Keeps what was compiled.
    pub fn keep(&self, artifact: Digest, component: &Component) {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.insert(artifact, component.clone());
    }
}

/// The runtime's own cache, in a folder of the tenant's.
fn cache(tenant: Option<&str>) -> Option<Cache> {
    let shared = Cache::from_file(None).ok()?;
    let Some(tenant) = tenant else {
        return Some(shared);
    };
    let name: String = Sha256::digest(tenant)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut config = CacheConfig::new();
    config.with_directory(shared.directory().with_file_name(format!("tenant-{name}")));
    Cache::new(config).ok()
}

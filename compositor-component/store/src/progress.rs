//! Telling the host how far long work has come. In a component nobody can be
//! told.

#[cfg(not(target_family = "wasm"))]
use std::sync::{Arc, Mutex, PoisonError};

/// Who is told how far long work has come.
#[cfg(not(target_family = "wasm"))]
pub trait Progress: Send + Sync {
    /// So many bytes more were hashed, copied or written: each byte counts once
    /// in each of these. It is called often, from the thread that works.
    fn bytes(&self, count: u64);
}

/// Who watches a store.
#[derive(Default)]
pub struct Watcher(#[cfg(not(target_family = "wasm"))] Mutex<Option<Arc<dyn Progress>>>);

#[cfg(not(target_family = "wasm"))]
impl Watcher {
    /// From now on tells this one.
    pub fn set(&self, progress: Arc<dyn Progress>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// Tells of bytes. Whoever is told may take its time: nobody waits for the
    /// lock meanwhile.
    pub fn bytes(&self, count: usize) {
        let progress = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(progress) = progress {
            progress.bytes(count as u64);
        }
    }
}

#[cfg(target_family = "wasm")]
impl Watcher {
    /// Nobody is told.
    pub fn bytes(&self, _: usize) {}
}

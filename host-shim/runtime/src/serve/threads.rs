//! The threads that serve: one for each processor, from the first server on.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

/// What serves, as long as the process is there. A program that serves nothing does
/// without: to make threads takes longer than much of what it does.
static THREADS: Mutex<Option<Runtime>> = Mutex::new(None);

/// The threads, made if need be.
///
/// # Errors
/// When the system has none.
pub fn threads() -> io::Result<Handle> {
    let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*threads {
        return Ok(runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    Ok(threads.insert(runtime).handle().clone())
}

//! What guests may import.

use wasmtime::component::Linker;
use wasmtime::{Engine, Result};

use crate::guest::Guest;
use crate::{audit, deterministic};

/// Everything of WASI, and what audited guests import. What is deterministic has
/// folders that say nothing of when and where they are; what is not concurrent has no
/// WASI 0.3.
///
/// # Errors
/// When the engine lacks what these take.
pub fn linker(engine: &Engine, is_deterministic: bool) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    let is_concurrent = engine.get_concurrency_support();
    if is_concurrent {
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    }
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    if is_concurrent {
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    }
    audit::add_to_linker(&mut linker, |guest: &Guest| &guest.audit)?;
    if is_deterministic {
        deterministic::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}

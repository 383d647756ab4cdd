//! Folders in place of those of the runtime.

use wasmtime::Result;
use wasmtime::component::Linker;

use super::{p2, p3};
use crate::guest::Guest;

/// Puts these in place of functions that a linker has, of WASI 0.3 where its engine has
/// that.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> Result<()> {
    linker.allow_shadowing(true);
    p2::add_to_linker(linker)?;
    if linker.engine().get_concurrency_support() {
        p3::add_to_linker(linker)?;
    }
    linker.allow_shadowing(false);
    Ok(())
}

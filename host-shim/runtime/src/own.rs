//! Components that are a part of the embedder: compiled when it is built, and run
//! from where the system has mapped them.

use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, Result};

/// What is a part of the embedder is instantiated once: its memories are cheaper
/// to fill than to make images of, and nobody looks up where in it a trap was, nor
/// unwinds through it.
fn config() -> Config {
    let mut config = Config::new();
    config
        .memory_init_cow(false)
        .generate_address_map(false)
        .native_unwind_info(false);
    config
}

/// Compiles a component's file to a file for [`own_component`], on every machine of
/// this kind and not only on this one.
///
/// # Errors
/// When a file cannot be read or written, and when it is no component.
pub fn precompile(from: &str, to: &str) -> Result<()> {
    let (architecture, system) = (std::env::consts::ARCH, std::env::consts::OS);
    let mut config = config();
    config.target(&format!("{architecture}-unknown-{system}"))?;
    let bytes = std::fs::read(from).with_context(|| format!("cannot read `{from}`"))?;
    let compiled = Engine::new(&config)?.precompile_component(&bytes)?;
    std::fs::write(to, compiled).with_context(|| format!("cannot write `{to}`"))
}

/// A component without limits.
///
/// On Linux it is not copied: its pages are those of the program's file, and those
/// alone are read that it uses. Elsewhere a program's constants cannot become code.
///
/// # Errors
/// When the machine is none that code is made for.
///
/// # Safety
/// The bytes are what [`precompile`] wrote, unchanged: they are run. They begin at a
/// multiple of 64 KiB, and nothing else is in their last page.
pub unsafe fn own_component(compiled: &'static [u8]) -> Result<Component> {
    #[cfg(target_os = "linux")]
    {
        let mut config = config();
        config.with_custom_code_memory(Some(std::sync::Arc::new(mapped::Constants)));
        // SAFETY: the caller says whose they are, and constants do not change.
        unsafe { Component::deserialize_raw(&Engine::new(&config)?, compiled.into()) }
    }
    #[cfg(not(target_os = "linux"))]
    {
        // SAFETY: the caller says whose they are.
        unsafe { Component::deserialize(&Engine::new(&config())?, compiled) }
    }
}

#[cfg(target_os = "linux")]
mod mapped {
    use rustix::mm::{MprotectFlags, mprotect};
    use wasmtime::{CustomCodeMemory, Result};

    /// Code among the constants of a program.
    pub struct Constants;

    impl CustomCodeMemory for Constants {
        fn required_alignment(&self) -> usize {
            rustix::param::page_size()
        }

        fn publish_executable(&self, code: *const u8, bytes: usize) -> Result<()> {
            let flags = MprotectFlags::READ | MprotectFlags::EXEC;
            // SAFETY: the runtime gives whole pages of the code that it was given,
            // which nobody writes to.
            Ok(unsafe { mprotect(code.cast_mut().cast(), bytes, flags) }?)
        }

        fn unpublish_executable(&self, code: *const u8, bytes: usize) -> Result<()> {
            // SAFETY: as above, and the runtime runs it no more.
            Ok(unsafe { mprotect(code.cast_mut().cast(), bytes, MprotectFlags::READ) }?)
        }
    }
}

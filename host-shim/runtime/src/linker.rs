//! What guests may import.

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};
use wasmtime_wasi::{p2, p3};

use crate::guest::Guest;
use crate::{audit, deterministic};

/// What the names of interfaces begin with that lead to other machines: half of WASI.
const NETWORK: [&str; 2] = ["wasi:http/", "wasi:sockets/"];

/// What of WASI programs import: to add all of it takes as long as to run a small one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everything but HTTP and sockets.
    Local,
    /// Everything.
    Network,
}

impl Reach {
    /// What a component imports.
    pub fn of(component: &Component) -> Self {
        let ty = component.component_type();
        let mut imports = ty.imports(component.engine());
        let leads_away = |name: &str| NETWORK.iter().any(|start| name.starts_with(start));
        match imports.any(|(name, _)| leads_away(name)) {
            true => Self::Network,
            false => Self::Local,
        }
    }
}

/// What of WASI is within reach, and what audited guests import. What is deterministic
/// has folders that say nothing of when and where they are; what is not concurrent has no
/// WASI 0.3.
///
/// # Errors
/// When the engine lacks what these take.
pub fn linker(engine: &Engine, is_deterministic: bool, reach: Reach) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    let is_concurrent = engine.get_concurrency_support();
    match reach {
        Reach::Local => local(&mut linker)?,
        Reach::Network => {
            p2::add_to_linker_async(&mut linker)?;
            wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        }
    }
    if is_concurrent {
        p3::add_to_linker(&mut linker)?;
        if reach == Reach::Network {
            wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        }
    }
    audit::add_to_linker(&mut linker, |guest: &Guest| &guest.audit)?;
    if is_deterministic {
        deterministic::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}

/// WASI 0.2 without sockets.
fn local(linker: &mut Linker<Guest>) -> Result<()> {
    p2::add_to_linker_proxy_interfaces_async(linker)?;
    filesystem::preopens::add_to_linker::<_, WasiFilesystem>(linker, Guest::filesystem)?;
    filesystem::types::add_to_linker::<_, WasiFilesystem>(linker, Guest::filesystem)?;
    random::insecure::add_to_linker::<_, WasiRandom>(linker, Guest::random)?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, Guest::random)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::environment::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, Guest::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, Guest::cli)
}

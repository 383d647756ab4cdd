//! One wasmtime engine for all tests of a process.

use std::future::Future;
use std::sync::LazyLock;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use test_core_embeddings::stub;

/// More than any test prints.
const OUTPUT_BYTES: usize = 16 << 20;

/// The runtime's defaults; compiled code is kept between processes where there
/// is a cache folder.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.cache(Cache::from_file(None).ok());
    Engine::new(&config).expect("an engine")
});

static TOKIO: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Runtime::new().expect("an executor"));

/// Waits for a future.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    TOKIO.block_on(future)
}

/// Compiles a component.
pub(crate) fn compile(bytes: &[u8]) -> wasmtime::Result<Component> {
    Component::new(&ENGINE, bytes)
}

/// Every interface of WASI 0.2.
pub(crate) fn linker() -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    Ok(linker)
}

/// WASI 0.2 and 0.3 without HTTP; what a component imports beside these traps
/// when it is called.
pub(crate) fn everything(component: &Component) -> wasmtime::Result<Linker<State>> {
    let mut linker = linker()?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    stub::define(&mut linker, component, |import| {
        import.starts_with("wasi:") && !import.starts_with("wasi:http/")
    })?;
    Ok(linker)
}

/// What a guest sees, and how much memory it has taken.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    pub(crate) memory: Ceiling,
    pub(crate) stdout: MemoryOutputPipe,
    pub(crate) stderr: MemoryOutputPipe,
}

/// A store whose guest prints to memory.
pub(crate) fn store(mut wasi: WasiCtxBuilder, ceiling: Option<usize>) -> Store<State> {
    let stdout = MemoryOutputPipe::new(OUTPUT_BYTES);
    let stderr = MemoryOutputPipe::new(OUTPUT_BYTES);
    let state = State {
        wasi: wasi.stdout(stdout.clone()).stderr(stderr.clone()).build(),
        table: ResourceTable::new(),
        memory: Ceiling {
            ceiling,
            ..Ceiling::default()
        },
        stdout,
        stderr,
    };
    let mut store = Store::new(&ENGINE, state);
    store.limiter(|state| &mut state.memory);
    store
}

/// What was printed.
pub(crate) fn text(pipe: &MemoryOutputPipe) -> String {
    String::from_utf8_lossy(&pipe.contents()).into_owned()
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A limit on all memories of a store together: a component may have many.
#[derive(Default)]
pub(crate) struct Ceiling {
    ceiling: Option<usize>,
    pub(crate) bytes: usize,
}

impl ResourceLimiter for Ceiling {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = self.bytes + (desired - current);
        let fits = self.ceiling.is_none_or(|ceiling| bytes <= ceiling);
        if fits {
            self.bytes = bytes;
        }
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }

    // Composed components have more instances and memories than the default.
    fn instances(&self) -> usize {
        usize::MAX
    }

    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        usize::MAX
    }
}

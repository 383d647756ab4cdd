//! A wasmtime embedding in the test's own process, which runs a command
//! component over one folder.

use std::path::Path;

use composectl_runtime::split;
use wasmtime::Module;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::p2::bindings::{Command, CommandPre};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

use crate::command::Output;
use crate::engine::{ENGINE, State, compile, linker, store, text, wait};

/// A sandbox: a folder as `.`, arguments, and a ceiling on memory.
#[derive(Clone, Debug)]
pub struct Embedding {
    folder: std::path::PathBuf,
    memory: Option<usize>,
    environment: Vec<(String, String)>,
}

/// How a command ended in an [`Embedding`].
#[derive(Debug)]
pub struct Ended {
    /// What it printed, and its exit status; -1 when it trapped.
    pub output: Output,
    /// Why it trapped, if it did.
    pub trap: Option<String>,
    /// Bytes over all its memories when it ended. Memories never shrink, so
    /// this is also the most that it had.
    pub memory: usize,
}

impl Ended {
    /// Its standard output, of a command that must have succeeded.
    ///
    /// # Panics
    ///
    /// When it trapped or failed.
    pub fn success(self) -> String {
        if let Some(trap) = self.trap {
            panic!("{trap}\n--- stderr\n{}", self.output.stderr);
        }
        self.output.success()
    }
}

/// A command component that is compiled and linked.
pub struct Prepared(CommandPre<State>);

impl Prepared {
    /// The component as it is.
    ///
    /// # Panics
    ///
    /// When it is not a command component, or imports more than WASI 0.2.
    pub fn whole(component: &[u8]) -> Self {
        Self::new(&linker(), compile(component))
    }

    /// The component with its core modules compiled apart, as `composectl` runs it.
    ///
    /// # Panics
    ///
    /// When it is not a command component, or imports more than WASI 0.2.
    pub fn in_parts(component: &[u8]) -> Self {
        let parts = split(component).expect("a component");
        let linker = linker().and_then(|mut linker| {
            for module in &parts.modules {
                let compiled = Module::new(&ENGINE, &component[module.range.clone()])?;
                linker.root().module(&module.name(), &compiled)?;
            }
            Ok(linker)
        });
        Self::new(&linker, compile(&parts.wrapper))
    }

    fn new(
        linker: &wasmtime::Result<Linker<State>>,
        component: wasmtime::Result<Component>,
    ) -> Self {
        let linker = linker.as_ref().unwrap_or_else(|error| panic!("{error:?}"));
        let linked = component.and_then(|component| linker.instantiate_pre(&component));
        let command = linked.and_then(CommandPre::new);
        Self(command.unwrap_or_else(|error| panic!("{error:?}")))
    }
}

impl Embedding {
    /// Opens a folder as `.`, for reading and writing.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            memory: None,
            environment: Vec::new(),
        }
    }

    /// Sets a ceiling, in bytes, on all memories of the component together.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Sets a variable of the environment, which is empty otherwise.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_string(), value.to_string()));
        self
    }

    /// Runs a command component, such as the bytes of `dist/compositor.wasm`.
    /// The program's name comes before the arguments by itself.
    ///
    /// # Panics
    ///
    /// When it is not a command component, or imports more than WASI 0.2.
    pub fn run<A: AsRef<str>>(&self, component: &[u8], args: impl IntoIterator<Item = A>) -> Ended {
        self.run_prepared(&Prepared::whole(component), args)
    }

    /// Runs what was compiled before.
    ///
    /// # Panics
    ///
    /// When it cannot be instantiated.
    pub fn run_prepared<A: AsRef<str>>(
        &self,
        command: &Prepared,
        args: impl IntoIterator<Item = A>,
    ) -> Ended {
        wait(self.run_async(command, args)).unwrap_or_else(|error| panic!("{error:?}"))
    }

    async fn run_async<A: AsRef<str>>(
        &self,
        command: &Prepared,
        args: impl IntoIterator<Item = A>,
    ) -> wasmtime::Result<Ended> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.arg("command").envs(&self.environment);
        for arg in args {
            wasi.arg(arg);
        }
        wasi.preopened_dir(&self.folder, ".", FsPerms::ReadWrite)?;
        let mut store = store(wasi, self.memory);
        let command: Command = command.0.instantiate_async(&mut store).await?;
        let result = command.wasi_cli_run().call_run(&mut store).await;
        let (status, trap) = match result {
            Ok(Ok(())) => (0, None),
            Ok(Err(())) => (1, None),
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(I32Exit(status)) => (*status, None),
                None => (-1, Some(format!("{error:?}"))),
            },
        };
        let output = Output {
            stdout: text(&store.data().stdout),
            stderr: text(&store.data().stderr),
            status,
        };
        let memory = store.data().memory.bytes;
        Ok(Ended {
            output,
            trap,
            memory,
        })
    }
}

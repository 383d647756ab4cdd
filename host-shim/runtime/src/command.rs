//! Programs: components that export `wasi:cli/run`, of 0.2 or 0.3.

use wasmtime::component::InstancePre;
use wasmtime::{Result, Store};
use wasmtime_wasi::{I32Exit, p2, p3};

use crate::exports::exports;
use crate::guest::Guest;

/// How a program ended that was not stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status: of one that returned, 0 or 1.
    pub status: i32,
    /// Whether it chose that status itself, and did not merely return an error.
    pub is_exit: bool,
}

/// Runs a program to its end; returns how that was, or none when it is no
/// program.
///
/// # Errors
/// When the guest ends otherwise than by returning or exiting.
pub async fn run_command(
    pre: &InstancePre<Guest>,
    store: &mut Store<Guest>,
) -> Result<Option<Ended>> {
    let mut exports = exports(pre.component()).into_iter();
    if !exports.any(|name| name.starts_with("wasi:cli/run@")) {
        return Ok(None);
    }
    let ended = match run(pre, store).await {
        Ok(ended) => Ok(Ended {
            status: i32::from(ended.is_err()),
            is_exit: false,
        }),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(status)) => Ok(Ended {
                status: *status,
                is_exit: true,
            }),
            None => Err(error),
        },
    };
    ended.map(Some)
}

async fn run(pre: &InstancePre<Guest>, store: &mut Store<Guest>) -> Result<Result<(), ()>> {
    let instance = pre.instantiate_async(&mut *store).await?;
    match p3::bindings::Command::new(&mut *store, &instance) {
        Ok(command) => {
            let run = async |store: &_| command.wasi_cli_run().call_run(store).await;
            store.run_concurrent(run).await?
        }
        Err(_) => {
            let command = p2::bindings::Command::new(&mut *store, &instance)?;
            command.wasi_cli_run().call_run(store).await
        }
    }
}

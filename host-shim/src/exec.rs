//! Runs a program once: as a command, or a function that it exports.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use composectl_runtime::{Call, Exceeded, Guest, NoCall, exports, metered, run_command, say};
use wasmtime::Store;

use crate::error::{Error, ErrorCode, code_name, error};
use crate::failure::{code, failure, unrecordable};
use crate::guest::{Member, root_store};
use crate::program::id_of;
use crate::run::Run;

/// Runs `wasi:cli/run`; returns the guest's exit status.
pub async fn command(run: &Arc<Run>) -> Result<u32, Error> {
    let started = Instant::now();
    let status = call_guest(run, async |store| {
        let ended = run_command(&run.pre, store).await?;
        Ok(ended.map(|ended| (ended, store.data().data::<Member>().is_silent())))
    });
    let status = status.await.and_then(|ended| match ended {
        Some((ended, is_silent)) => {
            // What a program exits with is its word; an error that it returns says nothing.
            if is_silent && ended.status != 0 && !ended.is_exit && !run.host.is_quiet {
                let id = id_of(&run.root);
                say(&format!(
                    "composectl: {id:?} returned an error from `wasi:cli/run`, and wrote nothing \
                     to stderr\n"
                ));
            }
            Ok(ended.status as u32)
        }
        None => Err(error(
            ErrorCode::ExecMissingExport,
            format!(
                "the artifact does not export `wasi:cli/run`; it exports {}",
                exports(run.pre.component()).join(", ")
            ),
        )),
    });
    finished(run, started, status, |status| *status)
}

/// Calls an export, arguments and result in WAVE.
pub async fn invoke(run: &Arc<Run>, call: &str) -> Result<String, Error> {
    let started = Instant::now();
    let result = match Call::find(call, run.pre.component()) {
        Ok(call) => call_guest(run, async |store| call.run(&run.pre, store).await).await,
        Err(why) => Err(error(
            match why {
                NoCall::Missing(_) => ErrorCode::ExecMissingExport,
                NoCall::Invalid(_) => ErrorCode::InvalidInput,
                NoCall::Untellable(_) => ErrorCode::NotImplemented,
            },
            why.to_string(),
        )),
    };
    let limit = run.configuration.limits.output_bytes;
    let result = result.and_then(|result| match result.len() as u64 > limit {
        true => {
            let limit = Exceeded::Output(limit);
            Err(error(code(limit), format!("the result: {limit}")))
        }
        false => Ok(result),
    });
    finished(run, started, result, |_| 0)
}

/// Does something with a fresh store, on the guest's account.
async fn call_guest<R>(
    run: &Arc<Run>,
    what: impl AsyncFnOnce(&mut Store<Guest>) -> wasmtime::Result<R>,
) -> Result<R, Error> {
    let mut store = root_store(run)?;
    let meter = store.data().meter.clone();
    let result = metered(&meter, what(&mut store)).await;
    result.map_err(|error| failure(&meter, &*store.data().code, &error))
}

/// Says how a run ended.
fn finished<R>(
    run: &Run,
    started: Instant,
    result: Result<R, Error>,
    status: impl FnOnce(&R) -> u32,
) -> Result<R, Error> {
    // What the guest printed comes before what is said of it.
    let _ = io::Write::flush(&mut io::stdout());
    run.events.settle();
    let recorded = run
        .events
        .check()
        .map_err(|unrecorded| unrecordable(&unrecorded));
    let result = result.and_then(|result| recorded.map(|()| result));
    let ended = match &result {
        Ok(result) => ("status", status(result).to_string()),
        Err(error) => ("code", code_name(error.code)),
    };
    let duration = started.elapsed().as_micros().to_string();
    let fields = [ended, ("duration_us", duration)];
    run.events.emit("exec.finished", &fields);
    result
}

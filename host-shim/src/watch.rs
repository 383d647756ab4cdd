//! Does a command line: once, or again when a file changes that it depends on, with
//! `--watch`, and of a server when the process is told to read its plan again.
//!
//! Each time is a turn: an instance of the compositor of its own, with the same
//! arguments. What a turn runs goes on while the next one locks and composes, and
//! ends when that has something to run in its place; a server stays and serves that
//! from then on, and what is in flight is finished as it began. A turn that fails says
//! so, and leaves the one before where it was.

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;

use composectl_runtime::say;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinHandle};
use wasmtime::component::Component;
use wasmtime::{Result, format_err};

use crate::command::{self, Opened};
use crate::turn::{Runs, Shared, Turn};

/// How many files that changed are named.
const NAMED: usize = 3;

/// A turn that was started.
struct Started {
    ended: JoinHandle<Result<i32>>,
    /// Tells its server that another turn's service is in its place.
    replace: watch::Sender<bool>,
    /// Ends it.
    cancel: oneshot::Sender<()>,
    runs: Option<Runs>,
}

/// Does a command line, again and again if that is asked for; returns the exit status
/// of a server that was told to stop, and of what depends on no file, such as a
/// command line that is wrong.
pub async fn run(component: &Component, args: &[String], opened: Opened) -> Result<i32> {
    let shared = Arc::new(Shared::default());
    let mut running: Option<Started> = None;
    loop {
        let (sender, mut ready) = mpsc::unbounded_channel();
        let is_alone = running.is_none();
        let mut turn = start(
            component,
            args,
            opened,
            Turn::new(&shared, sender, is_alone),
        );
        // Until it has ended, or has something to run.
        let ended = tokio::select! {
            biased;
            Some((runs, waiting)) = ready.recv() => {
                if let Some(earlier) = running.take() {
                    replace(earlier).await;
                }
                turn.runs = Some(runs);
                let _ = waiting.send(());
                running = Some(turn);
                None
            }
            ended = &mut turn.ended => Some(ended),
            stopped = server(&mut running) => return status_of(stopped),
        };
        match ended.map(status_of) {
            None => {}
            Some(status) if running.is_none() && shared.files() == 0 => return status,
            Some(status) => {
                if let Err(error) = status {
                    say(&format!("composectl: {error:#}\n"));
                }
                wait(&shared, running.is_some(), 0);
            }
        }
        let changed = loop {
            let Some(current) = &mut running else {
                break shared.changed().await;
            };
            tokio::select! {
                changed = shared.changed() => break changed,
                ended = &mut current.ended => {
                    let status = status_of(ended);
                    if current.runs == Some(Runs::Server) || shared.files() == 0 {
                        return status;
                    }
                    let status = status?;
                    running = None;
                    wait(&shared, false, status);
                }
            }
        };
        if !changed.is_empty() {
            say(&format!("composectl: {}\n", told(&changed)));
        }
    }
}

/// The end of a server, which only comes when the process is told to stop.
async fn server(running: &mut Option<Started>) -> Ended {
    match running {
        Some(turn) if turn.runs == Some(Runs::Server) => (&mut turn.ended).await,
        _ => pending().await,
    }
}

fn start(
    component: &Component,
    args: &[String],
    opened: Opened,
    (turn, replace): (Turn, watch::Sender<bool>),
) -> Started {
    let (component, args, turn) = (component.clone(), args.to_vec(), Arc::new(turn));
    let (cancel, cancelled) = oneshot::channel();
    let runtime = Handle::current();
    // The compositor keeps the thread that it is on, and a server's may not be kept.
    let ended = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                ended = command::run(&component, &args, opened, turn) => ended,
                _ = cancelled => Ok(0),
            }
        })
    });
    Started {
        ended,
        replace,
        cancel,
        runs: None,
    }
}

/// Ends what a turn runs: a program at once; of a server the waiting for its end alone,
/// because it goes on.
async fn replace(turn: Started) {
    match turn.runs {
        Some(Runs::Server) => drop(turn.replace.send_replace(true)),
        _ => drop(turn.cancel.send(())),
    }
    let _ = turn.ended.await;
}

/// What became of a turn's task.
type Ended = std::result::Result<Result<i32>, JoinError>;

fn status_of(ended: Ended) -> Result<i32> {
    ended.unwrap_or_else(|error| Err(format_err!("a turn ended: {error}")))
}

/// Says what is waited for.
fn wait(shared: &Shared, goes_on: bool, status: i32) {
    let files = match shared.files() {
        0 => None,
        1 => Some("waiting for a change of 1 file".to_string()),
        number => Some(format!("waiting for a change of {number} files")),
    };
    let before = match (goes_on, status) {
        (true, _) => Some("what ran before goes on".to_string()),
        (false, 0) => None,
        (false, status) => Some(format!("it ended with status {status}")),
    };
    let said: Vec<String> = before.into_iter().chain(files).collect();
    say(&format!("composectl: {}\n", said.join("; ")));
}

/// Which files changed, for people.
fn told(changed: &[PathBuf]) -> String {
    let named = changed.iter().take(NAMED);
    let named: Vec<String> = named.map(|path| format!("{path:?}")).collect();
    let more = changed.len().saturating_sub(NAMED);
    match more {
        0 => format!("changed: {}", named.join(", ")),
        more => format!("changed: {} and {more} more", named.join(", ")),
    }
}

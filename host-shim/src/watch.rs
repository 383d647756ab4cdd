//! `--watch`: a command line that is done again when a file changes that it depends on.
//!
//! Each time is a turn: an instance of the compositor of its own, with the same
//! arguments. What a turn runs goes on while the next one locks and composes, and
//! ends when that has something to run in its place; a server hands its socket on,
//! and finishes what is in flight. A turn that fails says so, and leaves the one
//! before where it was.

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;

use composectl_runtime::say;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinHandle};
use wasmtime::component::Component;
use wasmtime::{Result, format_err};

use crate::command::{self, Opened};
use crate::turn::{Ready, Runs, Shared, Turn};

/// How many files that changed are named.
const NAMED: usize = 3;

/// Whether a command line is to be done again; what comes behind `--` is the guest's.
pub fn is_asked(args: &[String]) -> bool {
    let own = args.iter().take_while(|arg| *arg != "--");
    own.skip(1).any(|arg| arg == "--watch")
}

/// A turn that was started.
struct Started {
    ended: JoinHandle<Result<i32>>,
    replace: watch::Sender<bool>,
    runs: Option<Runs>,
}

/// Does a command line again and again; returns the exit status of a server that was
/// told to stop, and of a first turn that depends on no file, such as one whose
/// command line is wrong.
pub async fn run(component: &Component, args: &[String], opened: Opened) -> Result<i32> {
    let shared = Arc::new(Shared::default());
    let mut running: Option<Started> = None;
    let mut leaving: Vec<JoinHandle<Result<i32>>> = Vec::new();
    loop {
        let (sender, mut ready) = mpsc::unbounded_channel();
        let mut turn = start(component, args, opened, &shared, sender);
        // Until it has ended, or has something to run.
        let ended = tokio::select! {
            biased;
            Some((runs, waiting)) = ready.recv() => {
                if let Some(earlier) = running.take() {
                    leaving.retain(|earlier| !earlier.is_finished());
                    leaving.extend(replace(earlier).await);
                }
                turn.runs = Some(runs);
                let _ = waiting.send(());
                running = Some(turn);
                None
            }
            ended = &mut turn.ended => Some(ended),
            stopped = server(&mut running) => return stop(status_of(stopped), leaving).await,
        };
        if let Some(ended) = ended {
            let status = status_of(ended)?;
            if shared.files() == 0 {
                return Ok(status);
            }
            wait(&shared, running.is_some(), 0);
        }
        let changed = loop {
            let Some(current) = &mut running else {
                break shared.changed().await;
            };
            tokio::select! {
                changed = shared.changed() => break changed,
                ended = &mut current.ended => {
                    let status = status_of(ended);
                    if current.runs == Some(Runs::Server) {
                        return stop(status, leaving).await;
                    }
                    let status = status?;
                    running = None;
                    wait(&shared, false, status);
                }
            }
        };
        say(&format!("composectl: {}\n", told(&changed)));
    }
}

/// The end of a server, which only comes when the process is told to stop.
async fn server(running: &mut Option<Started>) -> Ended {
    match running {
        Some(turn) if turn.runs == Some(Runs::Server) => (&mut turn.ended).await,
        _ => pending().await,
    }
}

/// Waits for the servers that finish what is in flight.
async fn stop(status: Result<i32>, leaving: Vec<JoinHandle<Result<i32>>>) -> Result<i32> {
    for earlier in leaving {
        let _ = earlier.await;
    }
    status
}

fn start(
    component: &Component,
    args: &[String],
    opened: Opened,
    shared: &Arc<Shared>,
    ready: mpsc::UnboundedSender<Ready>,
) -> Started {
    let (turn, replace) = Turn::new(shared, ready);
    let (component, args, turn) = (component.clone(), args.to_vec(), Arc::new(turn));
    let ended = async move { command::run_turn(&component, &args, opened, Some(turn)).await };
    Started {
        ended: tokio::spawn(ended),
        replace,
        runs: None,
    }
}

/// Ends what a turn runs: a program at once, a server when what is in flight is done.
async fn replace(turn: Started) -> Option<JoinHandle<Result<i32>>> {
    match turn.runs {
        Some(Runs::Server) => {
            turn.replace.send_replace(true);
            Some(turn.ended)
        }
        _ => {
            turn.ended.abort();
            let _ = turn.ended.await;
            None
        }
    }
}

/// What became of a turn's task.
type Ended = std::result::Result<Result<i32>, JoinError>;

fn status_of(ended: Ended) -> Result<i32> {
    ended.unwrap_or_else(|error| Err(format_err!("a turn ended: {error}")))
}

fn wait(shared: &Shared, goes_on: bool, status: i32) {
    let files = match shared.files() {
        1 => "1 file".to_string(),
        number => format!("{number} files"),
    };
    let before = match (goes_on, status) {
        (true, _) => "what ran before goes on; ".to_string(),
        (false, 0) => String::new(),
        (false, status) => format!("it ended with status {status}; "),
    };
    say(&format!(
        "composectl: {before}waiting for a change of {files}\n"
    ));
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

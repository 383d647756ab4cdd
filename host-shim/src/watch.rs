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
use std::pin::Pin;
use std::sync::Arc;

use composectl_runtime::say;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use wasmtime::{Result, format_err};

use crate::command::{self, Command};
use crate::turn::{Runs, Shared, Turn};

/// How many files that changed are named.
const NAMED: usize = 3;

/// A turn that was started.
struct Started {
    task: Task,
    /// Tells its server that another turn's service is in its place.
    replace: watch::Sender<bool>,
    runs: Option<Runs>,
}

/// What does a turn.
enum Task {
    /// This thread: of the first turn, beside which there is nothing that must go on.
    Here(Pin<Box<dyn Future<Output = Result<i32>>>>),
    /// A thread of its own, because the compositor keeps the one that it is on; and what
    /// ends the turn.
    Beside(JoinHandle<Result<i32>>, oneshot::Sender<()>),
    /// It has ended, and this is how.
    Ended(Result<i32>),
}

/// Does a command line, again and again if that is asked for; returns the exit status
/// of a server that was told to stop, and of what depends on no file, such as a
/// command line that is wrong.
pub async fn run(command: &Arc<Command>, args: &[String]) -> Result<i32> {
    let shared = Arc::new(Shared::default());
    let mut running: Option<Started> = None;
    let mut is_first = true;
    loop {
        let (sender, mut ready) = mpsc::unbounded_channel();
        let (turn, replaces) = Turn::new(&shared, sender, running.is_none());
        let mut turn = Started {
            task: Task::start(command, args, turn, is_first),
            replace: replaces,
            runs: None,
        };
        is_first = false;
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
            status = turn.task.ended() => Some(status),
            stopped = server(&mut running) => return stopped,
        };
        match ended {
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
                status = current.task.ended() => {
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

/// The end of a server, which only comes when the process is told to stop. A program goes
/// on meanwhile, and how it ended is known later.
async fn server(running: &mut Option<Started>) -> Result<i32> {
    match running {
        Some(turn) if turn.runs == Some(Runs::Server) => turn.task.ended().await,
        Some(turn) => {
            turn.task.finish().await;
            pending().await
        }
        None => pending().await,
    }
}

/// Ends what a turn runs: a program at once; of a server the waiting for its end alone,
/// because it goes on.
async fn replace(mut turn: Started) {
    match turn.runs {
        Some(Runs::Server) => {
            turn.replace.send_replace(true);
            turn.task.finish().await;
        }
        _ => turn.task.cancel().await,
    }
}

impl Task {
    fn start(command: &Arc<Command>, args: &[String], turn: Turn, is_first: bool) -> Self {
        let (command, args, turn) = (command.clone(), args.to_vec(), Arc::new(turn));
        let run = async move || command::run(&command, &args, turn).await;
        if is_first {
            return Self::Here(Box::pin(run()));
        }
        let (cancel, cancelled) = oneshot::channel();
        let runtime = Handle::current();
        let task = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                tokio::select! {
                    ended = run() => ended,
                    _ = cancelled => Ok(0),
                }
            })
        });
        Self::Beside(task, cancel)
    }

    /// Waits until it has ended, and keeps how.
    async fn finish(&mut self) {
        if !matches!(self, Self::Ended(_)) {
            *self = Self::Ended(self.ended().await);
        }
    }

    /// Waits until it has ended; says how, once.
    async fn ended(&mut self) -> Result<i32> {
        match self {
            Self::Here(run) => run.await,
            Self::Beside(task, _) => task
                .await
                .unwrap_or_else(|error| Err(format_err!("a turn ended: {error}"))),
            Self::Ended(status) => std::mem::replace(status, Ok(0)),
        }
    }

    /// Ends it.
    async fn cancel(self) {
        if let Self::Beside(task, cancel) = self {
            let _ = cancel.send(());
            let _ = task.await;
        }
    }
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

//! One of the times that a command line is done, and what all of them have together:
//! the files that it depends on, and the server.

use std::collections::HashMap;
use std::fs;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use composectl_runtime::{Front, Listening, ServeError, Served};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::sleep;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How long they have to stay as they are before they count as written.
const QUIET: Duration = Duration::from_millis(150);

/// How many times that is waited for a file that is gone: whoever replaces one may
/// take it away first.
const GONE: usize = 10;

/// What a turn does when it has something to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// A program, which ends when another one runs.
    Program,
    /// A server, which finishes what is in flight.
    Server,
}

/// A word of a turn to who makes turns: what it runs, and who waits to do so.
pub type Ready = (Runs, oneshot::Sender<()>);

/// What turns have together.
#[derive(Default)]
pub struct Shared {
    /// The files of the latest turn, as they were before it read them.
    files: Mutex<HashMap<PathBuf, Stamp>>,
    /// The server, which goes on while what it serves is replaced.
    listening: tokio::sync::Mutex<Option<Listening>>,
    /// Whether another turn was asked for.
    again: Notify,
}

/// A turn, as the host of its compositor knows it.
pub struct Turn {
    shared: Arc<Shared>,
    ready: mpsc::UnboundedSender<Ready>,
    replaced: watch::Receiver<bool>,
    /// Whether nothing of a turn before it runs meanwhile.
    pub is_alone: bool,
}

impl Turn {
    /// A turn, and what tells it that another has taken its place.
    pub fn new(
        shared: &Arc<Shared>,
        ready: mpsc::UnboundedSender<Ready>,
        is_alone: bool,
    ) -> (Self, watch::Sender<bool>) {
        locked(&shared.files).clear();
        let (replace, replaced) = watch::channel(false);
        let turn = Self {
            shared: shared.clone(),
            ready,
            replaced,
            is_alone,
        };
        (turn, replace)
    }

    /// Keeps files that the turn depends on, as they are now.
    pub fn watch(&self, paths: Vec<String>) {
        let mut files = locked(&self.shared.files);
        for path in paths.into_iter().map(PathBuf::from) {
            let stamp = Stamp::of(&path);
            files.entry(path).or_insert(stamp);
        }
    }

    /// Waits until what the turn before runs has ended.
    pub async fn run_program(&self) {
        self.take_over(Runs::Program).await;
    }

    /// Has requests answered by programs: by the server of the turn before, where there is
    /// one, and what it has in flight goes on. Else returns where one listens now.
    ///
    /// # Errors
    /// When they cannot be served so. Then the server stays as it was.
    pub async fn serve(&self, served: Served, front: &Front) -> Result<Option<String>, ServeError> {
        let mut listening = self.shared.listening.lock().await;
        let opened = match &*listening {
            // All turns have the same command line, and so the same address.
            Some(before) => {
                before.replace(served, front)?;
                None
            }
            None => {
                let (opened, address) = Listening::open(served, front).await?;
                *listening = Some(opened);
                Some(address)
            }
        };
        drop(listening);
        self.take_over(Runs::Server).await;
        Ok(opened)
    }

    /// Closes the server; nobody replaces what it serves any more.
    ///
    /// # Errors
    /// As those of [`Listening::close`].
    pub async fn close(&self, told_again: impl Future<Output = ()>) -> Result<(), ServeError> {
        let mut listening = self.shared.listening.lock().await;
        match listening.take() {
            Some(listening) => listening.close(told_again).await,
            None => Ok(()),
        }
    }

    /// Asks for another turn.
    pub fn do_again(&self) {
        self.shared.again.notify_one();
    }

    /// Waits until another turn has taken this one's place.
    pub async fn replaced(&self) {
        let mut replaced = self.replaced.clone();
        // Whoever makes turns is gone with the process.
        if replaced.wait_for(|is| *is).await.is_err() {
            pending::<()>().await;
        }
    }

    async fn take_over(&self, runs: Runs) {
        let (sender, ready) = oneshot::channel();
        if self.ready.send((runs, sender)).is_ok() {
            let _ = ready.await;
        }
    }
}

impl Shared {
    /// How many files the latest turn depends on.
    pub fn files(&self) -> usize {
        locked(&self.files).len()
    }

    /// Waits until there is to be another turn; returns the files that differ, if that is
    /// why.
    pub async fn changed(&self) -> Vec<PathBuf> {
        tokio::select! {
            () = self.again.notified() => Vec::new(),
            changed = self.files_changed() => changed,
        }
    }

    /// Waits until a file differs from what it was, and all have stayed for a while as
    /// they are; returns those that differ.
    async fn files_changed(&self) -> Vec<PathBuf> {
        let kept = locked(&self.files).clone();
        if kept.is_empty() {
            pending::<()>().await;
        }
        let now = || -> HashMap<&Path, Stamp> {
            let paths = kept.keys().map(PathBuf::as_path);
            paths.map(|path| (path, Stamp::of(path))).collect()
        };
        let differ = |now: &HashMap<&Path, Stamp>| -> Vec<PathBuf> {
            let differs = kept
                .iter()
                .filter(|(path, was)| now[path.as_path()] != **was);
            let mut paths: Vec<PathBuf> = differs.map(|(path, _)| path.clone()).collect();
            paths.sort();
            paths
        };
        loop {
            sleep(LOOK).await;
            let mut before = now();
            if differ(&before).is_empty() {
                continue;
            }
            let mut gone = 0;
            loop {
                sleep(QUIET).await;
                let after = now();
                let is_quiet = after == before;
                before = after;
                let is_gone = |stamp: &&Stamp| stamp.0.is_none();
                if is_quiet && (gone >= GONE || !before.values().any(|of| is_gone(&of))) {
                    break;
                }
                gone += usize::from(is_quiet);
            }
            // A file may be again what it was.
            let changed = differ(&before);
            if !changed.is_empty() {
                return changed;
            }
        }
    }
}

/// What tells that a file was written: its size, when that was, and which file it is;
/// none of a file that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp(Option<(u64, Option<SystemTime>, u64)>);

impl Stamp {
    fn of(path: &Path) -> Self {
        let found = fs::metadata(path).ok();
        Self(found.map(|found| (found.len(), found.modified().ok(), number(&found))))
    }
}

#[cfg(unix)]
fn number(found: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    found.ino()
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

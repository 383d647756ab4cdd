//! Progress on a terminal, for what takes longer than half a second.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What takes less is not worth a word.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the line changes.
const PERIOD: Duration = Duration::from_millis(100);

/// Bytes that stop moving are no longer what is being waited for.
const STALLED: Duration = Duration::from_secs(2);

/// What is being done; silent where stderr is no terminal.
pub struct Progress {
    state: Option<Mutex<State>>,
}

#[derive(Default)]
struct State {
    doing: Option<Doing>,
    shown: bool,
}

struct Doing {
    what: String,
    since: Instant,
    bytes: u64,
    moved: Instant,
}

impl Progress {
    /// Nothing is being done; it is shown if that is wanted.
    pub fn new(is_wanted: bool) -> Arc<Self> {
        let is_shown = is_wanted && std::io::stderr().is_terminal();
        let state = is_shown.then(Mutex::default);
        let progress = Arc::new(Self { state });
        if progress.state.is_some() {
            let shown = Arc::downgrade(&progress);
            std::thread::spawn(move || {
                while let Some(progress) = shown.upgrade() {
                    progress.show();
                    drop(progress);
                    std::thread::sleep(PERIOD);
                }
            });
        }
        progress
    }

    /// Something begins.
    pub fn begin(&self, what: &str) {
        if let Some(mut state) = self.state() {
            let now = Instant::now();
            state.doing = Some(Doing {
                what: what.to_string(),
                since: now,
                bytes: 0,
                moved: now,
            });
        }
    }

    /// Bytes were hashed or copied; whoever else is at work goes before.
    pub fn bytes(&self, count: u64) {
        if self.state.is_none() {
            return;
        }
        let idle = self.state().is_some_and(|state| match &state.doing {
            None => true,
            Some(doing) => doing.bytes > 0 && doing.moved.elapsed() > STALLED,
        });
        if idle {
            self.begin("reading");
        }
        if let Some(mut state) = self.state()
            && let Some(doing) = &mut state.doing
        {
            doing.bytes += count;
            doing.moved = Instant::now();
        }
    }

    /// It is done; the line goes away.
    pub fn end(&self) {
        if let Some(mut state) = self.state() {
            state.doing = None;
            clear(&mut state);
        }
    }

    fn show(&self) {
        let Some(mut state) = self.state() else {
            return;
        };
        let line = match &state.doing {
            Some(doing) if doing.since.elapsed() > PATIENCE => doing.line(),
            _ => return,
        };
        say(&format!("\r\x1b[K{line}"));
        state.shown = true;
    }

    fn state(&self) -> Option<MutexGuard<'_, State>> {
        let state = self.state.as_ref()?;
        Some(state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Doing {
    fn line(&self) -> String {
        let seconds = self.since.elapsed().as_secs_f32();
        match self.bytes {
            0 => format!("{} … {seconds:.1} s", self.what),
            bytes => format!("{} … {} MiB, {seconds:.1} s", self.what, bytes >> 20),
        }
    }
}

fn clear(state: &mut State) {
    if std::mem::take(&mut state.shown) {
        say("\r\x1b[K");
    }
}

/// Writes to stderr. When that fails there is nowhere left to say so.
pub fn say(text: &str) {
    let mut stderr = std::io::stderr();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

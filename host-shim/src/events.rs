//! Events: kept until they are drained, and written as they happen when the
//! user asks for that. What is audited is always written.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Instant, SystemTime};

use composectl_runtime::{Audit, Unrecorded};
use serde_json::{Map, Value};

use crate::bindings::sys::compose::events::Event;
use crate::time::date;
use crate::user::state_folder;

/// Events beyond this many, or with more bytes than this, drop the oldest: nobody
/// is watching.
const KEPT: usize = 10_000;
const KEPT_BYTES: usize = 4 << 20;

/// Bytes of a value that are told: more than a digest or an id has.
const VALUE: usize = 512;

/// Fields that are numbers to whoever adds them up; the others are text.
const NUMBERS: &[&str] = &[
    "bytes",
    "calls",
    "cpu_us",
    "duration_us",
    "first_us",
    "instance",
    "last_us",
    "memory_bytes",
    "request",
    "skeleton",
    "status",
];

/// The events of this process.
pub struct Events {
    started: Instant,
    state: Mutex<State>,
    /// Why writing what is audited has failed, if it has.
    broken: OnceLock<Unrecorded>,
    watched: Mutex<Option<Vec<Weak<Audit>>>>,
}

#[derive(Default)]
struct State {
    /// When the compositor's last phase ended.
    phase: u64,
    kept: VecDeque<(At, Event)>,
    bytes: usize,
    sink: Option<Sink>,
    /// Where what is audited is written when the user does not say where events are.
    log: Option<Sink>,
}

/// When an event was.
#[derive(Clone, Copy)]
struct At {
    /// Microseconds since the start of the process.
    micros: u64,
    /// Milliseconds since 1970, by the system's clock: what joins several logs.
    unix_ms: u64,
}

enum Sink {
    Stdout,
    File(File),
}

impl Sink {
    fn write(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout();
                stdout.write_all(line.as_bytes())?;
                stdout.flush()
            }
            Self::File(file) => file.write_all(line.as_bytes()),
        }
    }
}

impl Events {
    /// None yet; times are from now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            state: Mutex::default(),
            broken: OnceLock::new(),
            watched: Mutex::default(),
        }
    }

    /// Reports an event.
    pub fn emit(&self, kind: &str, fields: &[(&str, String)]) {
        // A reader that went away must not stop what it watched.
        let _ = self.push(event(kind, fields), false);
    }

    /// Reports what must be written; returns when it is.
    pub fn audit(&self, kind: &str, fields: &[(&str, String)]) -> Result<(), Unrecorded> {
        self.check()?;
        let written = self.push(event(kind, fields), true);
        written.map_err(|error| {
            let broken = self.broken.get_or_init(|| Unrecorded(error.to_string()));
            broken.clone()
        })
    }

    /// Looks whether all that must be written was.
    pub fn check(&self) -> Result<(), Unrecorded> {
        self.broken.get().map_or(Ok(()), |why| Err(why.clone()))
    }

    /// Keeps who has calls to write at intervals; returns whether it is the first.
    pub fn watch(&self, audit: Weak<Audit>) -> bool {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = watched.is_none();
        watched.get_or_insert_default().push(audit);
        is_first
    }

    /// Those that are still there of whom it was told to watch.
    pub fn watched(&self) -> Vec<Arc<Audit>> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watched) = watched.as_mut() else {
            return Vec::new();
        };
        watched.retain(|audit| audit.strong_count() > 0);
        watched.iter().filter_map(Weak::upgrade).collect()
    }

    /// Has the disk take what was audited, if anything was.
    pub fn settle(&self) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let is_watched = watched.is_some();
        // Whoever begins to watch does not wait for the disk.
        drop(watched);
        if is_watched {
            self.sync();
        }
    }

    /// Has the disk take what was written. Where it cannot, as a pipe, the system has
    /// it.
    pub fn sync(&self) {
        let file = match &self.state() {
            state if let Some(Sink::File(file)) = state.sink.as_ref().or(state.log.as_ref()) => {
                file.try_clone()
            }
            _ => return,
        };
        let synced = file.and_then(|file| file.sync_data());
        if let Err(error) = synced
            && !matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported
            )
        {
            self.broken.get_or_init(|| Unrecorded(error.to_string()));
        }
    }

    /// When that was, in microseconds from the start.
    pub fn at(&self, instant: Instant) -> u64 {
        instant.saturating_duration_since(self.started).as_micros() as u64
    }

    /// Reports an event of the compositor, which has no clock: each ends a phase,
    /// whose duration is the time since the one before, or since the start.
    pub fn phase(&self, mut event: Event) {
        let now = self.started.elapsed().as_micros() as u64;
        let before = std::mem::replace(&mut self.state().phase, now);
        let duration = now.saturating_sub(before).to_string();
        event.fields.push(("duration_us".to_string(), duration));
        let _ = self.push(event, false);
    }

    fn push(&self, mut event: Event, is_audit: bool) -> io::Result<()> {
        for (_, value) in &mut event.fields {
            shorten(value);
        }
        let mut state = self.state();
        // Lines are in the order of their times.
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let at = At {
            micros: self.started.elapsed().as_micros() as u64,
            unix_ms: unix.unwrap_or_default().as_millis() as u64,
        };
        let written = match (&mut state.sink, is_audit) {
            (Some(sink), _) => sink.write(&line(at, &event)),
            (None, true) => write_log(&mut state.log, at, &event),
            (None, false) => Ok(()),
        };
        state.keep(at, event);
        written
    }

    /// Takes what was kept.
    pub fn drain(&self) -> Vec<Event> {
        let mut state = self.state();
        state.bytes = 0;
        let kept = std::mem::take(&mut state.kept);
        kept.into_iter().map(|(_, event)| event).collect()
    }

    /// Appends what was kept, and from now on each event, to a file or stdout.
    pub fn record(&self, target: &str) -> io::Result<()> {
        let mut sink = match target {
            "-" => Sink::Stdout,
            path => Sink::File(File::options().append(true).create(true).open(path)?),
        };
        let mut state = self.state();
        for (at, event) in &state.kept {
            sink.write(&line(*at, event))?;
        }
        state.sink = Some(sink);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, at: At, event: Event) {
        self.bytes += size(&event);
        self.kept.push_back((at, event));
        while self.kept.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some((_, oldest)) = self.kept.pop_front() else {
                return;
            };
            self.bytes -= size(&oldest);
        }
    }
}

/// Bytes that an event takes, about.
fn size(event: &Event) -> usize {
    let fields = event.fields.iter();
    let fields = fields.map(|(name, value)| name.len() + value.len() + 64);
    event.kind.len() + 64 + fields.sum::<usize>()
}

fn event(kind: &str, fields: &[(&str, String)]) -> Event {
    let fields = fields.iter();
    Event {
        kind: kind.to_string(),
        fields: fields
            .map(|(name, value)| ((*name).to_string(), value.clone()))
            .collect(),
    }
}

/// Writes to the user's own log, of the day on which the run began to be audited.
fn write_log(log: &mut Option<Sink>, at: At, event: &Event) -> io::Result<()> {
    let log = match log {
        Some(log) => log,
        None => log.insert(Sink::File(open_log(at.unix_ms)?)),
    };
    let mut event = event.clone();
    let process = ("process".to_string(), std::process::id().to_string());
    event.fields.push(process);
    log.write(&line(at, &event))
}

/// Opens the log of a day in the user's state folder, which nobody else reads.
fn open_log(unix_ms: u64) -> io::Result<File> {
    let folder = log_folder()?;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let in_folder = |error: io::Error| {
        let folder = folder.display();
        io::Error::other(format!(
            "{error} (the audit log is in `{folder}`; --events FILE names another)"
        ))
    };
    builder.create(&folder).map_err(in_folder)?;
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let path = folder.join(format!("{}.jsonl", date(unix_ms)));
    options.open(path).map_err(in_folder)
}

/// `$XDG_STATE_HOME/compositor/audit`.
fn log_folder() -> io::Result<PathBuf> {
    match state_folder() {
        Some(state) => Ok(state.join("audit")),
        None => Err(io::Error::other(
            "neither XDG_STATE_HOME nor HOME names a folder for the audit log: set one, or give \
             --events FILE",
        )),
    }
}

/// Guests choose some of what is told, and events are kept in memory.
fn shorten(value: &mut String) {
    if value.len() > VALUE {
        let end = (0..=VALUE).rev().find(|end| value.is_char_boundary(*end));
        value.truncate(end.unwrap_or_default());
        value.push('…');
    }
}

fn line(at: At, event: &Event) -> String {
    let mut object = Map::new();
    object.insert("kind".to_string(), event.kind.as_str().into());
    object.insert("at_us".to_string(), at.micros.into());
    object.insert("unix_ms".to_string(), at.unix_ms.into());
    for (name, value) in &event.fields {
        let number = value.parse::<u64>().ok();
        let value = match number.filter(|_| NUMBERS.contains(&name.as_str())) {
            Some(number) => number.into(),
            None => Value::from(value.as_str()),
        };
        object.insert(name.clone(), value);
    }
    Value::Object(object).to_string() + "\n"
}

//! Events: kept until they are drained, and written as they happen when the
//! user asks for that.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value};

use crate::bindings::sys::compose::events::Event;
use crate::types::ErrorCode;

/// Events beyond this many drop the oldest: nobody is watching.
const KEPT: usize = 10_000;

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
    "skeleton",
    "status",
];

/// The events of this process.
pub struct Events {
    started: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the compositor's last phase ended.
    phase: u64,
    kept: VecDeque<(u64, Event)>,
    sink: Option<Box<dyn Write + Send>>,
}

impl Events {
    /// None yet; times are from now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            state: Mutex::default(),
        }
    }

    /// Reports an event.
    pub fn emit(&self, kind: &str, fields: &[(&str, String)]) {
        let fields = fields.iter();
        self.push(Event {
            kind: kind.to_string(),
            fields: fields
                .map(|(name, value)| ((*name).to_string(), value.clone()))
                .collect(),
        });
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
        self.push(event);
    }

    fn push(&self, mut event: Event) {
        for (_, value) in &mut event.fields {
            shorten(value);
        }
        let at = self.started.elapsed().as_micros() as u64;
        let mut state = self.state();
        if let Some(sink) = &mut state.sink {
            // A reader that went away must not stop what it watched.
            let _ = sink.write_all(line(at, &event).as_bytes());
        }
        if state.kept.len() == KEPT {
            state.kept.pop_front();
        }
        state.kept.push_back((at, event));
    }

    /// Takes what was kept.
    pub fn drain(&self) -> Vec<Event> {
        let kept = std::mem::take(&mut self.state().kept);
        kept.into_iter().map(|(_, event)| event).collect()
    }

    /// Writes what was kept, and from now on each event, to a file or stdout.
    pub fn record(&self, target: &str) -> std::io::Result<()> {
        let mut sink: Box<dyn Write + Send> = match target {
            "-" => Box::new(std::io::stdout()),
            path => Box::new(File::create(path)?),
        };
        let mut state = self.state();
        for (at, event) in &state.kept {
            sink.write_all(line(*at, event).as_bytes())?;
        }
        state.sink = Some(sink);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

fn line(at: u64, event: &Event) -> String {
    let mut object = Map::new();
    object.insert("kind".to_string(), event.kind.as_str().into());
    object.insert("at_us".to_string(), at.into());
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

/// A code as people know it, such as `Exec.Trap`.
pub fn code_name(code: ErrorCode) -> String {
    let name = format!("{code:?}");
    let name = name.rsplit("::").next().unwrap_or_default();
    let phases = ["Plan", "Emit", "Exec", "Blob", "Trust", "Secret"];
    let split = phases
        .iter()
        .find_map(|phase| Some((phase, name.strip_prefix(phase)?)));
    match split {
        Some((phase, rest)) => format!("{phase}.{rest}"),
        None => name.to_string(),
    }
}

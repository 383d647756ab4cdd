//! A deadline for the compositor itself: whatever a plan's author made slow, a
//! program that was started to check or compose it ends, and says why.
//!
//! Input that is checked costs time that is linear in its bytes, so this is for
//! what nobody thought of. What guests do has limits of its own and is not
//! counted. The process may end at any time: files appear whole or not at all.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use composectl_runtime::say;

/// How long the compositor may use processors, in milliseconds, when nobody says
/// otherwise: minutes for what takes seconds.
const DEFAULT_MS: u64 = 300_000;

/// What says otherwise.
const VARIABLE: &str = "COMPOSECTL_DEADLINE_MS";

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long the compositor has used processors.
pub struct Deadline(Mutex<Used>);

struct Used {
    /// Milliseconds, but for those since the last start.
    before: u64,
    /// The process's time at the last start.
    since: u64,
    /// How many guests, or servers of them, are running.
    guests: usize,
}

impl Used {
    fn now(&self) -> u64 {
        match self.guests {
            0 => self.before + process_ms().saturating_sub(self.since),
            _ => self.before,
        }
    }
}

impl Deadline {
    /// From now on; the process ends when the time is over. The command line says
    /// in which form. It does not hold beside guests of another compositor in the
    /// process, whose time cannot be told apart.
    pub fn start(args: &[String], is_alone: bool) -> Arc<Self> {
        let used = Used {
            before: 0,
            since: process_ms(),
            guests: 0,
        };
        let deadline = Arc::new(Self(Mutex::new(used)));
        if !is_alone {
            return deadline;
        }
        let most = most_ms();
        let is_json = args.iter().any(|arg| arg == "--format=json")
            || args.windows(2).any(|pair| pair == ["--format", "json"]);
        let watched = Arc::downgrade(&deadline);
        thread::spawn(move || {
            while let Some(deadline) = watched.upgrade() {
                if deadline.used().now() >= most {
                    end(most, is_json);
                }
                drop(deadline);
                thread::sleep(LOOK);
            }
        });
        deadline
    }

    /// While this lives, what the process does is a guest's.
    pub fn pause(self: &Arc<Self>) -> Pause {
        let mut used = self.used();
        used.before = used.now();
        used.guests += 1;
        drop(used);
        Pause(self.clone())
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Deadline::pause`].
pub struct Pause(Arc<Deadline>);

impl Drop for Pause {
    fn drop(&mut self) {
        let mut used = self.0.used();
        used.guests -= 1;
        used.since = process_ms();
    }
}

/// What was set, or what holds otherwise. What one believes to be set must be.
fn most_ms() -> u64 {
    let Some(text) = std::env::var_os(VARIABLE) else {
        return DEFAULT_MS;
    };
    let most = text.to_str().and_then(|text| text.parse().ok());
    most.unwrap_or_else(|| {
        say(&format!(
            "composectl: {VARIABLE} is no number of milliseconds, so that {DEFAULT_MS} hold\n"
        ));
        DEFAULT_MS
    })
}

fn end(most: u64, is_json: bool) -> ! {
    let message = format!("composing used processors for more than {most} ms, and was ended");
    let help = format!(
        "compose a part of the plan, or set {VARIABLE} to more milliseconds, if you know its \
         components"
    );
    match is_json {
        // A reader that went away does not keep the process.
        true => drop(writeln!(
            io::stdout(),
            "{{\"ok\":false,\"errors\":[{{\"code\":\"Exec.Timeout\",\"severity\":\"error\",\
             \"message\":\"{message}\",\"help\":\"{help}\"}}]}}"
        )),
        false => say(&format!("error: Exec.Timeout: {message}\n  help: {help}\n")),
    }
    std::process::exit(1)
}

/// What the process has used of processors, in milliseconds.
#[cfg(unix)]
fn process_ms() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}

/// Time, where the system does not tell the processors'.
#[cfg(not(unix))]
fn process_ms() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_millis() as u64
}

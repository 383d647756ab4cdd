//! Running the cases, some at a time.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::case::{Case, Kind};
use crate::compare::{difference, failure};
use crate::host::Host;
use crate::observe::observe;
use crate::report::{Outcome, Report};
use crate::script;
use crate::suite::Suite;

/// Whether the number of cases that are done is shown while others run.
#[derive(Clone, Copy, Debug)]
pub struct Progress(bool);

impl Progress {
    /// On stderr, where that is a terminal.
    pub fn of_stderr() -> Self {
        Self(std::io::stderr().is_terminal())
    }

    /// None.
    pub fn none() -> Self {
        Self(false)
    }

    fn show(self, done: usize, all: usize) {
        if self.0 {
            let end = if done == all { "\r\x1b[K" } else { "" };
            // Who cannot be shown how far it is can do without.
            let _ = write!(std::io::stderr(), "\r{done}/{all}{end}");
        }
    }
}

/// Runs all cases of a suite.
pub fn run(suite: &Suite, host: &Host, jobs: usize, progress: Progress) -> Report {
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = suite.cases.get(index) else {
                        break;
                    };
                    let outcome = outcome(case, suite, host);
                    let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    done.push((index, outcome));
                    progress.show(done.len(), suite.cases.len());
                }
            });
        }
    });
    let mut outcomes = done
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    outcomes.sort_by_key(|(index, _)| *index);
    Report {
        host: host.template.clone(),
        without: host.without().to_vec(),
        ms: started.elapsed().as_millis(),
        outcomes: outcomes.into_iter().map(|(_, outcome)| outcome).collect(),
    }
}

fn outcome(case: &Case, suite: &Suite, host: &Host) -> Outcome {
    let started = Instant::now();
    let expected = match case.kind {
        Kind::Script => script::expected(&case.value["steps"], host),
        _ => case.expected(),
    };
    let (difference, found) = match observe(case, host, &suite.folder) {
        Ok(found) => (difference(&expected, &found), found),
        Err(error) => {
            let message = format!("{error:#}");
            (Some(message.clone()), failure(&message))
        }
    };
    Outcome {
        difference,
        lacking: expected != case.expected(),
        case: case.clone(),
        expected,
        found,
        ms: started.elapsed().as_millis(),
    }
}

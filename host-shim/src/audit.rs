//! What audited guests call is written before their calls go on, and how often at
//! intervals, so that killing the process loses little of it. What cannot be
//! written does not go on.
//!
//! A line reaches the system before the first call of a function, and the disk
//! within a second: only a machine that loses its power loses that.

use std::sync::{Arc, Weak};
use std::time::Duration;

use composectl_runtime::{Audit, Record, Unrecorded, Use};

use crate::events::Events;

/// How often counts are written.
const INTERVAL: Duration = Duration::from_secs(1);

/// Writes what an instance calls to the events.
pub struct Recorder {
    /// Where to.
    pub events: Arc<Events>,
    /// Its number in the run.
    pub instance: u64,
}

impl Record for Recorder {
    fn watch(&self, audit: &Arc<Audit>) {
        if self.events.watch(Arc::downgrade(audit)) {
            let events = Arc::downgrade(&self.events);
            std::thread::spawn(move || at_intervals(&events));
        }
    }

    fn used(&self, used: &Use) -> Result<(), Unrecorded> {
        let fields = [
            ("id", used.component.clone()),
            ("instance", self.instance.to_string()),
            ("interface", used.interface.clone()),
            ("function", used.function.clone()),
            ("calls", used.calls.to_string()),
            ("first_us", self.events.at(used.first).to_string()),
            ("last_us", self.events.at(used.last).to_string()),
        ];
        self.events.audit("capability.used", &fields)
    }

    fn check(&self) -> Result<(), Unrecorded> {
        self.events.check()
    }
}

/// Writes what was called since the last time, for as long as there is a process.
fn at_intervals(events: &Weak<Events>) {
    while let Some(events) = events.upgrade() {
        for audit in events.watched() {
            // What fails is kept, and ends whoever calls next.
            let _ = audit.flush();
        }
        events.sync();
        drop(events);
        std::thread::sleep(INTERVAL);
    }
}

//! How long a request has waited for its client.

use std::time::{Duration, Instant};

use super::limits::{BYTES_PER_SECOND, PATIENCE, WAITED};

/// An account of waiting in one direction: waiting takes from it, bytes add to it.
#[derive(Debug)]
pub struct Patience {
    /// What was left when the current wait began, or the last one ended.
    left: Duration,
    /// All waiting that is over.
    waited: Duration,
    /// All bytes that came of it.
    bytes: u64,
    /// Since when there is waiting.
    since: Option<Instant>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            left: PATIENCE,
            waited: Duration::ZERO,
            bytes: 0,
            since: None,
        }
    }
}

impl Patience {
    /// The client is being waited for, from now on or from before.
    pub fn begin(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// The wait, if there was one, is over, and some bytes came of it.
    pub fn end(&mut self, bytes: u64) {
        let waited = self.waiting();
        self.since = None;
        self.waited += waited;
        self.bytes += bytes;
        let bought = Duration::from_millis(bytes.saturating_mul(1000) / BYTES_PER_SECOND);
        let left = self.left.saturating_sub(waited);
        self.left = left.saturating_add(bought).min(PATIENCE);
    }

    /// How long the current wait has lasted.
    fn waiting(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Since when the client is being waited for, if it is.
    pub fn since(&self) -> Option<Instant> {
        self.since
    }

    /// All waiting so far.
    pub fn waited(&self) -> Duration {
        self.waited + self.waiting()
    }

    /// All bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// For how long there has been nothing left; zero while there is.
    pub fn overdrawn(&self) -> Duration {
        let waiting = self.waiting();
        let beyond = (self.waited + waiting).saturating_sub(WAITED);
        waiting.saturating_sub(self.left).max(beyond)
    }
}

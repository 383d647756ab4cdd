//! Says what guests call that is denied to them: whoever runs the server is to
//! see it without asking, and once and not a thousand times.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::limits::{DENIED_KINDS, DENIED_SAID};

/// What was denied, by its name.
#[derive(Default)]
pub struct Denied {
    kinds: Mutex<HashMap<String, Kind>>,
}

struct Kind {
    /// Calls that were not said.
    unsaid: u64,
    said: Instant,
}

impl Denied {
    /// What there is to say of one more call.
    pub fn call(&self, name: &str) -> Option<String> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = kinds.get_mut(name) {
            kind.unsaid += 1;
            if kind.said.elapsed() < DENIED_SAID {
                return None;
            }
            kind.said = Instant::now();
            return Some(again(name, std::mem::take(&mut kind.unsaid)));
        }
        if kinds.len() == DENIED_KINDS {
            return None;
        }
        let kind = Kind {
            unsaid: 0,
            said: Instant::now(),
        };
        kinds.insert(name.to_string(), kind);
        Some(format!(
            "a request failed: its guest called what is denied to it, {name}"
        ))
    }

    /// What is left to say in the end.
    pub fn rest(&self) -> Vec<String> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let unsaid = kinds.drain().filter(|(_, kind)| kind.unsaid > 0);
        let mut rest: Vec<_> = unsaid
            .map(|(name, kind)| again(&name, kind.unsaid))
            .collect();
        rest.sort();
        rest
    }
}

fn again(name: &str, times: u64) -> String {
    format!("{times} more requests failed: their guests called what is denied to them, {name}")
}

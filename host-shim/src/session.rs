//! What the instances of one run, or of one request, have together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use composectl_runtime::{Budget, Exceeded, Meter};

use crate::error::{Error, ErrorCode, error};
use crate::run::Run;
use crate::streams::Streams;

/// The instances of one run, or of one request.
pub struct Session {
    /// The program.
    pub run: Arc<Run>,
    /// Where they write to.
    pub streams: Streams,
    /// What they may use together.
    pub budget: Arc<Budget>,
    /// What the instances of each component used of the processor.
    times: Mutex<HashMap<String, Arc<AtomicU64>>>,
    /// How many providers live.
    providers: AtomicU64,
    /// Those that live.
    meters: Mutex<Vec<Weak<Meter>>>,
}

impl Session {
    /// No instance has been made yet.
    pub fn new(run: &Arc<Run>, streams: Streams) -> Arc<Self> {
        let limits = &run.configuration.limits;
        Arc::new(Self {
            run: run.clone(),
            streams,
            budget: Budget::new(
                limits.total_cpu_ms,
                limits.total_memory_bytes,
                limits.process_memory_bytes,
                &run.process,
            ),
            times: Mutex::default(),
            meters: Mutex::default(),
            providers: AtomicU64::new(0),
        })
    }

    /// What the instances of a component used of the processor, together.
    pub fn time_of(&self, id: &str) -> Arc<AtomicU64> {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.entry(id.to_string()).or_default().clone()
    }

    /// Keeps an instance's accounts, by which it can be stopped.
    pub fn keep(&self, meter: &Arc<Meter>) {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.retain(|meter| meter.strong_count() > 0);
        meters.push(Arc::downgrade(meter));
    }

    /// Stops all instances, because one of them ran into a limit.
    pub fn stop(&self, limit: Exceeded) {
        let meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        for meter in meters.iter().filter_map(Weak::upgrade) {
            meter.stop(limit);
        }
    }

    /// Counts an instance; too many providers are refused.
    pub fn instance_made(&self, is_root: bool) -> Result<(), Error> {
        let limit = self.run.configuration.limits.instances;
        if is_root || self.providers.fetch_add(1, Relaxed) < limit {
            return Ok(());
        }
        self.instance_gone(is_root);
        Err(error(
            ErrorCode::ExecResourceExhausted,
            format!("more than {limit} providers live at once (limit instances)"),
        ))
    }

    /// An instance is gone.
    pub fn instance_gone(&self, is_root: bool) {
        if !is_root {
            self.providers.fetch_sub(1, Relaxed);
        }
    }
}

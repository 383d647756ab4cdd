//! Bodies of functions, validated by whoever has time.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources,
};

use crate::{FEATURES, Why};

/// Functions in a piece of a code section.
pub struct Bodies {
    /// The piece.
    pub bytes: Vec<u8>,
    /// Where it starts in the module.
    pub at: u64,
    /// Each with the range of its body in the piece.
    pub functions: Vec<(FuncToValidate<ValidatorResources>, Range<usize>)>,
}

/// The first function of a module that is invalid, in the order of the module,
/// whatever the order in which they are looked at.
#[derive(Default)]
pub struct Faults(Mutex<Option<(u64, Why)>>);

impl Faults {
    /// What is wrong with it.
    pub fn first(&self) -> Option<Why> {
        self.lock().as_ref().map(|(_, why)| why.clone())
    }

    fn is_none(&self) -> bool {
        self.lock().is_none()
    }

    fn add(&self, at: u64, why: Why) {
        let mut first = self.lock();
        if first.as_ref().is_none_or(|(other, _)| at < *other) {
            *first = Some((at, why));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<(u64, Why)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Validates what it is given.
struct Checker<'a> {
    faults: &'a Faults,
    allocations: Option<FuncValidatorAllocations>,
}

impl<'a> Checker<'a> {
    fn new(faults: &'a Faults) -> Self {
        let allocations = None;
        Self {
            faults,
            allocations,
        }
    }

    fn check(&mut self, bodies: Bodies) {
        for (function, range) in bodies.functions {
            let at = bodies.at + range.start as u64;
            let reader = BinaryReader::new_features(&bodies.bytes[range], at, FEATURES);
            let allocations = self.allocations.take().unwrap_or_default();
            let mut validator = function.into_validator(allocations);
            if let Err(error) = validator.validate(&FunctionBody::new(reader)) {
                return self.faults.add(at, error.into());
            }
            self.allocations = Some(validator.into_allocations());
        }
    }
}

/// Lends something that validates bodies, in order and at once; it answers
/// whether to go on.
#[cfg(target_family = "wasm")]
pub fn with_checkers<T>(
    _size: u64,
    faults: &Faults,
    stream: impl FnOnce(&mut dyn FnMut(Bodies) -> bool) -> T,
) -> T {
    here(faults, stream)
}

fn here<T>(faults: &Faults, stream: impl FnOnce(&mut dyn FnMut(Bodies) -> bool) -> T) -> T {
    let mut checker = Checker::new(faults);
    stream(&mut |bodies| {
        checker.check(bodies);
        faults.is_none()
    })
}

/// Lends something that has bodies of a module of so many bytes validated, by
/// threads if that is worth it; it answers whether to go on.
#[cfg(not(target_family = "wasm"))]
pub fn with_checkers<T>(
    size: u64,
    faults: &Faults,
    stream: impl FnOnce(&mut dyn FnMut(Bodies) -> bool) -> T,
) -> T {
    /// What takes longer to validate than threads take to start.
    const LARGE: u64 = 1 << 20;
    if size < LARGE {
        return here(faults, stream);
    }
    // Only now: to ask the system takes longer than a small module does.
    match std::thread::available_parallelism().map_or(1, usize::from) {
        0 | 1 => here(faults, stream),
        threads => beside(threads, faults, stream),
    }
}

#[cfg(not(target_family = "wasm"))]
fn beside<T>(
    threads: usize,
    faults: &Faults,
    stream: impl FnOnce(&mut dyn FnMut(Bodies) -> bool) -> T,
) -> T {
    use std::sync::mpsc::sync_channel;

    std::thread::scope(|scope| {
        // Of the pieces that wait, as many as there are threads: that bounds memory.
        let (sender, receiver) = sync_channel::<Bodies>(threads);
        let receiver = std::sync::Arc::new(Mutex::new(receiver));
        for _ in 0..threads {
            let receiver = receiver.clone();
            scope.spawn(move || {
                let mut checker = Checker::new(faults);
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner);
                    let Ok(bodies) = next.recv() else { break };
                    drop(next);
                    checker.check(bodies);
                }
            });
        }
        // Pieces are taken in order: all before one that is invalid are looked at.
        let streamed = stream(&mut |bodies| sender.send(bodies).is_ok() && faults.is_none());
        drop(sender);
        streamed
    })
}

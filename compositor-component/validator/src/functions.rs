//! Bodies of functions, validated by whoever has time.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources,
};

use crate::features::FEATURES;
use crate::stop::Why;
use crate::work;

/// Functions in a piece of a code section.
pub struct Bodies {
    /// The piece.
    pub bytes: Vec<u8>,
    /// Where it starts in the module.
    pub at: u64,
    /// Each with the range of its body in the piece.
    pub functions: Vec<(FuncToValidate<ValidatorResources>, Range<usize>)>,
    /// Whether an instruction may pop or push many values.
    pub is_wide: bool,
}

/// The first function of a module that is invalid, or that takes more steps than
/// are left, in the order of the module, whatever the order in which they are
/// looked at.
pub struct Faults {
    /// Steps that are left of those of the blob.
    spare: u64,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    /// The first invalid function.
    invalid: Option<(u64, Why)>,
    /// Functions that took more steps than their bytes allow, and how many more.
    excess: Vec<(u64, u64)>,
    /// All of these together.
    total: u64,
}

impl Faults {
    /// None yet, of a module that may take so many steps more than its functions'
    /// bytes allow.
    pub fn new(spare: u64) -> Self {
        let found = Mutex::default();
        Self { spare, found }
    }

    /// What is wrong with the module, when all functions up to the first fault
    /// were looked at.
    pub fn first(&self) -> Option<Why> {
        let mut found = self.lock();
        found.excess.sort_unstable();
        let mut total = 0u64;
        let costly = found.excess.iter().find(|(_, steps)| {
            total = total.saturating_add(*steps);
            total > self.spare
        });
        match (costly.map(|(at, _)| *at), &found.invalid) {
            (Some(at), Some((invalid, why))) if *invalid <= at => Some(why.clone()),
            (Some(_), _) => Some(COSTLY.to_string().into()),
            (None, invalid) => invalid.as_ref().map(|(_, why)| why.clone()),
        }
    }

    /// The steps that are left for other modules of the blob.
    pub fn left(&self) -> u64 {
        self.spare.saturating_sub(self.lock().total)
    }

    fn is_none(&self) -> bool {
        let found = self.lock();
        found.invalid.is_none() && found.total <= self.spare
    }

    fn add(&self, at: u64, why: Why) {
        let first = &mut self.lock().invalid;
        if first.as_ref().is_none_or(|(other, _)| at < *other) {
            *first = Some((at, why));
        }
    }

    fn add_excess(&self, at: u64, steps: u64) {
        if steps > 0 {
            let mut found = self.lock();
            found.excess.push((at, steps));
            found.total = found.total.saturating_add(steps);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is said of a module whose functions take too many steps.
const COSTLY: &str = "its functions take too long to validate: their instructions pop and push \
                      many more values than their bytes account for";

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
        let mut excess = 0u64;
        for (function, range) in bodies.functions {
            let at = bodies.at + range.start as u64;
            let reader = BinaryReader::new_features(&bodies.bytes[range], at, FEATURES);
            let allocations = self.allocations.take().unwrap_or_default();
            let mut validator = function.into_validator(allocations);
            let body = FunctionBody::new(reader);
            let validated = match bodies.is_wide {
                true => work::validate(&mut validator, &body, self.faults.spare),
                false => validator.validate(&body).map(|()| 0),
            };
            match validated {
                Ok(steps) => {
                    self.faults.add_excess(at, steps);
                    excess = excess.saturating_add(steps);
                }
                Err(error) => return self.faults.add(at, error.into()),
            }
            // Those behind it say nothing any more. What others found may be
            // behind these.
            if excess > self.faults.spare {
                return;
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

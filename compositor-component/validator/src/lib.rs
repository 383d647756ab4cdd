//! Core modules, validated as they stream by.
//!
//! A module is never whole in memory: its sections are, its code passes in
//! pieces, and of its data only the heads of segments are read. Bodies of
//! functions are validated by all processors, where there are threads; what is
//! said of a module that is invalid does not depend on them.

mod data;
mod functions;
mod input;
mod stream;
mod work;

use std::ops::Range;

use wasmparser::WasmFeatures;

use functions::{Faults, with_checkers};
use input::Input;

/// What a component may use. The runtime decides what it runs; composing
/// refuses nothing that has a type.
pub const FEATURES: WasmFeatures = WasmFeatures::all();

/// Where core modules start and end.
pub type Ranges = Vec<(u64, u64)>;

/// Where a core module starts that is invalid, and what is wrong with it.
pub type Fault = (u64, String);

/// The first of the core modules in ranges of bytes, each a start and an end,
/// that is invalid. `read` answers some bytes from an offset, at most so many, and
/// none only behind the last. A module whose functions take many more steps to
/// validate than they have bytes counts as one.
///
/// # Errors
/// Those of `read`.
pub fn modules<E>(
    mut read: impl FnMut(u64, u64) -> Result<Vec<u8>, E>,
    ranges: &[(u64, u64)],
) -> Result<Option<Fault>, E> {
    let sizes = ranges.iter().map(|(start, end)| end.saturating_sub(*start));
    let mut spare = work::spare(sizes.sum());
    for (start, end) in ranges {
        if let Some(what) = module(&mut read, *start..*end, &mut spare)? {
            return Ok(Some((*start, what)));
        }
    }
    Ok(None)
}

/// What is wrong with the core module in a range of bytes, or none when it is
/// valid. `spare` are the steps that its functions may take beyond those that
/// their bytes allow; they are taken from it.
fn module<E>(
    read: impl FnMut(u64, u64) -> Result<Vec<u8>, E>,
    range: Range<u64>,
    spare: &mut u64,
) -> Result<Option<String>, E> {
    let faults = Faults::new(*spare);
    let size = range.end.saturating_sub(range.start);
    let mut input = Input::new(read, range);
    let streamed = with_checkers(size, &faults, |check| stream::stream(&mut input, check));
    *spare = faults.left();
    match (streamed, faults.first()) {
        (Err(Stop::Read(error)), _) => Err(error),
        // A function comes before whatever else was found behind it.
        (_, Some(fault)) => Ok(Some(fault)),
        (Err(Stop::Invalid(what)), None) => Ok(Some(what)),
        (Ok(()), None) => Ok(None),
    }
}

/// Why a module's stream ends early.
enum Stop<E> {
    /// It cannot be read.
    Read(E),
    /// It is invalid.
    Invalid(String),
}

impl<E> From<wasmparser::Error> for Stop<E> {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error.message().to_string())
    }
}

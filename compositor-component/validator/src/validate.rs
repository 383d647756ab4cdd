//! The core modules of a component, one after the other.

use std::ops::Range;

use wasmparser::WasmFeatures;

use crate::features::needed;
use crate::functions::{Faults, with_checkers};
use crate::input::Input;
use crate::stop::Stop;
use crate::stream::stream;
use crate::work;

/// Where core modules start and end.
pub type Ranges = Vec<(u64, u64)>;

/// Where a core module starts that is invalid, and what is wrong with it.
pub type Fault = (u64, String);

/// Proposals beyond [`crate::BASELINE`] that modules need, or what is wrong with them.
pub type Validated = Result<WasmFeatures, Fault>;

/// Proposals beyond [`crate::BASELINE`] that the core modules in ranges of bytes
/// need, each range a start and an end, or the first of them that is invalid. `read`
/// answers some bytes from an offset, at most so many, and none only behind the
/// last. A module whose functions take many more steps to validate than they have
/// bytes counts as one that is invalid.
///
/// # Errors
/// Those of `read`.
pub fn modules<E>(
    mut read: impl FnMut(u64, u64) -> Result<Vec<u8>, E>,
    ranges: &[(u64, u64)],
) -> Result<Validated, E> {
    let sizes = ranges.iter().map(|(start, end)| end.saturating_sub(*start));
    let mut spare = work::spare(sizes.sum());
    let mut all = WasmFeatures::empty();
    for (start, end) in ranges {
        match module(&mut read, *start..*end, &mut spare)? {
            Ok(needed) => all |= needed,
            Err(what) => return Ok(Err((*start, what))),
        }
    }
    Ok(Ok(all))
}

/// Proposals that the core module in a range of bytes needs, or what is wrong
/// with it. Most need none, and are read once. `spare` are the steps that its
/// functions may take beyond those that their bytes allow; they are taken from it.
fn module<E>(
    mut read: impl FnMut(u64, u64) -> Result<Vec<u8>, E>,
    range: Range<u64>,
    spare: &mut u64,
) -> Result<Result<WasmFeatures, String>, E> {
    let most = *spare;
    let mut attempt = |features| match validate(&mut read, range.clone(), features, most, spare) {
        Ok(()) => Ok(Ok(())),
        Err(Stop::Read(error)) => Ok(Err(error)),
        Err(Stop::Invalid(why)) => Err(why),
    };
    match needed(&mut attempt, |why| why.missing) {
        Ok((Ok(()), needed)) => Ok(Ok(needed)),
        Ok((Err(error), _)) => Err(error),
        Err(why) => Ok(Err(why.message)),
    }
}

/// Validates the core module in a range of bytes; says how many of the steps are
/// left that it may take beyond those that its bytes allow.
fn validate<E>(
    read: impl FnMut(u64, u64) -> Result<Vec<u8>, E>,
    range: Range<u64>,
    features: WasmFeatures,
    most: u64,
    left: &mut u64,
) -> Result<(), Stop<E>> {
    let faults = Faults::new(most);
    let size = range.end.saturating_sub(range.start);
    let mut input = Input::new(read, range);
    let streamed = with_checkers(size, &faults, |check| stream(&mut input, features, check));
    *left = faults.left();
    match (streamed, faults.first()) {
        (Err(Stop::Read(error)), _) => Err(Stop::Read(error)),
        // A function comes before whatever else was found behind it.
        (_, Some(why)) => Err(Stop::Invalid(why)),
        (streamed, None) => streamed,
    }
}

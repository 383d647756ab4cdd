//! What folders and stdin are to a guest whose two runs must not differ: times
//! are fixed, entries are sorted, ids of files are numbers in the order in which
//! they were asked for, and stdin is there whole before any of it is.
//!
//! The bytes of files are those that they have: who changes them between two
//! runs changes the input.

mod p2;
mod p3;
mod stdin;

use std::collections::HashMap;

use wasmtime::Result;
use wasmtime::component::Linker;

use crate::Guest;

pub use stdin::WholeStdin;

/// Seconds since 1970 that every file has as its times: the first of those that
/// deterministic clocks show.
const TIME: u64 = 946_684_800;

/// What a guest was told of files, as far as it must be told the same again.
#[derive(Default)]
pub struct Told {
    /// A number for each file's id.
    ids: HashMap<(u64, u64), u64>,
    /// What is left of listings, by the handle that reads them, the last first.
    listings: HashMap<u32, Vec<p2::Entry>>,
}

impl Told {
    /// A number that stands for the id of a file: the same as before, or the next.
    fn number(&mut self, id: (u64, u64)) -> u64 {
        let next = self.ids.len() as u64 + 1;
        *self.ids.entry(id).or_insert(next)
    }
}

/// Puts these in place of functions that a linker has.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> Result<()> {
    linker.allow_shadowing(true);
    p2::add_to_linker(linker)?;
    p3::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn numbers_follow_the_order_of_questions() {
        let mut told = Told::default();
        let numbers = [(7, 9), (1, 2), (7, 9), (9, 7)].map(|id| told.number(id));
        assert_eq!(numbers, [1, 2, 1, 3]);
    }
}

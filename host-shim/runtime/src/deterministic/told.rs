//! What a guest is told of files and is told the same again.

use std::collections::HashMap;

use wasmtime_wasi::p2::bindings::filesystem::types::{DirectoryEntry, ErrorCode};

/// An entry of a folder, or why there is none to be told.
pub type Entry = Result<DirectoryEntry, ErrorCode>;

/// Seconds since 1970 that every file has as its times: the first of those that
/// deterministic clocks show.
pub const TIME: u64 = 946_684_800;

/// What a guest was told of files, as far as it must be told the same again.
#[derive(Default)]
pub struct Told {
    /// A number for each file's id.
    ids: HashMap<(u64, u64), u64>,
    /// What is left of listings, by the handle that reads them, the last first.
    pub listings: HashMap<u32, Vec<Entry>>,
}

impl Told {
    /// A number that stands for the id of a file: the same as before, or the next.
    pub fn number(&mut self, id: (u64, u64)) -> u64 {
        let next = self.ids.len() as u64 + 1;
        *self.ids.entry(id).or_insert(next)
    }
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

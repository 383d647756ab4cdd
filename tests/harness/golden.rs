//! Golden files: what is expected, blessed on purpose and read in the diff.

use crate::{read, root};

/// Holds a text to the golden file at a path in the repository, which
/// `COMPOSITOR_BLESS=1` writes.
///
/// # Panics
///
/// When they differ.
#[track_caller]
pub fn golden(path: &str, printed: &str) {
    let golden = root().join(path);
    if std::env::var_os("COMPOSITOR_BLESS").is_some() {
        std::fs::write(&golden, printed).expect("a golden file to write");
    }
    let expected = String::from_utf8(read(&golden)).expect("a text");
    assert_eq!(
        printed, expected,
        "bless with COMPOSITOR_BLESS=1 if it is right"
    );
}

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

/// Compares numbers with those of a file, whose lines are `NAME: NUMBER`; a number may be
/// off by a share either way, and `COMPOSITOR_BLESS=1` writes those that are not.
///
/// # Panics
///
/// When one differs by more.
#[track_caller]
pub fn nearly_golden(path: &str, within: f64, found: &[(String, u64)]) {
    let old = String::from_utf8(read(root().join(path))).expect("a text");
    let (mut text, mut report) = (String::new(), String::new());
    for (name, number) in found {
        let expected = old.lines().find_map(|line| {
            let number = line.strip_prefix(name.as_str())?.strip_prefix(": ")?;
            number.parse::<u64>().ok()
        });
        let share = expected.map(|expected| *number as f64 / expected as f64 - 1.0);
        // What is close stays as it is, so that blessing other files keeps it.
        let kept = match (share, expected) {
            (Some(share), Some(expected)) if share.abs() <= within => expected,
            _ => *number,
        };
        text.push_str(&format!("{name}: {kept}\n"));
        let share = share.map_or("new".to_string(), |share| format!("{:+.2}%", share * 100.0));
        report.push_str(&format!("{name}: {number} ({share})\n"));
    }
    println!("{report}");
    golden(path, &text);
}

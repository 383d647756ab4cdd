//! How many bytes each part of the compositor has, plain and as they are sent, so that
//! what makes one larger shows. A size may be off by 2% either way; then it is to be
//! blessed, with its cause in the diff.

use std::fmt::Write as _;
use std::io::Write as _;

use compositor_tests::{dist, golden, read, root};
use flate2::Compression;
use flate2::write::GzEncoder;

const SIZES: &str = "tests/it/sizes.txt";

/// What is handed out, and what that is made of.
const FILES: [&str; 6] = [
    "compositor.wasm",
    "parts/command.wasm",
    "parts/core.wasm",
    "parts/standalone.wasm",
    "parts/store.wasm",
    "parts/wit.wasm",
];

fn compressed(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all").len()
}

#[test]
fn the_parts_are_as_large_as_before() {
    let old = String::from_utf8(read(root().join(SIZES))).expect("a text");
    let (mut text, mut report) = (String::new(), String::new());
    for file in FILES {
        let bytes = read(dist(file));
        for (how, size) in [("plain", bytes.len()), ("gzip", compressed(&bytes))] {
            let name = format!("{file} {how}");
            let expected = old.lines().find_map(|line| {
                let size = line.strip_prefix(&name)?.strip_prefix(": ")?;
                size.parse::<usize>().ok()
            });
            let share = expected.map(|expected| size as f64 / expected as f64 - 1.0);
            // What is close stays as it is, so that blessing other files keeps it.
            let kept = match (share, expected) {
                (Some(share), Some(expected)) if share.abs() <= 0.02 => expected,
                _ => size,
            };
            let _ = writeln!(text, "{name}: {kept}");
            let share = share.map_or("new".to_string(), |share| format!("{:+.1}%", share * 100.0));
            let _ = writeln!(report, "{name}: {size} ({share})");
        }
    }
    println!("{report}");
    golden(SIZES, &text);
}

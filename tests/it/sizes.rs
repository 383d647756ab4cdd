//! How many bytes each part of the compositor has, plain and as they are sent, so that
//! what makes one larger shows. A size may be off by 2% either way; then it is to be
//! blessed, with its cause in the diff.

use std::io::Write as _;

use compositor_tests::{dist, nearly_golden, read};
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
    let sizes = FILES.iter().flat_map(|file| {
        let bytes = read(dist(file));
        let sizes = [("plain", bytes.len()), ("gzip", compressed(&bytes))];
        sizes.map(|(how, size)| (format!("{file} {how}"), size as u64))
    });
    nearly_golden(SIZES, 0.02, &sizes.collect::<Vec<_>>());
}

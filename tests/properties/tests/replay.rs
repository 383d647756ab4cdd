//! The corpora of the fuzz targets, as plain tests on any compiler.

use std::fs;
use std::path::Path;

/// Runs a property on each input of its corpus.
fn replay(name: &str) {
    let (_, property) = test_properties::ALL
        .iter()
        .find(|(other, _)| *other == name)
        .expect("a property");
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = fs::read_dir(corpora.join(name)).expect("a corpus");
    let mut count = 0;
    for file in files {
        let path = file.expect("a file").path();
        let bytes = fs::read(&path).expect("an input");
        let held = std::panic::catch_unwind(|| property(&bytes));
        assert!(held.is_ok(), "{} does not hold", path.display());
        count += 1;
    }
    assert!(count >= 10, "the corpus has {count} inputs");
}

#[test]
fn plan_json() {
    replay("plan_json");
}

#[test]
fn plan_cbor() {
    replay("plan_cbor");
}

#[test]
fn canonical_cbor() {
    replay("canonical_cbor");
}

#[test]
fn skeleton() {
    replay("skeleton");
}

#[test]
fn compose() {
    replay("compose");
}

#[test]
fn store() {
    replay("store");
}

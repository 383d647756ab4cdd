//! The vectors themselves: components are their text, and blessing.

use std::fs;

use compositor_tests::read;
use conformance_runner::{Options, Suite, blessed};

use super::hosts::{composectl_line, report, vectors};

fn is_blessing() -> bool {
    std::env::var_os("COMPOSITOR_BLESS").is_some()
}

#[test]
fn components_are_their_text() {
    let mut texts = 0;
    for entry in fs::read_dir(vectors().join("components")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "wat") {
            continue;
        }
        texts += 1;
        let bytes = wat::parse_file(&path).unwrap_or_else(|error| panic!("{error}"));
        let binary = path.with_extension("wasm");
        if is_blessing() {
            fs::write(&binary, &bytes).expect("a file to write");
        }
        assert!(
            read(&binary) == bytes,
            "{} is not its text: bless with COMPOSITOR_BLESS=1 if that is right",
            binary.display()
        );
    }
    assert!(texts > 30, "{texts}");
}

/// Blessing takes what composectl does as what is expected; the index is laid
/// out as the runner writes it, so that a diff shows nothing else.
#[test]
fn the_index_is_laid_out() {
    let path = vectors().join("index.json");
    let mut suite = Suite::read(&vectors()).expect("the vectors");
    if is_blessing() {
        let report = report(&suite, &Options::new(composectl_line()));
        for (case, outcome) in suite.cases.iter_mut().zip(report.outcomes) {
            assert!(outcome.found.get("failure").is_none(), "{outcome:?}");
            case.expect(blessed(&outcome.expected, &outcome.found));
        }
        fs::write(&path, suite.index()).expect("a file to write");
    }
    assert!(
        read(&path) == suite.index().into_bytes(),
        "bless with COMPOSITOR_BLESS=1"
    );
}

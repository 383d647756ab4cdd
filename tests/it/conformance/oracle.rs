//! The second implementation, in Python, held to the vectors and to `composectl`:
//! what one of the three says otherwise is wrong twice.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::process::Command;

use compositor_tests::WITHOUT_PYTHON;
use conformance_runner::{Case, Kind, Options, Suite, difference};
use serde_json::Value;

use super::hosts::{composectl_line, report, vectors};

/// Whether the oracle has to say something of a case: of all but components,
/// which it does not read, and of what only a host does.
fn is_its(case: &Case) -> bool {
    match case.kind {
        Kind::Cbor | Kind::CborOfJson | Kind::Plan => true,
        Kind::CanonWit => case.value["wit"].is_array(),
        Kind::Compose => case.expected()["errors"].is_null(),
        Kind::PlanError | Kind::Script => false,
    }
}

/// What the oracle says, by case; none without Python, where that is intended.
fn said() -> Option<BTreeMap<String, Value>> {
    let mut python = Command::new("python3");
    python.arg(vectors().join("oracle.py")).arg("vectors");
    let output = match python.arg(vectors().join("index.json")).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_intended = std::env::var_os(WITHOUT_PYTHON).is_some();
            assert!(is_intended, "there is no python3: set {WITHOUT_PYTHON}");
            // Past what holds back the output of tests that pass.
            let words = "the oracle of the vectors is left out: there is no python3";
            writeln!(std::io::stderr(), "\n{words}").expect("stderr");
            return None;
        }
        output => output.expect("python3 starts"),
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    Some(serde_json::from_slice(&output.stdout).expect("an object of JSON"))
}

#[test]
fn says_what_the_vectors_and_composectl_say() {
    let Some(said) = said() else { return };
    let mut suite = Suite::read(&vectors()).expect("the vectors");
    suite.cases.retain(is_its);
    let ids: Vec<&String> = suite.cases.iter().map(|case| &case.id).collect();
    assert!(ids.len() > 290, "{}", ids.len());
    let mut sorted = ids.clone();
    sorted.sort();
    assert!(said.keys().eq(sorted), "it speaks of other cases: {said:?}");

    let mut wrong = Vec::new();
    let report = report(&suite, &Options::new(composectl_line()));
    for outcome in report.outcomes {
        let said = &said[&outcome.case.id];
        for (whose, other) in [
            ("the vectors", &outcome.expected),
            ("composectl", &outcome.found),
        ] {
            if let Some(difference) = difference(said, other) {
                wrong.push(format!("{}: {whose} {difference}", outcome.case.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

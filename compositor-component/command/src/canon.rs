//! `canon cbor-check`, `canon cbor`.

use compositor_diagnostic::{Position, Rule};

use crate::answer::{Answer, Failure};
use crate::bindings::canon::cbor::cbor;
use crate::escape;
use crate::finding::Finding;
use crate::input::Input;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::wrap::filled;

/// What is read whole, and so must fit into memory several times.
const MOST_BYTES: u64 = 16 << 20;

/// Checks that a file is canonical CBOR.
pub fn cbor_check(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    let bytes = read(path)?;
    cbor::check(&bytes).map_err(|violation| {
        let mut finding = Finding::error(
            Rule::NotCanonical,
            format!(
                "not canonical at byte {}: {}",
                violation.offset, violation.message
            ),
        )
        .about(path.as_str())
        .found(violation.rule.as_str())
        .help("`canon cbor FILE.json -o OUT` writes canonical CBOR");
        finding.position = Some(Position {
            line: 0,
            column: 0,
            offset: violation.offset,
            length: 0,
        });
        finding
    })?;
    let size = bytes.len() as u64;
    let text = filled(
        [
            &escape::line(path),
            "is canonical",
            &format!("({size} bytes)"),
        ],
        2,
    );
    Ok(Answer::text(text + "\n").field("size", size))
}

/// Encodes JSON as canonical CBOR.
pub fn cbor(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    let output = Output::or_reader(invocation)?;
    let mut inputs = Inputs::default();
    inputs.extend([("the JSON", path.as_str())]);
    inputs.spare(invocation, &output)?;
    let bytes = cbor::from_json(&read(path)?).map_err(|message| {
        Finding::error(Rule::NotAJsonValue, message)
            .about(path.as_str())
            .help("give a file that holds one JSON value")
    })?;
    output.write(&bytes)
}

fn read(path: &str) -> Result<Vec<u8>, Failure> {
    Input::open(path)?.read_all(MOST_BYTES)?.ok_or_else(|| {
        Finding::error(Rule::FileTooLarge, format!("`{path}` is too large"))
            .expected(format!("at most {MOST_BYTES} bytes"))
            .help("take it apart; canonical CBOR is checked as a whole")
            .into()
    })
}

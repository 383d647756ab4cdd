//! Vectors that say something else: the runner must notice each.

use std::fs;
use std::process::Command;

use compositor_tests::{Temp, dist, run};
use conformance_runner::{CODES, Case, Options, Suite, difference};
use serde_json::Value;

use super::hosts::{composectl_line, report, vectors};

/// What one text may be turned into: another code, another digit of an id or of
/// bytes, another text.
fn other_text(text: &str, seed: usize) -> String {
    if let Some(code) = CODES.iter().position(|code| *code == text) {
        return CODES[(code + 1 + seed % (CODES.len() - 1)) % CODES.len()].to_string();
    }
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let is_hex = hex.len() >= 2 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_hex {
        return format!("{text}x");
    }
    let at = text.len() - hex.len() + seed % hex.len();
    let digit = if &text[at..=at] == "0" { "1" } else { "0" };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

/// Every value that can be turned into another, each turned alone.
fn mutated(value: &Value, seed: usize) -> Vec<Value> {
    match value {
        Value::String(text) => vec![other_text(text, seed).into()],
        Value::Number(number) => vec![(number.as_i64().unwrap_or_default() + 1).into()],
        Value::Bool(truth) => vec![(!truth).into()],
        Value::Null => vec![1.into()],
        Value::Array(items) => {
            let each = items.iter().enumerate().flat_map(|(index, item)| {
                mutated(item, seed).into_iter().map(move |other| {
                    let mut items = items.clone();
                    items[index] = other;
                    Value::from(items)
                })
            });
            // And one that is not there.
            let more = [items.as_slice(), &[Value::from("more")]].concat();
            each.chain([more.into()]).collect()
        }
        Value::Object(fields) => {
            let each = fields.iter().flat_map(|(name, item)| {
                mutated(item, seed).into_iter().map(move |other| {
                    let mut fields = fields.clone();
                    fields[name] = other;
                    Value::from(fields)
                })
            });
            each.collect()
        }
    }
}

/// Over what composectl does with each case, recorded once: whatever single
/// thing a case expects otherwise, that case fails.
#[test]
fn every_expectation_counts() {
    let suite = Suite::read(&vectors()).expect("the vectors");
    let report = report(&suite, &Options::new(composectl_line()));
    assert_eq!(report.failed(), 0, "{}", report.summary());
    let mut tried = 0;
    for (index, outcome) in report.outcomes.iter().enumerate() {
        for expected in mutated(&outcome.expected, index) {
            tried += 1;
            assert!(
                difference(&expected, &outcome.found).is_some(),
                "{} also passes with {expected}",
                outcome.case.id
            );
        }
    }
    assert!(tried > 1_500, "{tried}");
}

/// Some of them on the real host, through the command line: exactly that case
/// fails.
#[test]
fn only_the_mutated_case_fails() {
    let suite = Suite::read(&vectors()).expect("the vectors");
    let folder = Temp::new();
    let copy = folder.join("vectors");
    run(Command::new("cp").arg("-R").arg(vectors()).arg(&copy)).success();
    // One case of each kind that expects a code, an id or bytes.
    let chosen = [
        "cbor/rfc8949/71",
        "cbor-of-json/bytewise",
        "plan/full",
        "plan-error/graph/cycle",
        "compose/diamond",
        "compose/error/mismatch",
        "canon-wit/types",
        "canon-wit/component",
        "script/emit",
        "script/dynlink/passes-on",
    ];
    for (seed, id) in chosen.into_iter().enumerate() {
        let mut changed = suite.clone();
        let is_it = |case: &&mut Case| case.id == id;
        let case = changed.cases.iter_mut().find(is_it).expect("a case");
        let all = mutated(&case.expected(), seed);
        case.expect(all[seed % all.len()].clone());
        fs::write(copy.join("index.json"), changed.index()).expect("a file to write");
        // With others of its kind, which pass.
        let (group, _) = id.rsplit_once('/').expect("an id");
        let mut command = Command::new(dist("conformance-runner"));
        command
            .args(["run", "--host", &composectl_line(), "--vectors"])
            .arg(&copy)
            .args(["--only", &format!("{group}/")]);
        let said = run(&mut command);
        assert_eq!(said.status, 1, "{id}: {said:?}");
        let failed: Vec<&str> = said
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("failed  "))
            .collect();
        assert_eq!(failed, [id], "{}", said.stdout);
    }
}

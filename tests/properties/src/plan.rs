//! Plans in either encoding: what is read means the same however it is written,
//! and what is refused is refused with a place that is there.

use compositor_core::plan::{Encoding, Parsed, Plan, parse, plan_id, to_cbor, to_json};
use compositor_core::{Diagnostic, Limits, Severity, convert, host_policy, id};

/// Any bytes as a plan in JSON, and as a host's policy.
pub fn plan_json(bytes: &[u8]) {
    if let Err(findings) = host_policy::parse(bytes, &Limits::default()) {
        refused(bytes, &findings);
    }
    plan(bytes);
}

/// Any bytes as a plan in canonical CBOR.
pub fn plan_cbor(bytes: &[u8]) {
    if let Some(parsed) = plan(bytes).filter(|parsed| parsed.encoding == Encoding::Cbor) {
        assert_eq!(to_cbor(&parsed.plan), bytes, "there is one way to write it");
    }
}

fn plan(bytes: &[u8]) -> Option<Parsed<'_>> {
    let limits = &Limits::default();
    let parsed = match parse(bytes, limits) {
        Ok(parsed) => parsed,
        Err(findings) => {
            refused(bytes, &findings);
            return None;
        }
    };
    let plan = &parsed.plan;
    let json = to_json(plan);
    assert_eq!(read(json.as_bytes()), **plan);
    let converted = convert(bytes, Encoding::Json, limits);
    assert_eq!(converted.as_deref(), Ok(json.as_bytes()));
    match convert(bytes, Encoding::Cbor, limits) {
        Ok(cbor) => {
            assert!(plan.is_locked());
            // Notes are in JSON alone.
            let sorted = Plan {
                schema: None,
                description: None,
                ..plan.sorted()
            };
            assert_eq!(read(&cbor), sorted);
            let ids = [bytes, json.as_bytes(), &cbor].map(|plan| id(plan, limits));
            assert!(ids.iter().all(|id| *id == Ok(plan_id(plan))), "{ids:?}");
        }
        Err(findings) => {
            assert!(!plan.is_locked(), "{findings:#?}");
            refused(bytes, &findings);
        }
    }
    Some(parsed)
}

fn read(bytes: &[u8]) -> Plan {
    match parse(bytes, &Limits::default()) {
        Ok(parsed) => Plan::clone(&parsed.plan),
        Err(findings) => panic!("what was written is refused: {findings:#?}"),
    }
}

/// Holds the findings of a refusal to what every one must have.
pub fn refused(text: &[u8], findings: &[Diagnostic]) {
    let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
    assert!(findings.iter().any(is_error), "nothing says why");
    for finding in findings {
        assert!(!finding.message.is_empty(), "{finding:#?}");
        placed(text, finding);
    }
}

/// Holds a finding's place to the text that it is about.
pub fn placed(text: &[u8], finding: &Diagnostic) {
    let Some(place) = finding.position else {
        return;
    };
    let (start, end) = (place.offset, place.offset + place.length);
    assert!(end <= text.len() as u64, "{finding:#?}");
    if place.line == 0 {
        return;
    }
    let text = std::str::from_utf8(text).expect("only texts have lines");
    let (before, here) = text.split_at(start as usize);
    assert!(here.is_char_boundary(place.length as usize), "{finding:#?}");
    let line = before.rsplit('\n').next().unwrap_or_default();
    let lines = before.matches('\n').count();
    let expected = (lines as u32 + 1, line.chars().count() as u32 + 1);
    assert_eq!((place.line, place.column), expected, "{finding:#?}");
}

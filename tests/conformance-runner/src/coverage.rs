//! Which error codes the cases bring about.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::case::Case;

/// The error codes as errors show them, in the order of
/// `sys:compose/types.error-code`.
pub const CODES: [&str; 27] = [
    "Plan.InvalidSchema",
    "Plan.InvalidCbor",
    "Plan.MissingField",
    "Plan.InvalidGraph",
    "Plan.CycleDetected",
    "Emit.MissingBlob",
    "Emit.InvalidDigest",
    "Emit.CompositionFailed",
    "Emit.LinkError",
    "Exec.Trap",
    "Exec.Timeout",
    "Exec.ResourceExhausted",
    "Exec.CapabilityDenied",
    "Exec.MissingExport",
    "Blob.NotFound",
    "Blob.DigestMismatch",
    "Blob.IoError",
    "Trust.VerificationFailed",
    "Trust.SignatureInvalid",
    "Trust.CertificateExpired",
    "Trust.UntrustedSource",
    "Secret.NotFound",
    "Secret.AccessDenied",
    "Secret.BackendError",
    "InvalidInput",
    "InternalError",
    "NotImplemented",
];

/// The codes that a case expects, in errors and in what guests are given.
pub fn covered(case: &Case) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    collect(&case.expected(), &mut found);
    found
}

fn collect(expected: &Value, found: &mut BTreeSet<&'static str>) {
    match expected {
        Value::String(text) => found.extend(
            CODES
                .iter()
                .filter(|code| *code == text || in_wit(code) == *text),
        ),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// A code's name in WIT: `Plan.InvalidSchema` is `plan-invalid-schema`.
fn in_wit(code: &str) -> String {
    let mut name = String::new();
    for letter in code.chars().filter(|letter| *letter != '.') {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;
    use compositor_core::Code;
    use std::path::Path;

    #[test]
    fn the_codes_are_those_of_the_compositor() {
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes, CODES);
        assert_eq!(in_wit("Exec.CapabilityDenied"), "exec-capability-denied");
        assert_eq!(in_wit("NotImplemented"), "not-implemented");
    }

    #[test]
    fn every_code_has_a_case() {
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
        let suite = Suite::read(&vectors).expect("the vectors");
        let all: BTreeSet<&str> = suite.cases.iter().flat_map(covered).collect();
        let missing: Vec<&&str> = CODES.iter().filter(|code| !all.contains(*code)).collect();
        assert!(missing.is_empty(), "no case expects {missing:?}");
    }
}

//! The words for codes, severities, decisions and numbers, wherever people or
//! programs read them.

use crate::bindings::sys::compose::diagnostics::Severity;
use crate::bindings::sys::compose::grants::{Decision, Mode};
use crate::bindings::sys::compose::types::ErrorCode;

/// How people see a code.
pub fn code_name(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::PlanInvalidSchema => "Plan.InvalidSchema",
        ErrorCode::PlanInvalidCbor => "Plan.InvalidCbor",
        ErrorCode::PlanMissingField => "Plan.MissingField",
        ErrorCode::PlanInvalidGraph => "Plan.InvalidGraph",
        ErrorCode::PlanCycleDetected => "Plan.CycleDetected",
        ErrorCode::EmitMissingBlob => "Emit.MissingBlob",
        ErrorCode::EmitInvalidDigest => "Emit.InvalidDigest",
        ErrorCode::EmitCompositionFailed => "Emit.CompositionFailed",
        ErrorCode::EmitLinkError => "Emit.LinkError",
        ErrorCode::ExecTrap => "Exec.Trap",
        ErrorCode::ExecTimeout => "Exec.Timeout",
        ErrorCode::ExecResourceExhausted => "Exec.ResourceExhausted",
        ErrorCode::ExecCapabilityDenied => "Exec.CapabilityDenied",
        ErrorCode::ExecMissingExport => "Exec.MissingExport",
        ErrorCode::BlobNotFound => "Blob.NotFound",
        ErrorCode::BlobDigestMismatch => "Blob.DigestMismatch",
        ErrorCode::BlobIoError => "Blob.IoError",
        ErrorCode::TrustVerificationFailed => "Trust.VerificationFailed",
        ErrorCode::TrustSignatureInvalid => "Trust.SignatureInvalid",
        ErrorCode::TrustCertificateExpired => "Trust.CertificateExpired",
        ErrorCode::TrustUntrustedSource => "Trust.UntrustedSource",
        ErrorCode::SecretNotFound => "Secret.NotFound",
        ErrorCode::SecretAccessDenied => "Secret.AccessDenied",
        ErrorCode::SecretBackendError => "Secret.BackendError",
        ErrorCode::InvalidInput => "InvalidInput",
        ErrorCode::InternalError => "InternalError",
        ErrorCode::NotImplemented => "NotImplemented",
    }
}

/// How people see a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// How people see a decision.
pub fn decision_name(decision: &Decision) -> &'static str {
    match decision {
        Decision::Types => "types",
        Decision::Granted => "granted",
        Decision::Recorded => "recorded",
        Decision::Deterministic => "deterministic",
        Decision::Denied(None) => "denied",
        Decision::Denied(Some(Mode::Trap)) => "denied: trap",
        Decision::Denied(Some(Mode::Error)) => "denied: error",
        Decision::Denied(Some(Mode::Empty)) => "denied: empty",
    }
}

/// `1 blob`, `2 blobs`.
pub fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Names that a message has.
const MOST_NAMES: usize = 10;

/// `` `a`, `b` and 3 more ``: the first of some names, and how many there are more.
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let (named, more) = all.split_at(all.len().min(MOST_NAMES));
    let mut text = named.join(", ");
    if !more.is_empty() {
        text += &format!(" and {} more", more.len());
    }
    text
}

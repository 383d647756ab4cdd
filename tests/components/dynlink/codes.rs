//! The error codes by their names in the WIT.

#![allow(dead_code, reason = "no guest needs all of it")]

use crate::bindings::sys::compose::types::{Error, ErrorCode};

macro_rules! codes {
    ($($name:literal $case:ident,)*) => {
        const CODES: &[(&str, ErrorCode)] = &[$(($name, ErrorCode::$case)),*];

        /// A code's name.
        pub fn name(code: ErrorCode) -> &'static str {
            match code { $(ErrorCode::$case => $name),* }
        }
    };
}

codes! {
    "plan-invalid-schema" PlanInvalidSchema,
    "plan-invalid-cbor" PlanInvalidCbor,
    "plan-missing-field" PlanMissingField,
    "plan-invalid-graph" PlanInvalidGraph,
    "plan-cycle-detected" PlanCycleDetected,
    "emit-missing-blob" EmitMissingBlob,
    "emit-invalid-digest" EmitInvalidDigest,
    "emit-composition-failed" EmitCompositionFailed,
    "emit-link-error" EmitLinkError,
    "exec-trap" ExecTrap,
    "exec-timeout" ExecTimeout,
    "exec-resource-exhausted" ExecResourceExhausted,
    "exec-capability-denied" ExecCapabilityDenied,
    "exec-missing-export" ExecMissingExport,
    "blob-not-found" BlobNotFound,
    "blob-digest-mismatch" BlobDigestMismatch,
    "blob-io-error" BlobIoError,
    "trust-verification-failed" TrustVerificationFailed,
    "trust-signature-invalid" TrustSignatureInvalid,
    "trust-certificate-expired" TrustCertificateExpired,
    "trust-untrusted-source" TrustUntrustedSource,
    "secret-not-found" SecretNotFound,
    "secret-access-denied" SecretAccessDenied,
    "secret-backend-error" SecretBackendError,
    "invalid-input" InvalidInput,
    "internal-error" InternalError,
    "not-implemented" NotImplemented,
}

/// An error of a name's code; of no such name, `invalid-input`.
pub fn error(name: &str, message: &str) -> Error {
    let found = CODES.iter().find(|(known, _)| *known == name);
    Error {
        code: found.map_or(ErrorCode::InvalidInput, |(_, code)| *code),
        message: message.to_string(),
        context: Some(name.to_string()),
    }
}

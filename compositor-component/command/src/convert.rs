//! What the core says of findings, as the types that the command makes its own of.

use compositor_diagnostic::{Code, Digest, Position, Remedy, Severity};

use crate::bindings::sys::compose::diagnostics as wit;
use crate::bindings::sys::compose::types::ErrorCode;

/// A code.
pub fn code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::PlanInvalidSchema => Code::PlanInvalidSchema,
        ErrorCode::PlanInvalidCbor => Code::PlanInvalidCbor,
        ErrorCode::PlanMissingField => Code::PlanMissingField,
        ErrorCode::PlanInvalidGraph => Code::PlanInvalidGraph,
        ErrorCode::PlanCycleDetected => Code::PlanCycleDetected,
        ErrorCode::EmitMissingBlob => Code::EmitMissingBlob,
        ErrorCode::EmitInvalidDigest => Code::EmitInvalidDigest,
        ErrorCode::EmitCompositionFailed => Code::EmitCompositionFailed,
        ErrorCode::EmitLinkError => Code::EmitLinkError,
        ErrorCode::ExecTrap => Code::ExecTrap,
        ErrorCode::ExecTimeout => Code::ExecTimeout,
        ErrorCode::ExecResourceExhausted => Code::ExecResourceExhausted,
        ErrorCode::ExecCapabilityDenied => Code::ExecCapabilityDenied,
        ErrorCode::ExecMissingExport => Code::ExecMissingExport,
        ErrorCode::BlobNotFound => Code::BlobNotFound,
        ErrorCode::BlobDigestMismatch => Code::BlobDigestMismatch,
        ErrorCode::BlobIoError => Code::BlobIoError,
        ErrorCode::TrustVerificationFailed => Code::TrustVerificationFailed,
        ErrorCode::TrustSignatureInvalid => Code::TrustSignatureInvalid,
        ErrorCode::TrustCertificateExpired => Code::TrustCertificateExpired,
        ErrorCode::TrustUntrustedSource => Code::TrustUntrustedSource,
        ErrorCode::SecretNotFound => Code::SecretNotFound,
        ErrorCode::SecretAccessDenied => Code::SecretAccessDenied,
        ErrorCode::SecretBackendError => Code::SecretBackendError,
        ErrorCode::InvalidInput => Code::InvalidInput,
        ErrorCode::InternalError => Code::InternalError,
        ErrorCode::NotImplemented => Code::NotImplemented,
    }
}

/// How much a finding matters.
pub fn severity(severity: wit::Severity) -> Severity {
    match severity {
        wit::Severity::Error => Severity::Error,
        wit::Severity::Warning => Severity::Warning,
        wit::Severity::Note => Severity::Note,
    }
}

/// A place in a text.
pub fn position(position: wit::Position) -> Position {
    Position {
        line: position.line,
        column: position.column,
        offset: position.offset,
        length: position.length,
    }
}

/// A step that some tool does.
pub fn remedy(remedy: wit::Remedy) -> Remedy {
    match remedy {
        wit::Remedy::PutBlob => Remedy::PutBlob,
        wit::Remedy::LockPlan => Remedy::LockPlan,
        wit::Remedy::ConvertPlan => Remedy::ConvertPlan,
        wit::Remedy::EncodePlan => Remedy::EncodePlan,
        wit::Remedy::IdentifyWorld => Remedy::IdentifyWorld,
        // What is no digest is not known as one.
        wit::Remedy::Trust(digest) => {
            Remedy::Trust(digest.and_then(|digest| Digest::try_from(&digest[..]).ok()))
        }
        wit::Remedy::Grant(name) => Remedy::Grant(name),
        wit::Remedy::Target(name) => Remedy::Target(name),
        wit::Remedy::WriteArtifact => Remedy::WriteArtifact,
    }
}

//! The codes that every error carries (`sys:compose/types.error-code`).

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $shown:literal,)*) => {
        /// What went wrong, by phase.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the WIT variant.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// How people see it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $shown,)*
                }
            }
        }
    };
}

codes! {
    /// The plan is not of the plan schema.
    PlanInvalidSchema = "Plan.InvalidSchema",
    /// The plan is not canonical CBOR.
    PlanInvalidCbor = "Plan.InvalidCbor",
    /// The plan lacks a required field.
    PlanMissingField = "Plan.MissingField",
    /// The plan's components and bindings are not a sound graph.
    PlanInvalidGraph = "Plan.InvalidGraph",
    /// The plan's bindings form a cycle.
    PlanCycleDetected = "Plan.CycleDetected",
    /// A component of the plan is not in the blob store.
    EmitMissingBlob = "Emit.MissingBlob",
    /// A digest is not a sha-256 digest.
    EmitInvalidDigest = "Emit.InvalidDigest",
    /// The components cannot be composed.
    EmitCompositionFailed = "Emit.CompositionFailed",
    /// A binding's two sides do not fit, or an import has no provider.
    EmitLinkError = "Emit.LinkError",
    /// The guest trapped.
    ExecTrap = "Exec.Trap",
    /// The guest ran longer than its limit.
    ExecTimeout = "Exec.Timeout",
    /// The guest asked for more than a limit allows.
    ExecResourceExhausted = "Exec.ResourceExhausted",
    /// A capability that was asked for is not granted.
    ExecCapabilityDenied = "Exec.CapabilityDenied",
    /// The artifact has no such export.
    ExecMissingExport = "Exec.MissingExport",
    /// The store has no such blob.
    BlobNotFound = "Blob.NotFound",
    /// The stored bytes are not those of the digest.
    BlobDigestMismatch = "Blob.DigestMismatch",
    /// The store's files could not be read or written.
    BlobIoError = "Blob.IoError",
    /// A trust verifier refused the digest.
    TrustVerificationFailed = "Trust.VerificationFailed",
    /// A signature does not verify.
    TrustSignatureInvalid = "Trust.SignatureInvalid",
    /// A certificate has expired.
    TrustCertificateExpired = "Trust.CertificateExpired",
    /// Nothing vouches for the digest.
    TrustUntrustedSource = "Trust.UntrustedSource",
    /// There is no such secret.
    SecretNotFound = "Secret.NotFound",
    /// The secret may not be read.
    SecretAccessDenied = "Secret.AccessDenied",
    /// The secret's backend failed.
    SecretBackendError = "Secret.BackendError",
    /// An argument is not acceptable.
    InvalidInput = "InvalidInput",
    /// A defect of the compositor or its host.
    InternalError = "InternalError",
    /// This host cannot do that.
    NotImplemented = "NotImplemented",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error of the host's side: a store, a trust verifier, a runner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// Its code.
    pub code: Code,
    /// A sentence for people.
    pub message: String,
    /// What it is about: a path, an id, a digest.
    pub context: Option<String>,
}

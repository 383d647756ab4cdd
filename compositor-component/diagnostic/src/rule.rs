//! The kinds of findings, each with a name that never changes and a code.
//!
//! `docs/diagnostics.md` has a section for each of them, in the order of this table.

use std::fmt;

use crate::error::Code;
use crate::severity::Severity::{self, Error, Note, Warning};

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $name:literal, $code:ident, $severity:expr;)*) => {
        /// What kind of finding something is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of the page that explains them.
            pub const ALL: &[Rule] = &[$(Rule::$rule,)*];

            /// Its name, in kebab-case, which people look up and programs match.
            pub fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)*
                }
            }

            /// The code of its findings.
            pub fn code(self) -> Code {
                match self {
                    $(Rule::$rule => Code::$code,)*
                }
            }

            /// How much its findings matter; none when that depends on the case.
            pub fn severity(self) -> Option<Severity> {
                match self {
                    $(Rule::$rule => $severity,)*
                }
            }
        }
    };
}

rules! {
    /// A plan, or something in it, goes beyond a limit on plans.
    PlanTooLarge = "plan-too-large", PlanInvalidSchema, Some(Error);
    /// A text is not JSON in UTF-8.
    InvalidJson = "invalid-json", PlanInvalidSchema, Some(Error);
    /// A field's value is not what the schema says.
    WrongValue = "wrong-value", PlanInvalidSchema, Some(Error);
    /// A field is not in the schema.
    UnknownField = "unknown-field", PlanInvalidSchema, Some(Error);
    /// A field stands twice in an object.
    DuplicateField = "duplicate-field", PlanInvalidSchema, Some(Error);
    /// A rule of a policy names a component twice.
    RepeatedComponent = "repeated-component", PlanInvalidSchema, Some(Error);
    /// A field that is required is left out.
    MissingField = "missing-field", PlanMissingField, Some(Error);
    /// A component has neither digest nor source.
    MissingSource = "missing-source", PlanMissingField, Some(Error);
    /// A component has no digest where one is needed.
    UnlockedComponent = "unlocked-component", PlanMissingField, Some(Error);
    /// A digest is not a sha-256 digest.
    InvalidDigest = "invalid-digest", EmitInvalidDigest, Some(Error);
    /// A plan is not canonical CBOR.
    InvalidCbor = "invalid-cbor", PlanInvalidCbor, Some(Error);
    /// A plan in CBOR has an item where the schema has another.
    WrongCborItem = "wrong-cbor-item", PlanInvalidCbor, Some(Error);
    /// A plan is canonical CBOR, but not the canonical form of a plan.
    NotCanonicalPlan = "not-canonical-plan", PlanInvalidCbor, Some(Error);
    /// A host's policy is not what it must be.
    InvalidPolicy = "invalid-policy", InvalidInput, Some(Error);

    /// Two components have one id.
    DuplicateId = "duplicate-id", PlanInvalidGraph, Some(Error);
    /// No component has an id that is named.
    UnknownId = "unknown-id", PlanInvalidGraph, Some(Error);
    /// An import is bound twice.
    DuplicateBinding = "duplicate-binding", PlanInvalidGraph, Some(Error);
    /// A list of names has one twice.
    DuplicateName = "duplicate-name", PlanInvalidGraph, Some(Error);
    /// A policy has two rules for one import of one component.
    DuplicateRule = "duplicate-rule", PlanInvalidGraph, Some(Error);
    /// Nothing that the artifact exports needs a component.
    UnreachedComponent = "unreached-component", PlanInvalidGraph, None;
    /// Components need each other in a circle.
    BindingCycle = "binding-cycle", PlanCycleDetected, Some(Error);

    /// The store does not have a component.
    MissingBlob = "missing-blob", EmitMissingBlob, Some(Error);
    /// A blob is not a component that can be composed.
    InvalidComponent = "invalid-component", EmitCompositionFailed, Some(Error);
    /// The types of all components are too large together.
    TypesTooLarge = "types-too-large", EmitCompositionFailed, Some(Error);
    /// A plan takes more work to compose than is allowed.
    TooMuchWork = "too-much-work", EmitCompositionFailed, Some(Error);

    /// A component does not have an import that is bound.
    NoSuchImport = "no-such-import", EmitLinkError, Some(Error);
    /// A component does not have an export that is named.
    NoSuchExport = "no-such-export", EmitLinkError, Some(Error);
    /// Nothing is bound to an import, which the plan does not leave open.
    UnboundImport = "unbound-import", EmitLinkError, Some(Error);
    /// No component asks for an import that the plan leaves open.
    UnusedImport = "unused-import", EmitLinkError, Some(Warning);
    /// An import stays open that a component of the plan could give.
    OfferedImport = "offered-import", EmitLinkError, Some(Note);
    /// A name is matched with another version of it.
    CompatibleVersion = "compatible-version", EmitLinkError, Some(Note);
    /// An export does not fit the import that it is bound to.
    TypeMismatch = "type-mismatch", EmitLinkError, Some(Error);
    /// A component would get two resources where it means one.
    ResourceMismatch = "resource-mismatch", EmitLinkError, Some(Error);
    /// The artifact would have two exports of one name.
    DuplicateExport = "duplicate-export", PlanInvalidGraph, Some(Error);
    /// A component does not have the world that the plan states.
    WorldMismatch = "world-mismatch", EmitLinkError, Some(Error);
    /// The world of a component has no id.
    WorldWithoutId = "world-without-id", EmitLinkError, Some(Error);
    /// The world of a component is too large to have an id.
    WorldTooLarge = "world-too-large", EmitCompositionFailed, Some(Error);

    /// A capability that the plan requires is denied.
    RequiredCapabilityDenied = "required-capability-denied", ExecCapabilityDenied, Some(Error);
    /// Components of one program are granted different functions of the linker.
    MixedLinking = "mixed-linking", ExecCapabilityDenied, Some(Error);
    /// Nothing can have the name that a rule of the plan is about.
    UnknownRuleName = "unknown-rule-name", PlanInvalidGraph, Some(Error);
    /// A rule of the plan is about nothing that a component imports, or changes nothing.
    UnusedRule = "unused-rule", PlanInvalidGraph, Some(Warning);
    /// Nothing can have the name that a rule of the host is about.
    UnknownHostRuleName = "unknown-host-rule-name", InvalidInput, Some(Error);
    /// A rule of the host is for a component that the plan does not have.
    UnknownHostRuleComponent = "unknown-host-rule-component", InvalidInput, Some(Error);
    /// A rule of the host is about nothing that a component imports, or changes nothing.
    UnusedHostRule = "unused-host-rule", InvalidInput, Some(Warning);
    /// The plan names secrets, which nothing gives to components.
    UnusedSecrets = "unused-secrets", SecretNotFound, Some(Warning);
    /// Calls to async functions are recorded one after the other.
    RecordedInTurn = "recorded-in-turn", NotImplemented, Some(Note);
    /// An import can be neither denied nor recorded.
    NotVirtualizable = "not-virtualizable", EmitCompositionFailed, Some(Error);
    /// What was generated to virtualize imports is no valid component.
    InvalidVirtualizer = "invalid-virtualizer", EmitCompositionFailed, Some(Error);

    /// An open import is made of types of one that does not stay open.
    HalfOpenImport = "half-open-import", EmitLinkError, Some(Error);
    /// Open imports are one, under the highest of their versions.
    JoinedVersions = "joined-versions", EmitLinkError, Some(Note);
    /// Components ask for different things of one open import.
    ConflictingImports = "conflicting-imports", EmitLinkError, Some(Error);
    /// Components mean different resources by one open import.
    ConflictingResources = "conflicting-resources", EmitLinkError, Some(Error);
    /// Two names of the artifact differ in hyphens and letters' case alone.
    SimilarNames = "similar-names", EmitLinkError, Some(Error);
    /// Open imports need types of each other.
    ImportCycle = "import-cycle", EmitLinkError, Some(Error);
    /// An open import is of a kind that the artifact cannot have.
    UnwritableImport = "unwritable-import", EmitLinkError, Some(Error);
    /// An export is made of types of an interface that is not exported.
    UnexportedTypes = "unexported-types", EmitLinkError, Some(Error);
    /// An import or export of the artifact is made of a type that has no name there.
    UnnamedType = "unnamed-type", EmitLinkError, Some(Error);
    /// A plan is larger than a component can be.
    TooLargeToCompose = "too-large-to-compose", EmitCompositionFailed, Some(Error);
    /// The composed component is not valid.
    InvalidComposition = "invalid-composition", EmitCompositionFailed, Some(Error);
    /// The artifact would import what nothing grants.
    UngrantedFunction = "ungranted-function", InternalError, Some(Error);

    /// There is no target of a name.
    UnknownTarget = "unknown-target", InvalidInput, Some(Error);
    /// A component needs a proposal of WebAssembly that the target lacks.
    UnsupportedFeature = "unsupported-feature", EmitCompositionFailed, None;
    /// A component has more instances than the target takes.
    TooManyInstances = "too-many-instances", EmitCompositionFailed, Some(Error);
    /// A component whose plan is strict uses relaxed SIMD.
    RelaxedSimd = "relaxed-simd", EmitCompositionFailed, Some(Error);
    /// The artifact has more modules and components than the target takes.
    TooManyModules = "too-many-modules", EmitCompositionFailed, None;
    /// The artifact imports what the target does not give by itself.
    UnsupportedImport = "unsupported-import", EmitLinkError, Some(Warning);
    /// The artifact does not fit the world that it is for.
    TargetMismatch = "target-mismatch", EmitLinkError, Some(Error);

    /// Variables or folders are given, and no component is granted them.
    UngrantedInput = "ungranted-input", ExecCapabilityDenied, Some(Warning);
    /// Arguments are given, and no component asks for them.
    UnusedArguments = "unused-arguments", InvalidInput, Some(Warning);
    /// A limit is given that is higher than the plan's, or about what there is not.
    UnusedLimit = "unused-limit", InvalidInput, Some(Warning);
    /// There is no limit of a name.
    UnknownLimit = "unknown-limit", InvalidInput, Some(Error);
    /// The result of a run depends on more than its plan.
    NotReusable = "not-reusable", InvalidInput, Some(Error);

    /// The store has no blob of a digest.
    BlobNotFound = "blob-not-found", BlobNotFound, Some(Error);
    /// The bytes of a blob are not those of its digest.
    BlobDamaged = "blob-damaged", BlobDigestMismatch, Some(Error);
    /// Files of the store cannot be read or written.
    StoreFailed = "store-failed", BlobIoError, Some(Error);
    /// Nothing vouches for a component.
    Untrusted = "untrusted", TrustUntrustedSource, Some(Error);
    /// Whether a component is trusted cannot be told.
    TrustUnverified = "trust-unverified", TrustVerificationFailed, Some(Error);
    /// A signature of a component does not verify.
    InvalidSignature = "invalid-signature", TrustSignatureInvalid, Some(Error);
    /// A certificate of a component has expired.
    ExpiredCertificate = "expired-certificate", TrustCertificateExpired, Some(Error);
    /// A guest trapped.
    Trap = "trap", ExecTrap, Some(Error);
    /// A guest ran longer than a limit.
    Timeout = "timeout", ExecTimeout, Some(Error);
    /// A guest asked for more than a limit.
    LimitExceeded = "limit-exceeded", ExecResourceExhausted, Some(Error);
    /// A guest called what it is not granted.
    CapabilityDenied = "capability-denied", ExecCapabilityDenied, Some(Error);
    /// The artifact does not have the export that is called.
    MissingExport = "missing-export", ExecMissingExport, Some(Error);
    /// The host does not give what the artifact imports.
    HostLacksImport = "host-lacks-import", EmitLinkError, Some(Error);
    /// The host cannot load a component or an artifact.
    UnusableComponent = "unusable-component", EmitCompositionFailed, Some(Error);
    /// The host has no secret of a name.
    SecretNotFound = "secret-not-found", SecretNotFound, Some(Error);
    /// The host does not let a secret be read.
    SecretDenied = "secret-denied", SecretAccessDenied, Some(Error);
    /// The host could not get a secret.
    SecretFailed = "secret-failed", SecretBackendError, Some(Error);
    /// The host does not take an argument.
    InvalidArgument = "invalid-argument", InvalidInput, Some(Error);
    /// This host cannot do what is asked.
    NotSupported = "not-supported", NotImplemented, Some(Error);
    /// The compositor or its host has a defect.
    Defect = "defect", InternalError, Some(Error);

    /// The command line is wrong.
    Usage = "usage", InvalidInput, Some(Error);
    /// A path is in no folder that the host opened.
    PathNotOpened = "path-not-opened", InvalidInput, Some(Error);
    /// A file or folder cannot be read or written.
    FileAccess = "file-access", InvalidInput, Some(Error);
    /// A disk failed.
    FileFailed = "file-failed", BlobIoError, Some(Error);
    /// A standard stream failed.
    StreamFailed = "stream-failed", BlobIoError, Some(Error);
    /// A file must not be written.
    RefusedOutput = "refused-output", InvalidInput, Some(Error);
    /// A file is larger than what it should hold can be.
    FileTooLarge = "file-too-large", InvalidInput, Some(Error);
    /// A result is too large for an answer in JSON.
    AnswerTooLarge = "answer-too-large", InvalidInput, Some(Error);
    /// Something else, such as a WebAssembly file, stands where a plan is asked for.
    NotAPlan = "not-a-plan", InvalidInput, Some(Error);
    /// A WebAssembly file does not say what it was made of.
    NoProvenance = "no-provenance", InvalidInput, Some(Error);
    /// A text is not a digest.
    NotADigest = "not-a-digest", InvalidInput, Some(Error);
    /// A file is not canonical CBOR.
    NotCanonical = "not-canonical", InvalidInput, Some(Error);
    /// A file is not a JSON value that canonical CBOR can hold.
    NotAJsonValue = "not-a-json-value", InvalidInput, Some(Error);
    /// A file or folder has no WIT that an id can be made of.
    InvalidWit = "invalid-wit", InvalidInput, Some(Error);
    /// A source is not a file.
    UnreadableSource = "unreadable-source", NotImplemented, Some(Error);
    /// A source must not be read.
    RefusedSource = "refused-source", InvalidInput, Some(Error);
    /// A source does not have the bytes that the plan is locked to.
    SourceMismatch = "source-mismatch", BlobDigestMismatch, Some(Error);
    /// A source at hand no longer has the bytes that the plan is locked to.
    StaleSource = "stale-source", BlobDigestMismatch, None;
    /// A source cannot be named from the folder that the plan is written to.
    UnreachableSource = "unreachable-source", InvalidInput, Some(Error);
    /// A file of another tool, of which a plan is to be made, is not valid.
    InvalidForeignFile = "invalid-foreign-file", InvalidInput, Some(Error);
    /// A file of another tool names a component that is not at hand.
    UnknownPackage = "unknown-package", InvalidInput, Some(Error);
    /// A file of another tool says something that a plan has no word for.
    NotCarriedOver = "not-carried-over", InvalidInput, None;
    /// No candidate exports what an import asks for.
    NoCandidate = "no-candidate", EmitLinkError, Some(Warning);
    /// A candidate exports what an import asks for, with other types.
    CandidateMismatch = "candidate-mismatch", EmitLinkError, Some(Warning);
    /// Nothing imports what a candidate that was named exports.
    UnusedCandidate = "unused-candidate", EmitLinkError, None;
    /// A plan stays as it was, because it would not be valid with another file.
    RefusedUpgrade = "refused-upgrade", EmitLinkError, Some(Note);
    /// The host opened no folder for what is the user's.
    StateNotOpened = "state-not-opened", NotImplemented, Some(Error);
    /// A store says what is trusted, which it has no say in.
    IgnoredTrust = "ignored-trust", TrustUntrustedSource, Some(Note);
    /// What the files of a plan give is trusted for one run.
    TrustedForRun = "trusted-for-run", TrustUntrustedSource, Some(Note);
    /// A digest that is to be trusted no longer was not trusted.
    NotTrusted = "not-trusted", TrustUntrustedSource, Some(Warning);

    /// There are more findings than are shown.
    MoreFindings = "more-findings", InvalidInput, Some(Note);
}

impl Rule {
    /// The kind of an error that a host says, which has a code alone. What no host
    /// has a say in is a defect of the one that says it.
    pub fn of_host(code: Code) -> Self {
        match code {
            Code::EmitMissingBlob => Rule::MissingBlob,
            Code::EmitInvalidDigest => Rule::InvalidDigest,
            Code::EmitCompositionFailed => Rule::UnusableComponent,
            Code::EmitLinkError => Rule::HostLacksImport,
            Code::ExecTrap => Rule::Trap,
            Code::ExecTimeout => Rule::Timeout,
            Code::ExecResourceExhausted => Rule::LimitExceeded,
            Code::ExecCapabilityDenied => Rule::CapabilityDenied,
            Code::ExecMissingExport => Rule::MissingExport,
            Code::BlobNotFound => Rule::BlobNotFound,
            Code::BlobDigestMismatch => Rule::BlobDamaged,
            Code::BlobIoError => Rule::StoreFailed,
            Code::TrustVerificationFailed => Rule::TrustUnverified,
            Code::TrustSignatureInvalid => Rule::InvalidSignature,
            Code::TrustCertificateExpired => Rule::ExpiredCertificate,
            Code::TrustUntrustedSource => Rule::Untrusted,
            Code::SecretNotFound => Rule::SecretNotFound,
            Code::SecretAccessDenied => Rule::SecretDenied,
            Code::SecretBackendError => Rule::SecretFailed,
            Code::InvalidInput => Rule::InvalidArgument,
            Code::NotImplemented => Rule::NotSupported,
            Code::PlanInvalidSchema
            | Code::PlanInvalidCbor
            | Code::PlanMissingField
            | Code::PlanInvalidGraph
            | Code::PlanCycleDetected
            | Code::InternalError => Rule::Defect,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_kebab_case_and_their_own() {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9'))
        };
        let mut names = BTreeSet::new();
        for rule in Rule::ALL {
            assert!(rule.name().split('-').all(is_word), "{rule}");
            assert!(names.insert(rule.name()), "{rule} twice");
        }
    }

    #[test]
    fn what_a_host_says_keeps_its_code() {
        for code in Code::ALL {
            let rule = Rule::of_host(*code);
            assert_eq!(rule.severity(), Some(Error), "{rule}");
            let is_of_plans = code.as_str().starts_with("Plan.");
            assert_eq!(rule.code() == *code, !is_of_plans, "{code}");
        }
    }
}

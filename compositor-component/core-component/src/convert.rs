//! Types of the WIT to types of the library, and back.

use compositor_core::host::{self, Configuration, Import, Program, Route, Server};
use compositor_core::{Code, Digest, Error, Remedy};

use crate::bindings::sys::compose::diagnostics as wit;
use crate::bindings::sys::compose::runner;
use crate::bindings::sys::compose::types::{self, ErrorCode};

macro_rules! codes {
    ($($wit:ident = $name:ident,)*) => {
        /// A code of the WIT as the library's.
        pub fn code(code: ErrorCode) -> Code {
            match code {
                $(ErrorCode::$wit => Code::$name,)*
            }
        }

        /// A code of the library as the WIT's.
        pub fn to_code(code: Code) -> ErrorCode {
            match code {
                $(Code::$name => ErrorCode::$wit,)*
            }
        }
    };
}

codes! {
    PlanInvalidSchema = PlanInvalidSchema,
    PlanInvalidCbor = PlanInvalidCbor,
    PlanMissingField = PlanMissingField,
    PlanInvalidGraph = PlanInvalidGraph,
    PlanCycleDetected = PlanCycleDetected,
    EmitMissingBlob = EmitMissingBlob,
    EmitInvalidDigest = EmitInvalidDigest,
    EmitCompositionFailed = EmitCompositionFailed,
    EmitLinkError = EmitLinkError,
    ExecTrap = ExecTrap,
    ExecTimeout = ExecTimeout,
    ExecResourceExhausted = ExecResourceExhausted,
    ExecCapabilityDenied = ExecCapabilityDenied,
    ExecMissingExport = ExecMissingExport,
    BlobNotFound = BlobNotFound,
    BlobDigestMismatch = BlobDigestMismatch,
    BlobIoError = BlobIoError,
    TrustVerificationFailed = TrustVerificationFailed,
    TrustSignatureInvalid = TrustSignatureInvalid,
    TrustCertificateExpired = TrustCertificateExpired,
    TrustUntrustedSource = TrustUntrustedSource,
    SecretNotFound = SecretNotFound,
    SecretAccessDenied = SecretAccessDenied,
    SecretBackendError = SecretBackendError,
    InvalidInput = InvalidInput,
    InternalError = InternalError,
    NotImplemented = NotImplemented,
}

/// An error of the host.
pub fn error(error: types::Error) -> Error {
    Error {
        code: code(error.code),
        message: error.message,
        context: error.context,
    }
}

/// An error of the library.
pub fn to_error(error: Error) -> types::Error {
    types::Error {
        code: to_code(error.code),
        message: error.message,
        context: error.context,
    }
}

/// A digest of the host.
pub fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    Digest::try_from(bytes).map_err(|why| Error {
        code: Code::EmitInvalidDigest,
        message: format!("not a sha-256 digest: {why}"),
        context: None,
    })
}

/// A digest of the library.
pub fn to_digest(digest: &Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}

/// Findings of the library.
pub fn to_diagnostics(findings: Vec<compositor_core::Diagnostic>) -> Vec<wit::Diagnostic> {
    findings.into_iter().map(to_diagnostic).collect()
}

/// An error as the only finding.
pub fn only(error: Error) -> Vec<wit::Diagnostic> {
    vec![to_diagnostic(compositor_core::Diagnostic::of_host(
        error, "",
    ))]
}

/// A finding of the library.
pub fn to_diagnostic(finding: compositor_core::Diagnostic) -> wit::Diagnostic {
    wit::Diagnostic {
        severity: match finding.severity {
            compositor_core::Severity::Error => wit::Severity::Error,
            compositor_core::Severity::Warning => wit::Severity::Warning,
            compositor_core::Severity::Note => wit::Severity::Note,
        },
        rule: finding.rule.name().to_string(),
        code: to_code(finding.code),
        message: finding.message,
        pointer: finding.pointer,
        position: finding.position.map(to_position),
        found: finding.found,
        expected: finding.expected,
        help: finding.help,
        remedies: finding.remedies.into_iter().map(to_remedy).collect(),
    }
}

/// A place of the library.
pub fn to_position(position: compositor_core::Position) -> wit::Position {
    wit::Position {
        line: position.line,
        column: position.column,
        offset: position.offset,
        length: position.length,
    }
}

fn to_remedy(remedy: Remedy) -> wit::Remedy {
    match remedy {
        Remedy::PutBlob => wit::Remedy::PutBlob,
        Remedy::LockPlan => wit::Remedy::LockPlan,
        Remedy::ConvertPlan => wit::Remedy::ConvertPlan,
        Remedy::EncodePlan => wit::Remedy::EncodePlan,
        Remedy::IdentifyWorld => wit::Remedy::IdentifyWorld,
        Remedy::Trust(digest) => wit::Remedy::Trust(digest.as_ref().map(to_digest)),
        Remedy::Grant(name) => wit::Remedy::Grant(name),
        Remedy::Target(name) => wit::Remedy::Target(name),
        Remedy::WriteArtifact => wit::Remedy::WriteArtifact,
    }
}

/// A folder of the caller.
pub fn folder(folder: runner::Folder) -> host::Folder {
    host::Folder {
        host: folder.host,
        guest: folder.guest,
        read_only: folder.read_only,
    }
}

/// A program for the host's runner.
pub fn program(program: &Program) -> runner::Program {
    runner::Program {
        artifact: to_digest(&program.artifact),
        parts: program.parts.iter().map(part).collect(),
        imports: program
            .imports
            .as_ref()
            .map(|imports| imports.iter().map(import).collect()),
        grants: grants(program.grants),
    }
}

fn part((id, digest): &(String, Digest)) -> runner::Part {
    runner::Part {
        id: id.clone(),
        digest: to_digest(digest),
    }
}

fn import(import: &Import) -> runner::Import {
    runner::Import {
        name: import.name.clone(),
        implements: import.implements.clone(),
        functions: import.functions.clone(),
    }
}

/// A configuration for the host's runner.
pub fn configuration(with: &Configuration) -> runner::Configuration {
    let folders = with.folders.iter();
    let limits = &with.limits;
    runner::Configuration {
        capture: with.capture,
        deterministic: with.deterministic,
        redirect: with.redirect,
        arguments: with.arguments.clone(),
        environment: with.environment.clone(),
        folders: folders
            .map(|folder| runner::Folder {
                host: folder.host.clone(),
                guest: folder.guest.clone(),
                read_only: folder.read_only,
            })
            .collect(),
        links: with.links.iter().map(program).collect(),
        uncallable: with.uncallable.iter().map(part).collect(),
        limits: runner::Limits {
            cpu_ms: limits.cpu_ms,
            wall_ms: limits.wall_ms,
            memory_bytes: limits.memory_bytes,
            io_ops: limits.io_ops,
            table_elements: limits.table_elements,
            instances: limits.instances,
            handles: limits.handles,
            output_bytes: limits.output_bytes,
            total_cpu_ms: limits.total_cpu_ms,
            total_memory_bytes: limits.total_memory_bytes,
            process_memory_bytes: limits.process_memory_bytes,
        },
        tenant: with.tenant.clone(),
    }
}

/// A route for the host's runner.
pub fn route(route: &Route) -> runner::Route {
    runner::Route {
        host: route.host.clone(),
        path: route.path.clone(),
        root: program(&route.root),
        configuration: configuration(&route.configuration),
    }
}

/// How the host's runner listens.
pub fn to_server(server: &Server) -> runner::Server {
    runner::Server {
        address: server.address.clone(),
        tls: server
            .tls
            .clone()
            .map(|(certificate, key)| runner::Tls { certificate, key }),
        health: server.health.clone(),
        access_log: server.access_log,
    }
}

/// How the user's server listens.
pub fn server(server: runner::Server) -> Server {
    Server {
        address: server.address,
        tls: server.tls.map(|tls| (tls.certificate, tls.key)),
        health: server.health,
        access_log: server.access_log,
    }
}

fn grants(granted: host::Grants) -> runner::Grants {
    let all = [
        (granted.tcp, runner::Grants::TCP),
        (granted.udp, runner::Grants::UDP),
        (granted.name_lookup, runner::Grants::NAME_LOOKUP),
        (granted.http, runner::Grants::HTTP),
        (granted.resolve, runner::Grants::RESOLVE),
        (granted.invoke, runner::Grants::INVOKE),
        (granted.variables, runner::Grants::VARIABLES),
        (granted.folders, runner::Grants::FOLDERS),
    ];
    let granted = all.into_iter().filter(|(granted, _)| *granted);
    granted.fold(runner::Grants::empty(), |flags, (_, flag)| flags | flag)
}

//! Where and how a server listens, as the options of `serve` say.

use crate::address;
use crate::answer::Failure;
use crate::bindings::sys::compose::runner::{Server, Tls};
use crate::invocation::Invocation;

/// What the options say of the server.
pub fn given(invocation: &Invocation) -> Result<Server, Failure> {
    Ok(Server {
        address: address_given(invocation)?,
        tls: tls(invocation)?,
        health: health(invocation)?,
        access_log: invocation.has("access-log"),
    })
}

/// The address of `--addr`.
fn address_given(invocation: &Invocation) -> Result<String, Failure> {
    let Some(given) = invocation.value("addr") else {
        let message = "a server needs `--addr HOST:PORT`";
        let help = "`--addr 127.0.0.1:8080` listens for this machine alone";
        return Err(invocation.misuse_with(message, help));
    };
    if address::is_address(given) {
        return Ok(given.to_string());
    }
    let message = format!("`--addr {given}` is not `--addr HOST:PORT`");
    Err(match address::mended(given) {
        Some(meant) => invocation.misuse_with(message, format!("did you mean `--addr {meant}`?")),
        None => invocation.misuse(message),
    })
}

/// The files of `--tls-cert` and `--tls-key`.
fn tls(invocation: &Invocation) -> Result<Option<Tls>, Failure> {
    match (invocation.value("tls-cert"), invocation.value("tls-key")) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Tls {
            certificate: certificate.to_string(),
            key: key.to_string(),
        })),
        _ => Err(invocation.misuse("`--tls-cert` and `--tls-key` go together")),
    }
}

/// The path of `--health`.
fn health(invocation: &Invocation) -> Result<Option<String>, Failure> {
    match invocation.value("health") {
        Some(path) if !path.starts_with('/') => Err(invocation.misuse(format!(
            "`--health {path}` is not `--health PATH` with a path such as /healthz"
        ))),
        path => Ok(path.map(str::to_string)),
    }
}

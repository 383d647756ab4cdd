//! A program that answers requests.

use std::sync::Arc;

use wasmtime::component::InstancePre;
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::{p2, p3};

use super::error::{ServeCode, ServeError};
use super::service::Service;
use crate::exports::exports;
use crate::guest::Guest;

/// A program that is known to answer requests.
pub struct Handler {
    pub(super) service: Arc<dyn Service>,
    pub(super) proxy: ProxyPre<Guest>,
}

impl Handler {
    /// Looks how requests get into a program.
    ///
    /// # Errors
    /// When it handles no HTTP.
    pub fn new(service: Arc<dyn Service>) -> Result<Self, ServeError> {
        let proxy = proxy(service.pre())?;
        Ok(Self { service, proxy })
    }
}

/// How requests get into the artifact; 0.3 before 0.2, if it has both.
fn proxy(pre: &InstancePre<Guest>) -> Result<ProxyPre<Guest>, ServeError> {
    if let Ok(pre) = p3::bindings::ServicePre::new(pre.clone()) {
        return Ok(ProxyPre::P3(pre));
    }
    p2::bindings::ProxyPre::new(pre.clone())
        .map(ProxyPre::P2)
        .map_err(|_| {
            let message = format!(
                "the artifact does not export `wasi:http/incoming-handler` or `wasi:http/handler`; \
                 it exports {}",
                exports(pre.component()).join(", ")
            );
            ServeError::new(ServeCode::MissingExport, message)
        })
}

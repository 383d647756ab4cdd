//! How a server looks from outside.

use tokio_rustls::TlsAcceptor;

use super::error::{ServeCode, ServeError};
use super::tls::Tls;

/// How a server looks from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    /// `HOST:PORT`, `unix:PATH`, or `inherited`.
    pub address: String,
    /// Its certificate, where it speaks TLS.
    pub tls: Option<Tls>,
    /// A path that it answers itself.
    pub health: Option<String>,
}

impl Front {
    /// What new connections are to speak TLS with.
    ///
    /// # Errors
    /// When its certificate is none.
    pub(super) fn acceptor(&self) -> Result<Option<TlsAcceptor>, ServeError> {
        let acceptor = self.tls.as_ref().map(Tls::acceptor).transpose();
        acceptor.map_err(|error| ServeError::new(ServeCode::Invalid, error.to_string()))
    }
}

//! TLS: who connects is to speak it, where there is a certificate.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Files of a server's certificate, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, with those that vouch for it behind it.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read, has none of what it is for, or the two are not one's.
    pub fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let cannot = |path: &str, why: &dyn std::fmt::Display| {
            io::Error::other(format!("cannot use `{path}`: {why}"))
        };
        let unread = |path: &str, error: Error| match error {
            Error::Io(error) => cannot(path, &error),
            Error::NoItemsFound => cannot(path, &"it has no private key in PEM"),
            _ => cannot(path, &"it is not whole PEM"),
        };
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unread(&self.certificate, error))?;
        if certificates.is_empty() {
            return Err(cannot(&self.certificate, &"it has no certificate in PEM"));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key);
        let key = key.map_err(|error| unread(&self.key, error))?;
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                let config = config.with_no_client_auth();
                config.with_single_cert(certificates, key)
            });
        let mut config = config.map_err(|error| cannot(&self.certificate, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

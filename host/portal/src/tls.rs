//! Encryption of the portal's own: rustls with a certificate and a key from files, HTTP/2 where the client speaks it.

use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// Which of the two files is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TlsFile {
    Certificate,
    Key,
}

/// Why the portal cannot encrypt.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct TlsError {
    pub file: TlsFile,
    /// What is wrong and how to mend it, with the file's name.
    pub reason: String,
}

/// A certificate with its key, read and found to belong together.
#[derive(Clone)]
pub struct Tls(Arc<ServerConfig>);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads both PEM files. Offers HTTP/2, then HTTP/1.1; TLS 1.3 and 1.2.
    ///
    /// # Errors
    /// A file that cannot be read, holds no such thing, or a key of another certificate.
    pub fn read(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        let wrong =
            |file: TlsFile, path: &Path, why: String| TlsError { file, reason: format!("{}: {why}", path.display()) };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(|all| all.collect::<Result<Vec<_>, _>>())
            .map_err(|e| wrong(TlsFile::Certificate, certificate, format!("{e}; give a readable PEM file")))?;
        if chain.is_empty() {
            let why = "holds no certificate; it must have a part `BEGIN CERTIFICATE`".to_owned();
            return Err(wrong(TlsFile::Certificate, certificate, why));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| {
            wrong(TlsFile::Key, key, format!("{e}; give a PEM file with an unencrypted part `BEGIN PRIVATE KEY`"))
        })?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|b| b.with_no_client_auth().with_single_cert(chain, secret))
            .map_err(|e| wrong(TlsFile::Key, key, format!("does not fit {}: {e}", certificate.display())))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls(Arc::new(config)))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0))
    }
}

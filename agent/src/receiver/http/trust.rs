//! TLS towards receivers: who is trusted, and how a connection is wrapped.

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where distributions keep the authorities that the system trusts, as one file.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// The largest file of authorities.
const BUNDLE_BYTES_MAX: u64 = 4 << 20;

/// The authorities of a file, or those that the system trusts. They are read for each message: there are few, and an
/// authority that is taken out counts no more at once.
pub fn authorities(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, String> {
    let bundle = || BUNDLES.iter().map(Path::new).find(|path| path.is_file());
    let path = file.or_else(bundle).ok_or("no authorities are installed; the package is ca-certificates")?;
    let refused = |why: String| format!("{}: {why}", path.display());
    let size = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?.len();
    if size > BUNDLE_BYTES_MAX {
        return Err(refused(format!("it is larger than {BUNDLE_BYTES_MAX} bytes")));
    }
    let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let all: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if all.is_empty() { Err(refused("there is no certificate in it".to_owned())) } else { Ok(all) }
}

/// Speaks TLS on a connection.
pub async fn wrap(
    stream: TcpStream,
    host: &str,
    file: Option<&Path>,
) -> Result<TlsStream<TcpStream>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities(file)?);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| error.to_string())
}

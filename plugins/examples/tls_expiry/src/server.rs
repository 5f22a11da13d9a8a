//! What a server shows when somebody connects to it.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for one server.
const SERVER_TIMEOUT: Duration = Duration::from_secs(3);

/// The certificates of `host:port`.
pub fn certificates(server: &str, left: Duration) -> Result<Vec<CertificateDer<'static>>, String> {
    let deadline = Instant::now() + left.min(SERVER_TIMEOUT);
    let (host, _) = server.rsplit_once(':').ok_or("a server is given as host:port")?;
    let name = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(name).map_err(|error| error.to_string())?;
    let mut socket = connect(server, deadline)?;
    let mut tls = ClientConnection::new(Arc::new(config()?), name).map_err(|error| error.to_string())?;
    while tls.is_handshaking() && tls.peer_certificates().is_none() {
        let left = left_of(deadline)?;
        socket.set_read_timeout(Some(left)).map_err(|error| error.to_string())?;
        tls.complete_io(&mut socket).map_err(|error| error.to_string())?;
    }
    Ok(tls.peer_certificates().unwrap_or_default().iter().map(|der| der.clone().into_owned()).collect())
}

/// The first address that answers.
fn connect(server: &str, deadline: Instant) -> Result<TcpStream, String> {
    let mut last = "the name has no address".to_owned();
    for address in server.to_socket_addrs().map_err(|error| error.to_string())? {
        let left = left_of(deadline)?;
        match TcpStream::connect_timeout(&address, left) {
            Ok(socket) => {
                socket.set_write_timeout(Some(left)).map_err(|error| error.to_string())?;
                return Ok(socket);
            }
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

fn left_of(deadline: Instant) -> Result<Duration, String> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err("no answer in time".to_owned()) } else { Ok(left) }
}

fn config() -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?.dangerous();
    Ok(builder.with_custom_certificate_verifier(Arc::new(Looking)).with_no_client_auth())
}

/// Takes every certificate: nothing is sent to the server or believed of it, its certificate is only looked at.
#[derive(Debug)]
struct Looking;

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

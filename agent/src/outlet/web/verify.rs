//! Whether a client's certificate is good enough.

use super::file::ClientAuth;
use super::names::names;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
};
use std::sync::Arc;

/// Asks for a certificate and checks it as far as the file says.
#[derive(Debug)]
pub struct Verifier {
    is_mandatory: bool,
    /// Checks who signed it; without it, nobody does.
    signed: Option<Arc<dyn ClientCertVerifier>>,
    /// Names of which it must have one.
    names: Option<Vec<String>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// As the file says; nothing when clients are not asked at all.
    pub fn of(
        kind: ClientAuth,
        roots: Option<RootCertStore>,
        names: Option<Vec<String>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Option<Arc<Self>>, String> {
        use ClientAuth::{NoClientCert, RequestClientCert, RequireAndVerifyClientCert, RequireAnyClientCert};
        let is_mandatory = matches!(kind, RequireAnyClientCert | RequireAndVerifyClientCert);
        if roots.is_some() && kind == NoClientCert {
            return Err("client_ca_file or client_ca is set, but client_auth_type is not".to_owned());
        }
        if names.is_some() && !is_mandatory {
            return Err("client_allowed_sans needs client_auth_type RequireAnyClientCert or \
                        RequireAndVerifyClientCert"
                .to_owned());
        }
        let signed = match (kind, roots) {
            (NoClientCert, _) => return Ok(None),
            (RequestClientCert | RequireAnyClientCert, _) => None,
            (_, Some(roots)) => Some(signed_by(roots, provider)?),
            (_, None) => return Err(format!("client_auth_type {kind:?} needs client_ca_file or client_ca")),
        };
        Ok(Some(Arc::new(Verifier { is_mandatory, signed, names, provider: provider.clone() })))
    }

    fn is_named(&self, certificate: &CertificateDer<'_>) -> bool {
        let Some(allowed) = &self.names else { return true };
        names(certificate).iter().any(|name| allowed.contains(name))
    }
}

fn signed_by(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    verifier.build().map_err(|error| format!("client_ca_file: {error}"))
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.signed.as_ref().map_or(&[], |signed| signed.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(signed) = &self.signed {
            signed.verify_client_cert(certificate, chain, now)?;
        }
        match self.is_named(certificate) {
            true => Ok(ClientCertVerified::assertion()),
            false => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

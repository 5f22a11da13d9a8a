//! What `web.config.yml` says of TLS.

use serde::Deserialize;
use std::path::PathBuf;

/// The part about TLS.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM.
    pub cert: Option<String>,
    /// Its key, PEM.
    pub key: Option<String>,
    /// Authorities for clients, PEM.
    pub client_ca: Option<String>,
    /// File of the certificate chain.
    pub cert_file: Option<PathBuf>,
    /// File of its key.
    pub key_file: Option<PathBuf>,
    /// File of the authorities for clients.
    pub client_ca_file: Option<PathBuf>,
    /// What is asked of clients.
    pub client_auth_type: Option<ClientAuth>,
    /// Names of which a client's certificate must have one.
    pub client_allowed_sans: Option<Vec<String>>,
    /// Oldest version.
    pub min_version: Option<Version>,
    /// Newest version.
    pub max_version: Option<Version>,
    /// Ciphers of TLS 1.2, the best first.
    pub cipher_suites: Option<Vec<Cipher>>,
    /// Whether our order counts.
    pub prefer_server_cipher_suites: Option<bool>,
    /// Groups for the exchange of keys, the best first.
    pub curve_preferences: Option<Vec<Curve>>,
}

/// What is asked of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[allow(clippy::enum_variant_names, reason = "the file's own words")]
pub enum ClientAuth {
    /// Nothing.
    #[default]
    NoClientCert,
    /// A certificate may come; nobody looks at it.
    RequestClientCert,
    /// A certificate must come; nobody looks who signed it.
    #[serde(alias = "RequireClientCert")]
    RequireAnyClientCert,
    /// A certificate may come, and then it must be good.
    VerifyClientCertIfGiven,
    /// A good certificate must come.
    RequireAndVerifyClientCert,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Version {
    /// 1.0: no longer spoken.
    #[serde(rename = "TLS10")]
    Tls10,
    /// 1.1: no longer spoken.
    #[serde(rename = "TLS11")]
    Tls11,
    /// 1.2
    #[serde(rename = "TLS12")]
    Tls12,
    /// 1.3
    #[serde(rename = "TLS13")]
    Tls13,
}

/// Go's names of ciphers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(non_camel_case_types, missing_docs, clippy::upper_case_acronyms, reason = "the standard's own words")]
pub enum Cipher {
    TLS_AES_128_GCM_SHA256,
    TLS_AES_256_GCM_SHA384,
    TLS_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
}

/// Go's names of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum Curve {
    CurveP256,
    CurveP384,
    CurveP521,
    X25519,
}

//! The file `web.config.yml`, as Prometheus' exporter-toolkit has it: keys, words and bounds.
//!
//! A key or word that is not known is refused with its line: somebody who mistypes `client_auth_type` must not find
//! the port open.

use super::hash::Hash;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Users in one file.
const USERS_MAX: usize = 256;
/// Of a header's value, and of a name of a user.
const WORD_BYTES_MAX: usize = 4096;

/// Everything that the file can say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// TLS; without it, the port speaks plain HTTP.
    pub tls_server_config: Option<Tls>,
    /// HTTP.
    pub http_server_config: Option<Http>,
    /// How many requests are answered.
    pub rate_limit: Option<RateLimit>,
    /// Names and bcrypt hashes.
    pub basic_auth_users: Option<BTreeMap<String, Hash>>,
}

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

/// The part about HTTP.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Whether HTTP/2 is offered over TLS.
    pub http2: bool,
    /// Headers that every answer gets.
    pub headers: Option<Headers>,
}

impl Default for Http {
    fn default() -> Self {
        Http { http2: true, headers: None }
    }
}

/// The headers that can be set; an empty one is not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the standard's own words")]
pub struct Headers {
    #[serde(rename = "Content-Security-Policy")]
    pub content_security_policy: Option<HeaderText>,
    #[serde(rename = "X-Frame-Options")]
    pub x_frame_options: Option<FrameOptions>,
    #[serde(rename = "X-Content-Type-Options")]
    pub x_content_type_options: Option<ContentTypeOptions>,
    #[serde(rename = "X-XSS-Protection")]
    pub x_xss_protection: Option<HeaderText>,
    #[serde(rename = "Strict-Transport-Security")]
    pub strict_transport_security: Option<HeaderText>,
}

/// What a header's value can be.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderText(pub hyper::header::HeaderValue);

/// The two ways of framing that can be allowed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum FrameOptions {
    Deny,
    SameOrigin,
}

/// The one value that there is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum ContentTypeOptions {
    NoSniff,
}

/// A bucket that one request is taken from and one is added to each interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Time after which one more request can be answered; none sets no limit.
    pub interval: Interval,
    /// Requests that can come at once.
    pub burst: u32,
}

/// A length of time as Go writes it: `1s`, `1m30s`, `100ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Interval(pub Duration);

impl File {
    /// Reads the text; the error begins with the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        // An empty file is a file that sets nothing.
        let file: Option<File> = serde_saphyr::from_str(text).map_err(|error| {
            let error = error.without_snippet();
            let line = error.location().map_or(0, |location| location.line());
            format!("{line}: {}", plain(&error.to_string()))
        })?;
        let file = file.unwrap_or_default();
        let users = file.basic_auth_users.iter().flatten();
        match (users.clone().count() > USERS_MAX, users.clone().any(|(name, _)| name.len() > WORD_BYTES_MAX))
        {
            (true, _) => Err(format!("1: basic_auth_users: more than {USERS_MAX} users")),
            (_, true) => Err(format!("1: basic_auth_users: a name of more than {WORD_BYTES_MAX} bytes")),
            _ => Ok(file),
        }
    }
}

/// One line, without the place, which is told apart.
fn plain(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = [" at line ", ", set DuplicateKeyPolicy"].into_iter().filter_map(|cut| line.find(cut)).min();
    line[..end.unwrap_or(line.len())].to_owned()
}

impl TryFrom<String> for HeaderText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let value = (text.len() <= WORD_BYTES_MAX).then(|| text.parse().ok()).flatten();
        value.map(HeaderText).ok_or_else(|| format!("{text:?} cannot be the value of a header"))
    }
}

impl TryFrom<String> for Interval {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        interval(&text)
            .map(Interval)
            .ok_or_else(|| format!("{text:?} is not a duration such as \"1s\" or \"100ms\""))
    }
}

fn interval(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        let seconds = number.parse::<f64>().ok()? * seconds(unit)?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

fn seconds(unit: &str) -> Option<f64> {
    let units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    units.iter().find(|(name, _)| *name == unit).map(|(_, seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    const ALL: &str = r#"
tls_server_config:
  cert_file: server.crt
  key_file: /etc/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans:
    - prometheus.example.org
  min_version: TLS12
  max_version: TLS13
  cipher_suites:
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  prefer_server_cipher_suites: true
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: "default-src 'self'"
    X-Frame-Options: sameorigin
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  alice: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze
rate_limit:
  interval: 1m30s
  burst: 20
"#;

    #[test]
    fn every_key_is_read() {
        let file = File::parse(ALL).unwrap();
        let tls = file.tls_server_config.unwrap();
        assert_eq!(tls.client_auth_type, Some(ClientAuth::RequireAndVerifyClientCert));
        assert_eq!(tls.curve_preferences, Some(vec![Curve::CurveP256, Curve::X25519]));
        assert_eq!((tls.min_version, tls.max_version), (Some(Version::Tls12), Some(Version::Tls13)));
        assert!(!file.http_server_config.unwrap().http2);
        assert_eq!(file.basic_auth_users.unwrap().len(), 1);
        assert_eq!(
            file.rate_limit,
            Some(RateLimit { interval: Interval(Duration::from_secs(90)), burst: 20 })
        );
    }

    #[test]
    fn an_empty_file_and_empty_sections_set_nothing() {
        for text in
            ["", "# nothing\n", "tls_server_config:\nbasic_auth_users:\n", "rate_limit:\n  interval: 0\n"]
        {
            let file = File::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert!(file.tls_server_config.is_none() && file.basic_auth_users.is_none(), "{text:?}");
        }
    }

    fn refused(text: &str, expect: Expect) {
        expect.assert_eq(&File::parse(text).unwrap_err());
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_line() {
        refused(
            "tls_server_config:\n  cert_fil: a\n",
            expect![
                "2: unknown field `cert_fil`, expected one of cert, key, client_ca, cert_file, key_file, client_ca_file, client_auth_type, client_allowed_sans, min_version, max_version, cipher_suites, prefer_server_cipher_suites, curve_preferences"
            ],
        );
        refused(
            "tls_server_confg:\n",
            expect![
                "1: unknown field `tls_server_confg`, expected one of tls_server_config, http_server_config, rate_limit, basic_auth_users"
            ],
        );
        refused(
            "tls_server_config:\n  cert_file: a\n  client_auth_type: Maybe\n",
            expect![
                "3: unknown variant `Maybe`, expected one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert"
            ],
        );
        refused(
            "tls_server_config:\n  min_version: TLS14\n",
            expect!["2: unknown variant `TLS14`, expected one of TLS10, TLS11, TLS12, TLS13"],
        );
        refused(
            "tls_server_config:\n  cipher_suites:\n  - TLS_RSA_WITH_RC4_128_SHA\n",
            expect![
                "3: unknown variant `TLS_RSA_WITH_RC4_128_SHA`, expected one of TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
            ],
        );
        refused(
            "http_server_config:\n  headers:\n    Server: mine\n",
            expect![
                "3: unknown field `Server`, expected one of Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security"
            ],
        );
        refused(
            "http_server_config:\n  headers:\n    X-Frame-Options: maybe\n",
            expect!["3: unknown variant `maybe`, expected one of deny, sameorigin"],
        );
        refused(
            "basic_auth_users:\n  a: plain\n",
            expect!["2: not a bcrypt hash; `htpasswd -nBC 10 NAME` prints one"],
        );
        refused(
            "rate_limit:\n  interval: soon\n",
            expect![[r#"2: "soon" is not a duration such as "1s" or "100ms""#]],
        );
        refused("rate_limit:\n  burst: -1\n", expect!["2: invalid u32"]);
        refused(
            "a: [\n",
            expect![
                "1: unknown field `a`, expected one of tls_server_config, http_server_config, rate_limit, basic_auth_users"
            ],
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(tls_server_config|basic_auth_users|rate_limit|interval|[:\\n -]|[a-z0-9$\"]|\\PC){0,60}") {
            drop(File::parse(&text));
            drop(Interval::try_from(text));
        }
    }
}

//! The file `web.config.yml`, as Prometheus' exporter-toolkit has it: keys, words and bounds.
//!
//! A key or word that is not known is refused with its line: somebody who mistypes `client_auth_type` must not find
//! the port open.

mod http;
pub(super) mod rate;
mod tls;

pub use http::{ContentTypeOptions, FrameOptions, Headers, Http};
pub use rate::RateLimit;
pub use tls::{Cipher, ClientAuth, Curve, Tls, Version};

use super::hash::Hash;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Users in one file.
const USERS_MAX: usize = 256;
/// Of a name of a user.
const NAME_BYTES_MAX: usize = 4096;

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
        match (users.clone().count() > USERS_MAX, users.clone().any(|(name, _)| name.len() > NAME_BYTES_MAX))
        {
            (true, _) => Err(format!("1: basic_auth_users: more than {USERS_MAX} users")),
            (_, true) => Err(format!("1: basic_auth_users: a name of more than {NAME_BYTES_MAX} bytes")),
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

#[cfg(test)]
mod tests {
    use super::rate::Interval;
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use std::time::Duration;

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

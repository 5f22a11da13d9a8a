//! TLS as the file says, by rustls with ring: no C library to install, and half the size of aws-lc.

use super::file::{Cipher, Curve, Tls, Version};
use super::source::Sources;
use super::verify::Verifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::path::PathBuf;
use std::sync::Arc;

/// Sessions that clients can take up again without the full handshake.
const SESSIONS_MAX: usize = 256;

/// What a listener needs to speak TLS; nothing when the file does not ask for it.
pub fn config(tls: &Tls, http2: bool, sources: &mut Sources) -> Result<Option<Arc<ServerConfig>>, String> {
    if !is_wanted(tls) {
        return Ok(None);
    }
    let provider = Arc::new(provider(tls, sources)?);
    let (chain, key) = (chain(tls, sources)?, key(tls, sources)?);
    let names = tls.client_allowed_sans.clone();
    let verifier =
        Verifier::of(tls.client_auth_type.unwrap_or_default(), roots(tls, sources)?, names, &provider)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(tls, sources)?)
        .map_err(|error| error.to_string())?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|error| format!("the certificate and its key: {error}"))?;
    config.ignore_client_order = tls.prefer_server_cipher_suites.unwrap_or(true);
    config.session_storage = rustls::server::ServerSessionMemoryCache::new(SESSIONS_MAX);
    let protocols: &[&[u8]] = if http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Some(Arc::new(config)))
}

fn is_wanted(tls: &Tls) -> bool {
    let texts = [&tls.cert, &tls.key, &tls.client_ca];
    let files = [&tls.cert_file, &tls.key_file, &tls.client_ca_file];
    texts.iter().any(|text| given(text).is_some())
        || files.iter().any(|file| named(file).is_some())
        || tls.client_auth_type.is_some()
}

fn given(text: &Option<String>) -> Option<&String> {
    text.as_ref().filter(|text| !text.is_empty())
}

fn named(file: &Option<PathBuf>) -> Option<&PathBuf> {
    file.as_ref().filter(|file| !file.as_os_str().is_empty())
}

/// What stands in the file itself, else in the file that it names.
fn pem(
    word: &str,
    text: &Option<String>,
    file: &Option<PathBuf>,
    sources: &mut Sources,
) -> Result<Option<(String, Vec<u8>)>, String> {
    match (given(text), named(file)) {
        (Some(_), Some(_)) => Err(format!("only one of {word} and {word}_file can be set")),
        (Some(text), None) => Ok(Some((word.to_owned(), text.as_bytes().to_vec()))),
        (None, Some(file)) => {
            let (path, bytes) = sources.read(file).map_err(|error| format!("{word}_file: {error}"))?;
            Ok(Some((format!("{word}_file: {}", path.display()), bytes)))
        }
        (None, None) => Ok(None),
    }
}

fn chain(tls: &Tls, sources: &mut Sources) -> Result<Vec<CertificateDer<'static>>, String> {
    let (place, bytes) = pem("cert", &tls.cert, &tls.cert_file, sources)?
        .ok_or("tls_server_config lacks cert_file or cert")?;
    certificates(&place, &bytes)
}

fn certificates(place: &str, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    match all {
        Ok(all) if all.is_empty() => Err(format!("{place}: no certificate in it")),
        Ok(all) => Ok(all),
        Err(error) => Err(format!("{place}: {error}")),
    }
}

fn key(tls: &Tls, sources: &mut Sources) -> Result<PrivateKeyDer<'static>, String> {
    let (place, bytes) =
        pem("key", &tls.key, &tls.key_file, sources)?.ok_or("tls_server_config lacks key_file or key")?;
    if let Some(file) = named(&tls.key_file) {
        sources.warn_if_open(file);
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| format!("{place}: {error}"))
}

fn roots(tls: &Tls, sources: &mut Sources) -> Result<Option<RootCertStore>, String> {
    let Some((place, bytes)) = pem("client_ca", &tls.client_ca, &tls.client_ca_file, sources)? else {
        return Ok(None);
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&place, &bytes)? {
        roots.add(certificate).map_err(|error| format!("{place}: {error}"))?;
    }
    Ok(Some(roots))
}

fn versions(tls: &Tls, sources: &mut Sources) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let (least, most) =
        (tls.min_version.unwrap_or(Version::Tls12), tls.max_version.unwrap_or(Version::Tls13));
    if least < Version::Tls12 {
        sources.warn("min_version: TLS 1.0 and 1.1 are not spoken; the least is TLS12".to_owned());
    }
    let all = [(Version::Tls12, &TLS12), (Version::Tls13, &TLS13)];
    let wanted = all.into_iter().filter(|(version, _)| (least..=most).contains(version));
    let wanted: Vec<_> = wanted.map(|(_, version)| version).collect();
    match wanted.is_empty() {
        true => {
            Err("no version is between min_version and max_version; TLS12 and TLS13 are spoken".to_owned())
        }
        false => Ok(wanted),
    }
}

fn provider(tls: &Tls, sources: &mut Sources) -> Result<CryptoProvider, String> {
    let mut provider = ring::default_provider();
    if let Some(curves) = tls.curve_preferences.as_ref().filter(|curves| !curves.is_empty()) {
        let group = |curve: &Curve| match curve {
            Curve::X25519 => Some(ring::kx_group::X25519),
            Curve::CurveP256 => Some(ring::kx_group::SECP256R1),
            Curve::CurveP384 => Some(ring::kx_group::SECP384R1),
            Curve::CurveP521 => None,
        };
        provider.kx_groups = kept("curve_preferences", curves, group, sources)?;
    }
    if let Some(ciphers) = tls.cipher_suites.as_ref().filter(|ciphers| !ciphers.is_empty()) {
        let all = provider.cipher_suites.clone();
        let suite = |cipher: &Cipher| {
            let name =
                format!("{cipher:?}").replace("TLS_AES", "TLS13_AES").replace("TLS_CHACHA", "TLS13_CHACHA");
            all.iter().find(|suite| format!("{:?}", suite.suite()) == name).copied()
        };
        let mut wanted = kept("cipher_suites", ciphers, suite, sources)?;
        // As in Go, those of TLS 1.3 are not a matter of choice.
        wanted.retain(|suite| suite.tls13().is_none());
        wanted.splice(0..0, all.iter().filter(|suite| suite.tls13().is_some()).copied());
        provider.cipher_suites = wanted;
    }
    Ok(provider)
}

/// Those that we have, in their order; the others are named in a warning.
fn kept<W: std::fmt::Debug, T>(
    key: &str,
    words: &[W],
    find: impl Fn(&W) -> Option<T>,
    sources: &mut Sources,
) -> Result<Vec<T>, String> {
    let missing: Vec<_> =
        words.iter().filter(|word| find(word).is_none()).map(|word| format!("{word:?}")).collect();
    if !missing.is_empty() {
        sources.warn(format!("{key}: {} is not spoken here and left out", missing.join(", ")));
    }
    let found: Vec<T> = words.iter().filter_map(find).collect();
    match found.is_empty() {
        true => Err(format!("{key}: none of {} is spoken here", missing.join(", "))),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn parts(text: &str) -> Tls {
        serde_saphyr::from_str(text).unwrap()
    }

    #[test]
    fn versions_are_those_between() {
        let versions = |text| versions(&parts(text), &mut Sources::new(Path::new("/x"))).map(|all| all.len());
        assert_eq!(versions("min_version: TLS12"), Ok(2));
        assert_eq!(versions("min_version: TLS13"), Ok(1));
        assert_eq!(versions("max_version: TLS12"), Ok(1));
        assert_eq!(versions("min_version: TLS10"), Ok(2));
        assert!(versions("max_version: TLS11").is_err());
        assert!(versions("min_version: TLS13\nmax_version: TLS12").is_err());
    }

    #[test]
    fn ciphers_and_groups_keep_their_order_and_those_we_lack_are_named() {
        let mut sources = Sources::new(Path::new("/x"));
        let text = "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]\n\
                    curve_preferences: [CurveP521, CurveP384, X25519]";
        let provider = provider(&parts(text), &mut sources).unwrap();
        let names: Vec<_> =
            provider.cipher_suites.iter().map(|suite| format!("{:?}", suite.suite())).collect();
        assert_eq!(names.len(), 4);
        assert_eq!(names[3], "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
        assert_eq!(provider.kx_groups.len(), 2);
        assert_eq!(provider.kx_groups[0].name(), rustls::NamedGroup::secp384r1);
        let warnings = sources.warnings();
        assert!(
            warnings.iter().any(|line| line.contains("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")),
            "{warnings:?}"
        );
        assert!(warnings.iter().any(|line| line.contains("CurveP521")), "{warnings:?}");
    }

    #[test]
    fn none_that_we_have_is_an_error() {
        let refused = |text| provider(&parts(text), &mut Sources::new(Path::new("/x"))).unwrap_err();
        assert!(refused("curve_preferences: [CurveP521]").contains("none of CurveP521"));
        assert!(refused("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]").contains("none of"));
    }

    #[test]
    fn half_a_pair_is_an_error() {
        let refused =
            |text: &str| config(&parts(text), true, &mut Sources::new(Path::new("/x"))).unwrap_err();
        assert!(refused("key: x").contains("lacks cert_file"));
        assert!(refused("cert: x\nkey: y").contains("no certificate"));
        assert!(refused("cert: x\ncert_file: y").contains("only one of cert and cert_file"));
        assert!(refused("cert_file: /nonexistent/x").contains("/nonexistent/x"));
        assert!(config(&Tls::default(), true, &mut Sources::new(Path::new("/x"))).unwrap().is_none());
    }
}

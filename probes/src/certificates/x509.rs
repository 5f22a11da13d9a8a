//! Certificates in a file: one in DER, or any number in PEM among keys and remarks.

use crate::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{DirectoryString, GeneralName};

/// More certificates of one file are not looked at.
const CHAIN_MAX: usize = 500;
const SUBJECT_CHARS_MAX: usize = 64;
/// What OpenSSL accepts as the head of a certificate.
const BEGIN: [&str; 3] = [
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN X509 CERTIFICATE-----",
    "-----BEGIN TRUSTED CERTIFICATE-----",
];
const END: &str = "-----END ";
/// The tag of a sequence, with which every certificate in DER begins.
const SEQUENCE: u8 = 0x30;

/// What is told of a certificate.
#[derive(Debug, PartialEq)]
pub struct Certificate {
    /// The common name, else the first host name.
    pub subject: String,
    pub not_after_seconds: u64,
}

/// All certificates of a file, in its order; a file without any is at fault.
pub fn certificates(path: &str, bytes: &[u8]) -> Result<Vec<Certificate>, Fault> {
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![parse(path, 1, bytes)?]);
    }
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().zip(1..);
    let mut chain = Vec::new();
    while let Some((_, number)) = lines.find(|(line, _)| BEGIN.contains(&line.trim())) {
        let body = lines.by_ref().map(|(line, _)| line.trim()).take_while(|line| !line.starts_with(END));
        let der = STANDARD.decode(body.collect::<String>());
        let der = der.map_err(|_| Fault::malformed(path, number, "", "a certificate in base64"))?;
        chain.push(parse(path, number, &der)?);
        if chain.len() == CHAIN_MAX {
            break;
        }
    }
    if chain.is_empty() {
        Err(Fault::malformed(path, 1, "", "a certificate in PEM or DER"))
    } else {
        Ok(chain)
    }
}

/// What follows the certificate in a trusted one is OpenSSL's own. The rules of RFC 5280 are not enforced: services
/// use what breaks them.
fn parse(path: &str, line: usize, der: &[u8]) -> Result<Certificate, Fault> {
    let told = |error: x509_cert::der::Error| {
        Fault::malformed(path, line, &error.to_string(), "a certificate (the word is what the parser says)")
    };
    let (certificate, _) = CertificateInner::<Raw>::from_der_partial(der).map_err(told)?;
    let not_after_seconds = certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs();
    let subject = common_name(&certificate).or_else(|| host_name(&certificate)).unwrap_or_default();
    Ok(Certificate { subject: subject.chars().take(SUBJECT_CHARS_MAX).collect(), not_after_seconds })
}

/// A name in an encoding that nobody uses any more is passed over.
fn common_name(certificate: &CertificateInner<Raw>) -> Option<String> {
    match certificate.tbs_certificate().subject().common_name().ok()?? {
        DirectoryString::PrintableString(name) => Some(name.to_string()),
        DirectoryString::TeletexString(name) => Some(name.to_string()),
        DirectoryString::Utf8String(name) => Some(name),
        _ => None,
    }
}

fn host_name(certificate: &CertificateInner<Raw>) -> Option<String> {
    let (_, names) = certificate.tbs_certificate().get_extension::<SubjectAltName>().ok()??;
    names.0.iter().find_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        _ => None,
    })
}

//! The names in a certificate (subjectAltName, RFC 5280, 4.2.1.6), read from its DER.
//!
//! rustls checks who signed a client's certificate, and leaves the names in it to us.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names of one certificate; those after it are not looked at.
const NAMES_MAX: usize = 256;

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const BOOLEAN: u8 = 0x01;
const OCTETS: u8 = 0x04;
/// `extensions [3]` of the certificate.
const EXTENSIONS: u8 = 0xa3;
/// 2.5.29.17
const SUBJECT_ALT_NAME: [u8; 3] = [0x55, 0x1d, 0x11];

/// DNS names, e-mail addresses, IP addresses and URIs, as text; none when the certificate has none or is malformed.
pub fn names(certificate: &[u8]) -> Vec<String> {
    let extensions = extensions(certificate).into_iter().flat_map(items);
    let value = extensions.filter(|(tag, _)| *tag == SEQUENCE).find_map(|(_, body)| alternative_names(body));
    let names = value.and_then(|octets| expect(octets, SEQUENCE)).map(|(names, _)| names);
    names.into_iter().flat_map(items).take(NAMES_MAX).filter_map(|(tag, body)| name(tag, body)).collect()
}

/// The list of extensions: `Certificate` → `tbsCertificate` → `[3]` → `SEQUENCE`.
fn extensions(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = expect(certificate, SEQUENCE)?;
    let (signed, _) = expect(certificate, SEQUENCE)?;
    let (_, extensions) = items(signed).find(|(tag, _)| *tag == EXTENSIONS)?;
    Some(expect(extensions, SEQUENCE)?.0)
}

/// What an extension holds, when it is the one: its id, perhaps whether it is critical, its value.
fn alternative_names(extension: &[u8]) -> Option<&[u8]> {
    let (id, rest) = expect(extension, OBJECT_ID)?;
    if id != SUBJECT_ALT_NAME {
        return None;
    }
    let rest = expect(rest, BOOLEAN).map_or(rest, |(_, rest)| rest);
    Some(expect(rest, OCTETS)?.0)
}

fn name(tag: u8, body: &[u8]) -> Option<String> {
    match tag {
        // rfc822Name, dNSName, uniformResourceIdentifier
        0x81 | 0x82 | 0x86 => std::str::from_utf8(body).ok().map(str::to_owned),
        0x87 => address(body).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(body: &[u8]) -> Option<IpAddr> {
    match body.len() {
        4 => <[u8; 4]>::try_from(body).ok().map(|bytes| IpAddr::from(Ipv4Addr::from(bytes))),
        _ => <[u8; 16]>::try_from(body).ok().map(|bytes| IpAddr::from(Ipv6Addr::from(bytes))),
    }
}

/// Elements one after the other; it ends at the first that makes no sense.
fn items(mut der: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, body, rest) = element(der)?;
        der = rest;
        Some((tag, body))
    })
}

fn expect(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(tag, _, _)| *tag == wanted).map(|(_, body, rest)| (body, rest))
}

/// Tag, body and rest. Lengths take at most four bytes, and no tag here takes more than one.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = der else { return None };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (body, rest) = rest.split_at_checked(length)?;
    Some((*tag, body, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn der(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let head = match length {
            0..=0x7f => vec![tag, length as u8],
            _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        };
        [head, body.to_vec()].concat()
    }

    /// A certificate of which only the part that is read is there.
    fn certificate(critical: bool) -> Vec<u8> {
        let names = [
            der(0x82, b"prometheus.example.org"),
            der(0x81, b"ops@example.org"),
            der(0x86, b"spiffe://example.org/prometheus"),
            der(0x87, &[192, 0, 2, 7]),
            der(0x87, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            der(0x87, &[1, 2, 3]),
            der(0xa4, &der(SEQUENCE, b"a directory name")),
        ]
        .concat();
        let flag = if critical { der(BOOLEAN, &[0xff]) } else { Vec::new() };
        let value = der(OCTETS, &der(SEQUENCE, &names));
        let other = der(SEQUENCE, &[der(OBJECT_ID, &[0x55, 0x1d, 0x0f]), der(OCTETS, b"usage")].concat());
        let own = der(SEQUENCE, &[der(OBJECT_ID, &SUBJECT_ALT_NAME), flag, value].concat());
        let extensions = der(EXTENSIONS, &der(SEQUENCE, &[other, own].concat()));
        let signed = der(SEQUENCE, &[der(0xa0, &der(2, &[2])), der(2, &[1]), extensions].concat());
        der(SEQUENCE, &[signed, der(SEQUENCE, b"algorithm"), der(3, b"signature")].concat())
    }

    #[test]
    fn every_kind_of_name_is_read() {
        let wanted = [
            "prometheus.example.org",
            "ops@example.org",
            "spiffe://example.org/prometheus",
            "192.0.2.7",
            "2001:db8::1",
        ];
        assert_eq!(names(&certificate(false)), wanted);
        assert_eq!(names(&certificate(true)), wanted);
    }

    #[test]
    fn half_a_certificate_has_no_names() {
        let whole = certificate(true);
        assert!((0..whole.len()).all(|cut| names(&whole[..cut]).is_empty()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            names(&bytes);
            let mut almost = certificate(false);
            let at = at.index(almost.len());
            almost[at] = byte;
            names(&almost);
        }
    }
}

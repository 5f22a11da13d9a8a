//! Certificates, made by openssl.

use crate::support::Scratch;
use std::process::Command;

/// Runs openssl and gives what it prints.
pub fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output();
    let output = output.expect("openssl, from the Debian package openssl");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn make(scratch: &Scratch, name: &str, rest: &[&str]) {
    let (key, certificate) = (text(scratch, &format!("{name}.key")), text(scratch, &format!("{name}.crt")));
    let common =
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    let own = ["-subj", &format!("/CN={name}"), "-keyout", &key, "-out", &certificate];
    openssl(&[&common[..], &own[..], rest].concat());
}

/// The path of a file, as an argument.
pub fn text(scratch: &Scratch, name: &str) -> String {
    scratch.path(name).display().to_string()
}

/// An authority: `ca.crt` and `ca.key`.
pub fn authority(scratch: &Scratch) {
    make(scratch, "ca", &[]);
}

/// A certificate of the authority, with these names.
pub fn signed(scratch: &Scratch, name: &str, names: &str) {
    let (ca, key) = (text(scratch, "ca.crt"), text(scratch, "ca.key"));
    let names = format!("subjectAltName={names}");
    make(
        scratch,
        name,
        &["-CA", &ca, "-CAkey", &key, "-addext", &names, "-addext", "basicConstraints=critical,CA:FALSE"],
    );
}

/// A certificate that nobody but itself vouches for.
pub fn stranger(scratch: &Scratch, name: &str, names: &str) {
    make(scratch, name, &["-addext", &format!("subjectAltName={names}")]);
}

/// An authority, a server at 127.0.0.1, and a client named prometheus.example.org.
pub fn household(scratch: &Scratch) {
    scratch.write("empty", "");
    authority(scratch);
    signed(scratch, "server", "DNS:localhost,IP:127.0.0.1");
    signed(
        scratch,
        "client",
        "DNS:prometheus.example.org,URI:spiffe://example.org/prometheus,IP:192.0.2.7,email:ops@example.org",
    );
    stranger(scratch, "stranger", "DNS:prometheus.example.org");
}

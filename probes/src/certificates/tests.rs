//! Certificates that openssl makes, and configurations as services have them, in a tree of their own.

use super::*;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Site {
    root: PathBuf,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

impl Site {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("hostward-certificates-{name}-{}", std::process::id()));
        std::fs::create_dir_all(root.join("etc/ssl")).unwrap();
        Site { root }
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root.join(path.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn seen(&self, files: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut probe = Certificates { files: files.iter().map(|&file| file.to_owned()).collect() };
        let mut out = Batch::new();
        probe.collect(&mut Host::new(&self.root), &mut out).unwrap();
        let line = |sample: hostward_model::Sample<'_>| {
            format!("{} {}", sample.labels().collect::<Vec<_>>().join(" "), sample.value)
        };
        let gap = |gap: &hostward_model::Gap| format!("{}: {}", gap.what, gap.reason);
        (out.samples().map(line).collect(), out.gaps().iter().map(gap).collect())
    }
}

/// A certificate in PEM that ends at `not_after`, and its private key behind it.
fn made(subject: &str, not_after: &str, more: &[&str]) -> String {
    let directory = std::env::temp_dir();
    let file = directory.join(format!(
        "hostward-made-{}-{}.pem",
        std::process::id(),
        subject.len() + not_after.len()
    ));
    let key = file.with_extension("key");
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
    command.args(["-subj", subject, "-keyout"]).arg(&key).arg("-out").arg(&file).args(more);
    command.args(["-days", not_after]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&file).unwrap() + &std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(file).unwrap();
    std::fs::remove_file(key).unwrap();
    text
}

/// What openssl says of the end of the first certificate of a file.
fn end_of(site: &Site, path: &str) -> u64 {
    let file = site.root.join(path.trim_start_matches('/'));
    let output =
        Command::new("openssl").args(["x509", "-noout", "-enddate", "-in"]).arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let date = text.trim().strip_prefix("notAfter=").unwrap();
    let output = Command::new("date").args(["-u", "+%s", "-d", date]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn every_form_of_a_file() {
    let site = Site::new("forms");
    let (leaf, authority) = (made("/CN=www.example.org", "90", &[]), made("/CN=authority", "3650", &[]));
    site.write("etc/ssl/leaf.pem", &leaf);
    site.write("etc/ssl/chain.pem", format!("remark\n{authority}{leaf}"));
    let names =
        made("/O=no common name", "40", &["-addext", "subjectAltName=IP:192.0.2.1,DNS:a.example.org"]);
    site.write("etc/ssl/names.pem", &names);
    let der = Command::new("openssl")
        .args(["x509", "-outform", "der", "-in"])
        .arg(site.root.join("etc/ssl/leaf.pem"))
        .output()
        .unwrap();
    site.write("etc/ssl/leaf.der", &der.stdout);
    let far = made("/CN=far", "30000", &[]);
    site.write("etc/ssl/far.pem", &far);
    let (seen, gaps) = site.seen(&["/etc/ssl/*"]);
    let end = |path| end_of(&site, path);
    let (leaf, chain, names, far) =
        (end("etc/ssl/leaf.pem"), end("etc/ssl/chain.pem"), end("etc/ssl/names.pem"), end("etc/ssl/far.pem"));
    let expected = [
        format!("/etc/ssl/chain.pem hostward authority {chain}"),
        format!("/etc/ssl/chain.pem hostward {leaf}"),
        format!("/etc/ssl/far.pem hostward far {far}"),
        format!("/etc/ssl/far.pem hostward {far}"),
        format!("/etc/ssl/leaf.der hostward www.example.org {leaf}"),
        format!("/etc/ssl/leaf.der hostward {leaf}"),
        format!("/etc/ssl/leaf.pem hostward www.example.org {leaf}"),
        format!("/etc/ssl/leaf.pem hostward {leaf}"),
        format!("/etc/ssl/names.pem hostward a.example.org {names}"),
        format!("/etc/ssl/names.pem hostward {names}"),
    ];
    assert_eq!(seen, expected);
    assert!(gaps.is_empty(), "{gaps:?}");
}

#[test]
fn every_service_names_its_own() {
    let site = Site::new("services");
    let pem = made("/CN=x", "30", &[]);
    let files = ["n1", "n2", "a1", "a2", "p1", "p2", "h1", "h2", "h3", "dir/h4"];
    files.iter().for_each(|file| site.write(&format!("etc/ssl/{file}.pem"), &pem));
    site.write("etc/ssl/dir/h4.pem.key", "no certificate");
    site.write(
        "etc/nginx/nginx.conf",
        "http { include sites/*; include nginx.conf; ssl_certificate /etc/ssl/n1.pem; }",
    );
    site.write(
        "etc/nginx/sites/one",
        "server { ssl_certificate ../ssl/n2.pem; ssl_certificate $host.pem;\n#ssl_certificate /no;\n}",
    );
    site.write(
        "etc/apache2/apache2.conf",
        "ServerRoot \"/etc/apache2\"\nIncludeOptional sites-enabled/*.conf none/*\nInclude conf.d\n",
    );
    site.write(
        "etc/apache2/sites-available/a.conf",
        "<VirtualHost *:443>\n sslcertificatefile /etc/ssl/a1.pem\n</VirtualHost>\n",
    );
    site.write("etc/apache2/conf.d/b", "SSLCertificateChainFile \"/etc/ssl/a2.pem\"\n");
    std::fs::create_dir_all(site.root.join("etc/apache2/sites-enabled")).unwrap();
    let link = site.root.join("etc/apache2/sites-enabled/a.conf");
    std::os::unix::fs::symlink("/etc/apache2/sites-available/a.conf", link).unwrap();
    site.write(
        "etc/postfix/main.cf",
        "smtpd_tls_cert_file=/etc/ssl/p1.pem\nsmtp_tls_chain_files =\n  /etc/ssl/p2.pem, none\n",
    );
    site.write("etc/haproxy/haproxy.cfg", "global\n crt-base /etc/ssl\nfrontend f\n bind :443 ssl crt h1.pem crt dir alpn h2\n bind :444 ssl crt-list list\n bind :445 ssl crt /etc/ssl/h2.pem\n");
    site.write("etc/haproxy/list", "# x\n/etc/ssl/h3.pem [alpn h2] a.org\n");
    let (seen, gaps) = site.seen(&[]);
    let mut paths: Vec<_> = seen
        .iter()
        .filter(|line| line.contains(" x "))
        .map(|line| line.split(" x ").next().unwrap())
        .collect();
    paths.sort_unstable();
    let expected = [
        "/etc/nginx/../ssl/n2.pem nginx",
        "/etc/ssl/a1.pem apache2",
        "/etc/ssl/a2.pem apache2",
        "/etc/ssl/dir/h4.pem haproxy",
        "/etc/ssl/h1.pem haproxy",
        "/etc/ssl/h2.pem haproxy",
        "/etc/ssl/h3.pem haproxy",
        "/etc/ssl/n1.pem nginx",
        "/etc/ssl/p1.pem postfix",
        "/etc/ssl/p2.pem postfix",
    ];
    assert_eq!(paths, expected);
    assert_eq!(gaps, ["$host.pem: is known to the service only while it runs"]);
}

#[test]
fn what_is_no_certificate_is_told() {
    let site = Site::new("nonsense");
    let pem = made("/CN=x", "31", &[]);
    let body: Vec<&str> = pem.lines().collect();
    site.write("etc/ssl/base64.pem", format!("{}\n????\n-----END CERTIFICATE-----\n", body[0]));
    site.write("etc/ssl/der.pem", format!("\n\n{}\nAAAA\n-----END CERTIFICATE-----\n", body[0]));
    site.write("etc/ssl/empty.pem", "");
    site.write(
        "etc/ssl/key.pem",
        pem.split_once("-----BEGIN EC").map_or("-----BEGIN PRIVATE KEY-----\n", |(_, key)| key),
    );
    site.write("etc/ssl/torn.der", [0x30, 0x82, 0xff]);
    let (seen, gaps) = site.seen(&["/etc/ssl/*", "/etc/none.pem"]);
    assert!(seen.is_empty());
    let heads = [
        "/etc/none.pem: missing",
        "/etc/ssl/base64.pem: line 1: expected a certificate in base64",
        "/etc/ssl/der.pem: line 3: expected a certificate (",
        "/etc/ssl/empty.pem: line 1: expected a certificate in PEM or DER",
        "/etc/ssl/key.pem: line 1: expected a certificate in PEM or DER",
        "/etc/ssl/torn.der: line 1: expected a certificate (",
    ];
    assert_eq!(gaps.len(), heads.len(), "{gaps:#?}");
    assert!(gaps.iter().zip(heads).all(|(gap, head)| gap.starts_with(head)), "{gaps:#?}");
}

#[test]
fn without_a_service_there_is_nothing_to_watch() {
    let mut out = Batch::new();
    let fault = SPEC.instance().collect(&mut Host::new(Path::new("/nonexistent")), &mut out).unwrap_err();
    assert_eq!(fault.reason(), "missing");
}

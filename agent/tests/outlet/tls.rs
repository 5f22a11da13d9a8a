//! TLS and HTTP/2 as curl and openssl see them.

use crate::agent::{Agent, Answer};
use crate::pki::{self, openssl, text};
use crate::support::{Scratch, eventually};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

/// The files are looked at once a second.
const LOOK: Duration = Duration::from_millis(1100);

const PAIR: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

fn start(scratch: &Scratch, web: &str) -> Agent {
    scratch.write("web.yml", web);
    Agent::start(scratch, &format!("web_config = {:?}\n", text(scratch, "web.yml")))
}

/// Asks as somebody who trusts the authority, and with a certificate if one is named.
fn ask(agent: &Agent, scratch: &Scratch, client: Option<&str>, more: &[&str]) -> Answer {
    let ca = text(scratch, "ca.crt");
    let mut arguments = vec!["--cacert".to_owned(), ca];
    if let Some(client) = client {
        let (certificate, key) =
            (text(scratch, &format!("{client}.crt")), text(scratch, &format!("{client}.key")));
        arguments.extend(["--cert".to_owned(), certificate, "--key".to_owned(), key]);
    }
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    agent.get("/-/healthy", &arguments)
}

#[test]
fn http_2_is_spoken_over_tls_and_plain_http_is_not_answered() {
    let scratch = Scratch::new("h2");
    pki::household(&scratch);
    let agent =
        start(&scratch, &format!("{PAIR}http_server_config:\n  headers:\n    X-Frame-Options: deny\n"));
    assert!(agent.origin.starts_with("https://127.0.0.1:"), "{}", agent.origin);
    let answer = ask(&agent, &scratch, None, &[]);
    assert_eq!((answer.status, answer.version.as_str()), (200, "2"), "{answer:?}");
    assert_eq!(answer.header("x-frame-options"), Some("deny"));
    assert_eq!(ask(&agent, &scratch, None, &["--http1.1"]).version, "1.1");
    assert_eq!(crate::agent::curl(&agent.origin.replace("https", "http"), &[]).status, 0);
    assert_eq!(agent.get("/-/healthy", &[]).status, 0, "curl does not trust whom it does not know");
    let url = format!("{}/-/healthy", agent.origin);
    let many: Vec<&str> = std::iter::repeat_n(url.as_str(), 40).collect();
    let answer = ask(&agent, &scratch, None, &[&["--parallel", "--parallel-max", "40"][..], &many].concat());
    assert_eq!(
        answer.head.matches("http/2 200").count() + answer.body.to_lowercase().matches("http/2 200").count(),
        41
    );
}

#[test]
fn http_2_can_be_switched_off_and_so_can_versions() {
    let scratch = Scratch::new("versions");
    pki::household(&scratch);
    let old = "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n  curve_preferences: [CurveP384]\n";
    let agent = start(&scratch, &format!("{PAIR}{old}http_server_config:\n  http2: false\n"));
    assert_eq!(ask(&agent, &scratch, None, &[]).version, "1.1");
    assert_eq!(ask(&agent, &scratch, None, &["--tlsv1.3"]).status, 0);
    assert_eq!(ask(&agent, &scratch, None, &["--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"]).status, 0);
    assert_eq!(ask(&agent, &scratch, None, &["--curves", "P-256"]).status, 0);
    assert_eq!(ask(&agent, &scratch, None, &["--curves", "P-256:P-384"]).status, 200);
    scratch.write("web.yml", &format!("{PAIR}  min_version: TLS13\n"));
    std::thread::sleep(LOOK);
    assert_eq!(ask(&agent, &scratch, None, &["--tls-max", "1.2"]).status, 0);
    assert_eq!(ask(&agent, &scratch, None, &[]).version, "2");
}

#[test]
fn clients_are_asked_for_what_the_file_says() {
    let scratch = Scratch::new("clients");
    pki::household(&scratch);
    let agent = start(&scratch, PAIR);
    let served = |lines: &str| {
        scratch.write("web.yml", &format!("{PAIR}{lines}"));
        std::thread::sleep(LOOK);
        [None, Some("client"), Some("stranger")]
            .map(|client| ask(&agent, &scratch, client, &[]).status == 200)
    };
    let ca = "  client_ca_file: ca.crt\n";
    assert_eq!(served("  client_auth_type: NoClientCert\n"), [true, true, true]);
    assert_eq!(served("  client_auth_type: RequestClientCert\n"), [true, true, true]);
    assert_eq!(served("  client_auth_type: RequireAnyClientCert\n"), [false, true, true]);
    assert_eq!(served(&format!("  client_auth_type: VerifyClientCertIfGiven\n{ca}")), [true, true, false]);
    let strict = format!("  client_auth_type: RequireAndVerifyClientCert\n{ca}");
    assert_eq!(served(&strict), [false, true, false]);
    for name in ["prometheus.example.org", "192.0.2.7", "spiffe://example.org/prometheus", "ops@example.org"]
    {
        assert_eq!(
            served(&format!("{strict}  client_allowed_sans: [other, {name:?}]\n")),
            [false, true, false],
            "{name}"
        );
    }
    assert_eq!(served(&format!("{strict}  client_allowed_sans: [example.org]\n")), [false, false, false]);
    assert_eq!(ask(&agent, &scratch, Some("client"), &["--tls-max", "1.2"]).status, 0);
}

fn fingerprint(agent: &Agent, scratch: &Scratch) -> String {
    let shown = scratch.path("shown.pem");
    let connect = format!("127.0.0.1:{}", agent.port());
    let input = text(scratch, "empty");
    let command = format!("openssl s_client -connect {connect} < {input} 2>/dev/null > {}", shown.display());
    assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success());
    openssl(&["x509", "-noout", "-fingerprint", "-sha256", "-in", &shown.display().to_string()])
}

#[test]
fn a_new_certificate_is_taken_without_a_restart_and_a_broken_one_is_not() {
    let scratch = Scratch::new("renew");
    pki::household(&scratch);
    let agent = start(&scratch, PAIR);
    let first = fingerprint(&agent, &scratch);
    pki::signed(&scratch, "new", "DNS:localhost,IP:127.0.0.1");
    fs::rename(scratch.path("new.crt"), scratch.path("server.crt")).unwrap();
    // The certificate is there before its key, as when certbot writes one after the other.
    for _ in 0..3 {
        std::thread::sleep(LOOK);
        assert_eq!(fingerprint(&agent, &scratch), first);
    }
    assert_eq!(agent.count("what was read before goes on"), 1);
    fs::rename(scratch.path("new.key"), scratch.path("server.key")).unwrap();
    std::thread::sleep(LOOK);
    let second = fingerprint(&agent, &scratch);
    assert_ne!(second, first);
    scratch.write("web.yml", "tls_server_confg:\n");
    for _ in 0..2 {
        std::thread::sleep(LOOK);
        assert_eq!(fingerprint(&agent, &scratch), second, "it must not fall back to plain HTTP");
    }
    assert!(agent.said(&format!("{}:1: unknown field `tls_server_confg`", text(&scratch, "web.yml"))));
    assert_eq!(agent.count("what was read before goes on"), 2);
    scratch.write("web.yml", PAIR);
    eventually("the good file", || {
        let _ = ask(&agent, &scratch, None, &[]);
        agent.count("is taken anew") == 2
    });
    agent.stop();
}

#[test]
fn a_key_that_everybody_can_read_is_warned_of() {
    let scratch = Scratch::new("openkey");
    pki::household(&scratch);
    fs::set_permissions(scratch.path("server.key"), Permissions::from_mode(0o644)).unwrap();
    let agent = start(&scratch, PAIR);
    assert!(agent.said("server.key can be read by everybody; type:  chmod o= "));
    let complaints = crate::support::ask(&scratch, &["check-config"]);
    let (_, said) = crate::support::printed(&complaints);
    assert!(complaints.status.success() && said.contains("server.key can be read by everybody"), "{said}");
    scratch.write("web.yml", "tls_server_config:\n  cert_file: server.crt\n");
    let complaints = crate::support::ask(&scratch, &["check-config"]);
    let (_, said) = crate::support::printed(&complaints);
    assert!(complaints.status.code() == Some(2) && said.contains("lacks key_file"), "{said}");
}

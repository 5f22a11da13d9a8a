//! A Prometheus that scrapes the agent over TLS with a client's certificate and a password.

use crate::agent::{Agent, curl};
use crate::login::user;
use crate::pki::{household, text};
use crate::support::{Scratch, eventually};
use std::fs::File;
use std::process::{Child, Command, Stdio};

/// A running Prometheus.
pub struct Server {
    child: Child,
    /// Scheme, address and port.
    pub origin: String,
}

impl Server {
    /// One that scrapes each second what the configuration of jobs names.
    pub fn start(scratch: &Scratch, jobs: &str) -> Self {
        let config = scratch
            .write("prometheus.yml", &format!("global: {{scrape_interval: 1s}}\nscrape_configs:\n{jobs}"));
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", text(scratch, "tsdb")))
            .arg(format!("--web.listen-address={listen}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(scratch.path("prometheus.log")).unwrap());
        let child = command.spawn().expect("prometheus, from the Debian package prometheus");
        Server { child, origin: format!("http://{listen}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const STRICT: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_ca_file: ca.crt\n  \
                      client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [prometheus.example.org]\n";

#[test]
fn prometheus_scrapes_over_tls_with_certificate_and_password() {
    let scratch = Scratch::new("prometheus");
    household(&scratch);
    scratch.write("web.yml", &format!("{STRICT}{}", user("prometheus", "secret")));
    let agent = Agent::start(&scratch, &format!("web_config = {:?}\n", text(&scratch, "web.yml")));
    let job = |name: &str, password: &str| {
        format!(
            "- job_name: {name}\n  scheme: https\n  basic_auth: {{username: prometheus, password: {password}}}\n  \
             tls_config: {{ca_file: ca.crt, cert_file: client.crt, key_file: client.key}}\n  \
             static_configs: [{{targets: ['127.0.0.1:{}']}}]\n",
            agent.port()
        )
    };
    let jobs = format!("{}{}", job("right", "secret"), job("wrong", "guess"));
    let server = Server::start(&scratch, &jobs);
    let query = |query: &str| curl(&format!("{}/api/v1/query?query={query}", server.origin), &[]).body;
    eventually("a scrape", || query("up{job=\"right\"}==1").contains("\"right\""));
    eventually("a refusal", || query("up{job=\"wrong\"}==0").contains("\"wrong\""));
    eventually("metrics", || query("node_load1").contains("\"right\""));
    let targets = curl(&format!("{}/api/v1/targets", server.origin), &[]).body;
    assert!(targets.contains("server returned HTTP status 401"), "{targets}");
}

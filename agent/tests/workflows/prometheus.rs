//! A real Prometheus over several hosts.

use super::support::{Scratch, eventually};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// A running server that scrapes each second.
pub struct Prometheus {
    child: Child,
    port: u16,
}

impl Prometheus {
    /// Starts it and waits until it has seen all of them.
    pub fn start(scratch: &Scratch, ports: &[u16]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let targets: Vec<_> = ports.iter().map(|port| format!("'127.0.0.1:{port}'")).collect();
        let text = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n- job_name: hostward\n  \
             static_configs: [{{targets: [{}]}}]\n",
            targets.join(", ")
        );
        let config = scratch.write("prometheus.yml", &text);
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", scratch.path("tsdb").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus, from the Debian package prometheus");
        let server = Prometheus { child, port };
        eventually("a scrape of each", || server.values("up == 1").len() == ports.len());
        server
    }

    /// The value of an expression on each host, by port.
    pub fn values(&self, expr: &str) -> Vec<(u16, f64)> {
        let answer = self.ask(expr).unwrap_or_default();
        let value = |own: &Value| {
            let port = own["metric"]["instance"].as_str()?.rsplit(':').next()?.parse().ok()?;
            Some((port, own["value"][1].as_str()?.parse().ok()?))
        };
        answer["data"]["result"].as_array().into_iter().flatten().filter_map(value).collect()
    }

    fn ask(&self, expr: &str) -> Option<Value> {
        let encoded: String = expr.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.write_all(format!("GET /api/v1/query?query={encoded} HTTP/1.0\r\n\r\n").as_bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

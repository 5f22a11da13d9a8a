//! A running agent whose words are kept, and curl.

use crate::support::{PATIENCE, Scratch, eventually, hostward};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A running agent.
pub struct Agent {
    child: Child,
    log: PathBuf,
    /// Scheme, address and port.
    pub origin: String,
}

impl Agent {
    /// Starts it at a free port with this `[listen]` section, and waits until it has looked at the host.
    pub fn start(scratch: &Scratch, listen: &str) -> Self {
        scratch.write("etc/hostward.toml", &format!("[listen]\n{listen}"));
        Agent::start_by(scratch, hostward(scratch, &["run", "--listen", "127.0.0.1:0", "--interval", "1s"]))
    }

    pub fn start_by(scratch: &Scratch, mut command: Command) -> Self {
        let log = scratch.path("log");
        let child = command.stderr(File::create(&log).unwrap()).stdin(Stdio::null()).spawn().unwrap();
        let mut agent = Agent { child, log, origin: String::new() };
        eventually("the address", || agent.said("\n  state "));
        let said = fs::read_to_string(&agent.log).unwrap();
        let line = said.lines().find_map(|line| line.strip_prefix("  metrics  ")).unwrap();
        line.split("/metrics").next().unwrap().clone_into(&mut agent.origin);
        agent
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn port(&self) -> u16 {
        self.origin.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// Whether it has said something.
    pub fn said(&self, words: &str) -> bool {
        self.count(words) > 0
    }

    /// How often it has said something.
    pub fn count(&self, words: &str) -> usize {
        fs::read_to_string(&self.log).unwrap().matches(words).count()
    }

    /// Asks for a path with curl.
    pub fn get(&self, path: &str, arguments: &[&str]) -> Answer {
        curl(&format!("{}{path}", self.origin), arguments)
    }

    /// Asks until the host has been looked at.
    pub fn ready(self, arguments: &[&str]) -> Self {
        eventually("readiness", || self.get("/-/ready", arguments).status == 200);
        self
    }

    /// Where Prometheus' HTTP API is.
    pub fn api(&self) -> String {
        let said = fs::read_to_string(&self.log).unwrap();
        said.lines().find_map(|line| line.strip_prefix("  api      ")).unwrap().to_owned()
    }

    pub fn stop(mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What curl got.
#[derive(Debug)]
pub struct Answer {
    /// 0 when there was no answer.
    pub status: u16,
    /// `1.1` or `2`.
    pub version: String,
    /// In lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Runs curl, which decodes what it knows how to.
pub fn curl(url: &str, arguments: &[&str]) -> Answer {
    let mut command = Command::new("curl");
    command.args(["--silent", "--globoff", "--include", "--max-time", &PATIENCE.as_secs().to_string()]);
    command.args(["--write-out", "\n%{http_code} %{http_version}"]).args(arguments).arg(url);
    let output = command.output().expect("curl, from the Debian package curl");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (text, last) = text.rsplit_once('\n').unwrap();
    let (status, version) = last.split_once(' ').unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let head = head.to_ascii_lowercase().replace('\r', "");
    Answer { status: status.parse().unwrap(), version: version.to_owned(), head, body: body.to_owned() }
}

//! The real binary, started in a directory of its own on a port of its own.
#![allow(dead_code, reason = "each test file uses a part of it")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up: long enough for a crowded machine. How fast things are is measured elsewhere.
pub const PATIENCE: Duration = Duration::from_secs(30);

const BINARY: &str = env!("CARGO_BIN_EXE_hostward");

/// A directory that goes away with the value.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hostward-{name}-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A command with this scratch directory as its state directory and without any system configuration.
pub fn hostward(scratch: &Scratch, arguments: &[&str]) -> Command {
    let config = scratch.path("etc/hostward.toml");
    if !config.exists() {
        scratch.write("etc/hostward.toml", "");
    }
    let mut command = Command::new(BINARY);
    command.args(arguments).arg("--state-dir").arg(scratch.path("state")).arg("--config").arg(config);
    command.env_remove("NOTIFY_SOCKET").env_remove("JOURNAL_STREAM");
    command
}

/// Runs a verb to its end.
pub fn ask(scratch: &Scratch, arguments: &[&str]) -> Output {
    hostward(scratch, arguments).stdin(Stdio::null()).output().unwrap()
}

/// What a verb printed.
pub fn printed(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// A running daemon.
pub struct Daemon {
    child: Child,
    pub port: u16,
}

impl Daemon {
    /// Starts it with an interval of a second, and waits until it says where it listens.
    pub fn start(scratch: &Scratch) -> Daemon {
        Daemon::start_by(hostward(scratch, &["run", "--listen", "127.0.0.1:0", "--interval", "1s"]))
    }

    pub fn start_by(mut command: Command) -> Daemon {
        let mut child = command.stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let port = loop {
            let Some(Ok(line)) = lines.next() else { panic!("it ended, having said:\n{said}") };
            said += &format!("{line}\n");
            if let Some((_, rest)) = line.split_once("http://127.0.0.1:") {
                break rest.split('/').next().unwrap().parse().unwrap();
            }
        };
        // What it says later must be read, or it would wait for us.
        std::thread::spawn(move || lines.for_each(drop));
        Daemon { child, port }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Head and body of the answer to a request.
    pub fn request(&self, request: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        (head, answer[end + 4..].to_vec())
    }

    pub fn get(&self, path: &str, headers: &str) -> (String, Vec<u8>) {
        self.request(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"))
    }

    /// The metrics as text.
    pub fn scrape(&self) -> String {
        String::from_utf8(self.get("/metrics", "").1).unwrap()
    }

    /// Scrapes until a line is there.
    pub fn await_line(&self, line: &str) {
        self.await_metrics(line, |text| text.lines().any(|own| own == line));
    }

    /// Scrapes until the metrics are as wanted.
    pub fn await_metrics(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let text = self.scrape();
            if wanted(&text) {
                return text;
            }
            let ours: Vec<_> = text.lines().filter(|line| line.starts_with("hostward_")).collect();
            assert!(begun.elapsed() < PATIENCE, "{what} did not come; there is\n{}", ours.join("\n"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds.
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Everything below a directory, by name.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

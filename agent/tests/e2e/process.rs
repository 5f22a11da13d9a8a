//! A child that ends with the test.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Killed when dropped.
pub struct Process(Child);

impl Process {
    /// Starts a command; what it says goes to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("a log file");
        let also = file.try_clone().expect("a log file");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(also).spawn();
        Process(child.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command to its end and gives what it said; fails unless it ended well.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Asks again and again until there is an answer, and says after how many seconds; fails after `limit_s`.
pub fn wait_for<T>(what: &str, limit_s: u64, mut ask: impl FnMut() -> Option<T>) -> (T, f64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(limit_s) {
        if let Some(answer) = ask() {
            return (answer, start.elapsed().as_secs_f64());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}: not within {limit_s} s");
}

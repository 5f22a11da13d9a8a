//! A daemon with a directory of plugins of its own.

use super::support::{Daemon, PATIENCE, Scratch, ask, eventually, hostward, printed};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A good plugin, which nothing that others do may disturb.
const GOOD: &str = "#!/bin/sh\necho 'good_samples 1'\n";

/// A daemon that reads plugins each second, and gives each a second.
pub struct Place {
    pub scratch: Scratch,
    pub daemon: Daemon,
}

impl Place {
    /// With one good plugin that was read.
    pub fn new(name: &str) -> Place {
        Place::with(name, "")
    }

    /// The same with more lines below `[plugins]`.
    pub fn with(name: &str, lines: &str) -> Place {
        Place::started(name, lines, |command| command)
    }

    /// The same, started by another command.
    pub fn started(name: &str, lines: &str, by: impl FnOnce(Command) -> Command) -> Place {
        let scratch = Scratch::new(name);
        let directory = scratch.path("plugins.d");
        fs::create_dir_all(&directory).unwrap();
        mode(&directory, 0o755);
        let text = format!(
            "[plugins]\ndirectories = [{:?}]\ninterval = \"1s\"\ntimeout = \"1s\"\n{lines}",
            directory.display().to_string()
        );
        scratch.write("etc/hostward.toml", &text);
        put(&directory.join("good.sh"), GOOD, 0o755);
        let daemon =
            Daemon::start_by(by(hostward(&scratch, &["run", "--listen", "127.0.0.1:0", "--interval", "1s"])));
        daemon.await_line("good_samples 1");
        Place { scratch, daemon }
    }

    /// Where a plugin is, or comes.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path("plugins.d").join(name)
    }

    /// Drops a plugin that can be run.
    pub fn drop(&self, name: &str, text: &str) {
        put(&self.path(name), text, 0o755);
    }

    /// What the daemon says of a plugin.
    pub fn status(&self, name: &str) -> Value {
        let (out, _) = printed(&ask(&self.scratch, &["plugin", "list", name, "--format", "json"]));
        let answer: Value = serde_json::from_str(&out).unwrap();
        answer["plugins"].get(0).cloned().unwrap_or_default()
    }

    /// Waits until the daemon says of a plugin what is wanted, and says how long that took.
    pub fn await_status(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> (Value, Duration) {
        let begun = Instant::now();
        loop {
            let status = self.status(name);
            if wanted(&status) {
                return (status, begun.elapsed());
            }
            assert!(begun.elapsed() < PATIENCE, "it did not come; of {name} there is {status:#}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A number that the daemon says of itself.
    pub fn number(&self, metric: &str) -> f64 {
        let page = self.daemon.scrape();
        let line = page.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {metric}")).parse().unwrap()
    }

    /// How much memory the daemon has, in KiB.
    pub fn rss_kib(&self) -> i64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.daemon.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Processes that have the mark of a plugin of this daemon.
    pub fn left_behind(&self) -> Vec<String> {
        let mark = format!("HOSTWARD_RUN={}-", self.daemon.pid());
        let numbers = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let is_marked = |path: &PathBuf| {
            let all = fs::read(path.join("environ")).unwrap_or_default();
            all.split(|byte| *byte == 0).any(|one| one.starts_with(mark.as_bytes()))
        };
        let shown = |path: PathBuf| fs::read_to_string(path.join("cmdline")).unwrap_or_default();
        numbers.filter(is_marked).map(shown).collect()
    }

    /// Takes everything away, and waits until nothing is left of it.
    pub fn clear(&self) {
        fs::remove_dir_all(self.scratch.path("plugins.d")).unwrap();
        eventually("the end of all plugins", || self.left_behind().is_empty());
    }
}

/// Writes a file with this mode, atomically.
pub fn put(path: &Path, text: &str, bits: u32) {
    let made = path.with_extension("tmp");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&made, text).unwrap();
    mode(&made, bits);
    fs::rename(&made, path).unwrap();
}

pub fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

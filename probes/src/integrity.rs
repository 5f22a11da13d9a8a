//! Whether the files on which a host's security hangs have changed: their digests, not their times.
//!
//! A digest as a label would make a new series of each change, so it is a number: the first 48 bits of the SHA-256,
//! which a sample holds exactly and `changes()` can count. Beside it stands when a change was seen.

mod digest;
mod grant;
mod watch;

use crate::attributes;
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::time::{SystemTime, UNIX_EPOCH};
use watch::{Seen, Watch};

const PATH: &[&str] = &["path"];

static DIGEST: Metric = Metric::gauge(
    "hostward_file_integrity_digest",
    "First 48 bits of the SHA-256 of the content of a file.",
    PATH,
);
static CHANGED: Metric = Metric::gauge(
    "hostward_file_changed_timestamp_seconds",
    "When the content of a file was last found changed, come or gone; absent until it is.",
    PATH,
);

/// What decides who may log in and what runs as root.
static FILES: [&str; 20] = [
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d",
    "/etc/pam.d",
    "/etc/security",
    "/etc/crontab",
    "/etc/cron.d",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf",
    "/etc/profile",
    "/etc/sysctl.conf",
    "/etc/sysctl.d",
    "/root/.ssh/authorized_keys",
];

/// Files looked at in a run; further ones are a gap.
const FILES_MAX: usize = 512;
/// Names of a directory that are looked at; further ones are a gap.
const NAMES_MAX: usize = 256;

pub static SPEC: Spec = Spec {
    name: "integrity",
    about: "whether files that decide who may log in and what runs as root have changed",
    doc: "sha256sum(1)",
    reads: &FILES,
    metrics: &[&DIGEST, &CHANGED],
    every_ms: 300_000,
    deadline_ms: 20_000,
    settings: &[Setting {
        name: "files",
        about: "Files, and directories whose files are looked at but not what lies deeper.",
        default: Preset::List(&FILES),
    }],
    start: |settings| Box::new(Integrity::new(settings)),
    ..Spec::ASIDE
};

/// Remembers what it saw of each file, so that it reads again only what may have changed.
struct Integrity {
    paths: Vec<String>,
    watch: Watch,
}

impl Integrity {
    fn new(settings: &Settings) -> Self {
        Integrity { paths: settings.list("files").to_vec(), watch: Watch::default() }
    }
}

impl Probe for Integrity {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64().floor());
        let mut blind = Vec::new();
        let files = self.files(host, &mut blind, out);
        for file in files {
            if let Err(fault) = self.watch.look(host, &file, now) {
                push_gap(host, &file, &fault, out);
                blind.push(file);
            }
        }
        self.watch.finish(blind);
        self.watch.seen().for_each(|(path, seen)| push(path, seen, out));
        match out.is_empty() && out.gaps().is_empty() {
            true => Err(Fault::Missing { what: "every file of the setting files".to_owned() }),
            false => Ok(()),
        }
    }

    fn memory(&self) -> String {
        self.watch.memory()
    }

    fn remember(&mut self, memory: &str) {
        self.watch.remember(memory);
    }
}

fn push(path: &str, seen: &Seen, out: &mut Batch) {
    seen.digest.into_iter().for_each(|digest| out.push(&DIGEST, &[path], digest as f64));
    seen.changed.into_iter().for_each(|changed| out.push(&CHANGED, &[path], changed));
}

impl Integrity {
    /// The files that are set, those in the directories that are set, and those that were there before: that one is
    /// gone is a change.
    fn files(&self, host: &Host, blind: &mut Vec<String>, out: &mut Batch) -> Vec<String> {
        let mut files = Vec::new();
        for path in self.paths.iter().map(|path| path.trim_end_matches('/')) {
            if !host.path(path).is_dir() {
                files.push(path.to_owned());
                continue;
            }
            files.extend(self.watch.below(path));
            match attributes::names(host, path, NAMES_MAX, |_| true, out) {
                Ok(names) => files.extend(names.iter().map(|name| format!("{path}/{name}"))),
                Err(fault) => {
                    push_gap(host, path, &fault, out);
                    blind.push(path.to_owned());
                }
            }
        }
        files.sort_unstable();
        files.dedup();
        files.retain(|file| !host.path(file).is_dir());
        if let Some(rest @ 1..) = files.len().checked_sub(FILES_MAX) {
            files.truncate(FILES_MAX);
            out.push_gap("files", &format!("{rest} files beyond the bound of {FILES_MAX}"), "");
        }
        files
    }
}

fn push_gap(host: &Host, path: &str, fault: &Fault, out: &mut Batch) {
    match fault {
        Fault::Denied { .. } => out.push_gap(path, "permission", &grant::line(host, path)),
        Fault::Unreadable { error, .. } => out.push_gap(path, error, ""),
        fault => out.push_gap(path, fault.reason(), ""),
    }
}

#[cfg(test)]
mod tests;

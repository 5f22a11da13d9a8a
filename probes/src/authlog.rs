//! Logins, accepted and refused, as sshd and PAM write them down.
//!
//! The source is the auth log where there is one that is written to, otherwise the journal; never both, or every login
//! would count twice. This is one of the few probes that remember: where it stopped reading, and what it counted.

pub(crate) mod event;
mod follow;
pub(crate) mod line;

use crate::journalctl::{JOURNALD, Journal};
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use event::Outcome;
use follow::{Follow, Position};
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;
use std::time::Duration;

static LOGINS: Metric = Metric::counter(
    "hostward_logins_total",
    "Login attempts by outcome: failed are refused proofs, abandoned left before any was accepted, exceeded were cut off; the method policy is a right password and no right.",
    &["service", "method", "result"],
);
static UNKNOWN_USERS: Metric = Metric::counter(
    "hostward_login_unknown_users_total",
    "Logins asked for under a name that is no account.",
    &["service"],
);
static LINES: Metric =
    Metric::counter("hostward_auth_log_lines_total", "Lines read from the auth log.", &["source"]);
static LINES_CUT: Metric =
    Metric::counter("hostward_auth_log_lines_cut_total", "Lines longer than 8 KiB.", &["source"]);

/// Where syslog daemons put what concerns logins: Debian's name and Red Hat's.
pub(crate) const PATHS: [&str; 2] = ["/var/log/auth.log", "/var/log/secure"];
/// Facilities auth and authpriv, of root's processes only: any user may write to the journal under any name.
const JOURNAL_ARGS: [&str; 4] = ["--output=short-iso", "_UID=0", "SYSLOG_FACILITY=4", "SYSLOG_FACILITY=10"];
/// After which a file is taken for one that nobody writes to any more.
const STALE_AFTER: Duration = Duration::from_secs(3600);
pub(crate) const GRANT: &str = "usermod -aG adm hostward";

pub static SPEC: Spec = Spec {
    name: "authlog",
    about: "accepted and failed logins, from the auth log or the journal",
    doc: "sshd(8), pam_unix(8), journalctl(1)",
    reads: &PATHS,
    metrics: &[&LOGINS, &UNKNOWN_USERS, &LINES, &LINES_CUT],
    settings: &[Setting {
        name: "path",
        about: "The file that sshd and PAM write to; when empty, the usual places are tried, then the journal.",
        default: Preset::Text(""),
    }],
    start: |settings| Box::new(AuthLog::new(settings)),
    ..Spec::ASIDE
};

/// Series that are there from the start, so that an increase from nothing to one is seen.
const FROM_ZERO: [Key; 15] = [
    ("sshd", "password", Outcome::Accepted),
    ("sshd", "password", Outcome::Failed),
    ("sshd", "publickey", Outcome::Accepted),
    ("sshd", "publickey", Outcome::Failed),
    ("sshd", "keyboard-interactive", Outcome::Accepted),
    ("sshd", "keyboard-interactive", Outcome::Failed),
    ("sshd", "none", Outcome::Abandoned),
    ("sshd", "none", Outcome::Exceeded),
    ("sudo", "other", Outcome::Accepted),
    ("sudo", "password", Outcome::Failed),
    ("sudo", "policy", Outcome::Failed),
    ("su", "other", Outcome::Accepted),
    ("su", "password", Outcome::Failed),
    ("login", "other", Outcome::Accepted),
    ("login", "password", Outcome::Failed),
];

type Key = (&'static str, &'static str, Outcome);

/// The probe.
struct AuthLog {
    /// As seen from the root; the first that exists is followed.
    paths: Vec<String>,
    resume: Option<Position>,
    source: Option<Source>,
    /// The journal is followed although there is a file.
    left_file: bool,
    /// It was tried in place of a file, and could not be read.
    journal_failed: bool,
    counts: Counts,
}

enum Source {
    File(String, Follow),
    Journal(Journal),
}

struct Counts {
    logins: BTreeMap<Key, u64>,
    unknown_users: BTreeMap<&'static str, u64>,
    lines: u64,
}

impl AuthLog {
    /// Follows the auth log, otherwise the journal.
    fn new(settings: &Settings) -> Self {
        let paths = match settings.text("path") {
            "" => PATHS.map(str::to_owned).to_vec(),
            path => vec![path.to_owned()],
        };
        AuthLog {
            paths,
            resume: None,
            source: None,
            left_file: false,
            journal_failed: false,
            counts: Counts::new(),
        }
    }

    /// A file wins as soon as there is one, and is kept when it goes away: it is being rotated. One that nobody has
    /// written to for an hour loses to the journal: syslog may be gone, and the file stay for ever.
    fn choose(&mut self, host: &Host) -> Result<(), Fault> {
        let can_follow_journal = host.is_live() && host.path(JOURNALD).exists() && !self.journal_failed;
        let is_written = |path: &str| !can_follow_journal || !is_stale(&host.path(path));
        match &self.source {
            Some(Source::File(path, _)) if is_written(path) => return Ok(()),
            // It has what the file has; going back and forth would count twice or not at all.
            Some(Source::Journal(_)) if self.left_file => return Ok(()),
            _ => {}
        }
        let there = self.paths.iter().find(|path| host.path(path).exists());
        match there {
            Some(path) if is_written(path) => {
                let follow = Follow::new(host.path(path), self.resume.take());
                self.source = Some(Source::File(path.clone(), follow));
            }
            None if !host.is_live() => return Err(Fault::Missing { what: self.paths.join(", ") }),
            stale => {
                self.left_file = stale.is_some();
                if !matches!(self.source, Some(Source::Journal(_))) {
                    self.source = Some(Source::Journal(Journal::following(&JOURNAL_ARGS)));
                }
            }
        }
        Ok(())
    }

    /// A journal that may not be read is no reason to leave a file that may: the next run goes back to it. Other
    /// faults pass, the child is started again.
    fn failed(&mut self, fault: &Fault) {
        if self.left_file && matches!(fault, Fault::Denied { .. } | Fault::Missing { .. }) {
            (self.left_file, self.journal_failed, self.source) = (false, true, None);
        }
    }
}

/// Not written to for an hour; one that cannot be looked at is not.
fn is_stale(path: &std::path::Path) -> bool {
    let written = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age >= STALE_AFTER))
}

impl Probe for AuthLog {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        self.choose(host)?;
        let counts = &mut self.counts;
        let mut each = |line: &str| counts.add(line);
        let (name, cut) = match &mut self.source {
            Some(Source::File(path, follow)) => {
                follow.poll(&mut each).map_err(|error| with_grant(Fault::io(path, &error)))?;
                ("file", follow.cut())
            }
            Some(Source::Journal(journal)) => {
                let result = journal.poll(&mut each);
                if let Err(fault) = result {
                    self.failed(&fault);
                    return Err(fault);
                }
                if !journal.is_settled() {
                    return Ok(());
                }
                ("journal", journal.cut())
            }
            None => return Ok(()),
        };
        self.counts.push(name, cut, out);
        Ok(())
    }

    fn memory(&self) -> String {
        match &self.source {
            Some(Source::File(_, follow)) => follow.position().map(|at| at.to_string()).unwrap_or_default(),
            _ => String::new(),
        }
    }

    fn remember(&mut self, memory: &str) {
        self.resume = memory.parse().ok();
    }
}

pub(crate) fn with_grant(fault: Fault) -> Fault {
    match fault {
        Fault::Denied { what, .. } => Fault::Denied { what, grant: GRANT.to_owned() },
        other => other,
    }
}

impl Counts {
    fn new() -> Self {
        let logins = FROM_ZERO.iter().map(|key| (*key, 0)).collect();
        Counts { logins, unknown_users: BTreeMap::from([("sshd", 0)]), lines: 0 }
    }

    fn add(&mut self, text: &str) {
        self.lines += 1;
        let Some(event) = line::parse(text).and_then(|line| event::parse(&line)) else { return };
        let count = match event.outcome {
            Outcome::UnknownUser => self.unknown_users.entry(event.service).or_default(),
            outcome => self.logins.entry((event.service, event.method, outcome)).or_default(),
        };
        *count += u64::from(event.times);
    }

    fn push(&self, source: &str, cut: u64, out: &mut Batch) {
        for ((service, method, outcome), count) in &self.logins {
            out.push(&LOGINS, &[service, method, outcome.as_str()], *count as f64);
        }
        for (service, count) in &self.unknown_users {
            out.push(&UNKNOWN_USERS, &[service], *count as f64);
        }
        out.push(&LINES, &[source], self.lines as f64);
        out.push(&LINES_CUT, &[source], cut as f64);
    }
}

#[cfg(test)]
mod tests;

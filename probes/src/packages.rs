//! Updates that wait to be installed.
//!
//! Everything is read from the files that dpkg and apt keep; on hosts with rpm only dnf knows, and is asked when
//! the configuration says so. As long as those files stay as they are, so does the answer.

mod dnf;
mod dpkg;
mod lists;
mod pins;
mod stanzas;
pub(crate) mod version;

pub(crate) use dpkg::STATUS;
pub(crate) use stanzas::stanzas;

use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

static PENDING: Metric = Metric::gauge(
    "hostward_packages_pending",
    "Installed packages for which a newer version is offered; security when one such version is a security update.",
    &["kind"],
);
static HELD: Metric = Metric::gauge(
    "hostward_packages_held",
    "Installed packages for which a newer version is offered and that an administrator holds back.",
    &[],
);
static REFRESHED: Metric = Metric::gauge(
    "hostward_package_lists_update_timestamp_seconds",
    "When it was last looked for newer versions (apt update, dnf makecache).",
    &[],
);

/// What dpkg and apt write when something changes, or when they looked.
const APT: [&str; 5] =
    [STATUS, lists::DIRECTORY, dpkg::PREFERENCES, "/etc/apt/preferences.d", "/var/lib/apt/lists/partial"];
/// Touched by `apt update` even when no list has changed: by itself, and by the hook of update-notifier.
const APT_LOOKED: [&str; 3] =
    [lists::DIRECTORY, "/var/lib/apt/lists/partial", "/var/lib/apt/periodic/update-success-stamp"];

pub static SPEC: Spec = Spec {
    name: "packages",
    about: "updates of packages that wait to be installed",
    doc: "deb-version(7), apt_preferences(5), dnf(8)",
    reads: &[STATUS, lists::DIRECTORY, dpkg::PREFERENCES],
    metrics: &[&PENDING, &HELD, &REFRESHED],
    every_ms: 60_000,
    deadline_ms: 120_000,
    settings: &[Setting {
        name: "dnf",
        about: "Ask dnf on hosts with rpm. It takes up to 300 MB of memory for a while, which counts as hostward's: \
                raise MemoryMax= of the unit first.",
        default: Preset::Flag(false),
    }],
    start: |settings| Box::new(Packages::new(settings)),
    ..Spec::ASIDE
};

/// How many packages have an update.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    security: u64,
    other: u64,
    held: u64,
}

/// How many packages wait for an update, and for a security update, by dpkg's and apt's own files.
pub(crate) fn pending(host: &Host) -> Result<(u64, u64), Fault> {
    let count = dpkg::count(host, &mut Vec::new())?;
    Ok((count.security + count.other, count.security))
}

/// What kind of update a package has.
enum Pending {
    Security,
    Other,
}

type Times = Vec<Option<SystemTime>>;

/// The probe: the last answer, and the times of the files that it came from.
struct Packages {
    asks_dnf: bool,
    seen: Option<(Times, Answer)>,
}

#[derive(Clone)]
struct Answer {
    count: Result<Count, Fault>,
    /// Records of preferences that were not understood.
    strange: Vec<String>,
}

impl Packages {
    fn new(settings: &Settings) -> Self {
        Packages { asks_dnf: settings.flag("dnf"), seen: None }
    }

    fn answer(&mut self, host: &Host, paths: &[&str], count: Counter) -> Answer {
        let now: Times = paths.iter().map(|path| changed(&host.path(path))).collect();
        if let Some((_, answer)) = self.seen.as_ref().filter(|(times, _)| *times == now) {
            return answer.clone();
        }
        let mut strange = Vec::new();
        let answer = Answer { count: count(host, &mut strange), strange };
        // What went wrong may go right the next time.
        self.seen = answer.count.is_ok().then(|| (now, answer.clone()));
        answer
    }
}

type Counter = fn(&Host, &mut Vec<String>) -> Result<Count, Fault>;

impl Probe for Packages {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        if host.path(STATUS).exists() {
            push_time(host, &APT_LOOKED, out);
            return push(self.answer(host, &APT, dpkg::count), out);
        }
        if !dnf::is_here(host) {
            return Err(Fault::Missing { what: format!("{} or {}", STATUS, dnf::DATABASES[0]) });
        }
        push_time(host, &dnf::CACHES, out);
        if !self.asks_dnf {
            out.push_gap(
                "dnf",
                "is not asked, because it needs much memory",
                "set dnf = true in [probe.packages]",
            );
            return Ok(());
        }
        let paths = [&dnf::DATABASES[..], &dnf::CACHES[..]].concat();
        push(self.answer(host, &paths, dnf::count), out)
    }
}

fn push(answer: Answer, out: &mut Batch) -> Result<(), Fault> {
    for record in &answer.strange {
        out.push_gap(record, "this record is not understood and not followed", "");
    }
    let count = answer.count?;
    out.push(&PENDING, &["security"], count.security as f64);
    out.push(&PENDING, &["other"], count.other as f64);
    out.push(&HELD, &[], count.held as f64);
    Ok(())
}

fn push_time(host: &Host, paths: &[&str], out: &mut Batch) {
    let last = paths.iter().filter_map(|path| changed(&host.path(path))).max();
    if let Some(since) = last.and_then(|last| last.duration_since(UNIX_EPOCH).ok()) {
        out.push(&REFRESHED, &[], since.as_secs_f64());
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|file| file.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Tree, exposition};
    use expect_test::expect;
    use std::cell::Cell;

    thread_local! { static COUNTED: Cell<u64> = const { Cell::new(0) }; }

    fn counting(_: &Host, strange: &mut Vec<String>) -> Result<Count, Fault> {
        strange.push("/etc/apt/preferences: Package: /x/".to_owned());
        COUNTED.set(COUNTED.get() + 1);
        Ok(Count { security: COUNTED.get(), other: 2, held: 0 })
    }

    #[test]
    fn the_answer_holds_until_a_file_changes() {
        let tree = Tree::new(&[("/status", "")]);
        let (host, mut probe) = (tree.host(), Packages { asks_dnf: false, seen: None });
        let mut out = Batch::new();
        for _ in 0..2 {
            out.clear();
            push(probe.answer(&host, &["/status"], counting), &mut out).unwrap();
        }
        expect![[r#"
            hostward_packages_pending{kind="security"} 1
            hostward_packages_pending{kind="other"} 2
            hostward_packages_held 0
            gap /etc/apt/preferences: Package: /x/: this record is not understood and not followed ()
        "#]]
        .assert_eq(&exposition(&out));
        std::fs::remove_file(tree.path("/status")).unwrap();
        assert_eq!(probe.answer(&host, &["/status"], counting).count.unwrap().security, 2);
    }

    #[test]
    fn a_host_without_packages_has_none_to_count() {
        let mut out = Batch::new();
        let fault = SPEC.instance().collect(&mut Host::new("/nonexistent"), &mut out).unwrap_err();
        assert_eq!((fault.reason(), out.is_empty()), ("missing", true));
    }

    #[test]
    fn dnf_is_asked_only_when_it_is_wanted() {
        let tree = Tree::new(&[]);
        tree.directory("/var/lib/rpm");
        let (mut host, mut out) = (tree.host(), Batch::new());
        SPEC.instance().collect(&mut host, &mut out).unwrap();
        assert_eq!((out.len(), out.gaps()[0].what.as_str()), (0, "dnf"));
        let fault = Packages { asks_dnf: true, seen: None }.collect(&mut host, &mut out).unwrap_err();
        assert_eq!(fault.reason(), "missing", "a captured host has no dnf that could be asked");
    }
}

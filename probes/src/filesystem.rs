//! Space and inodes of the mounted file systems.
//!
//! `statfs` on a mount whose server is gone can sleep for ever, so it is asked in a thread of its own
//! ([`survey`]) and nobody waits longer than a deadline. The mount table says what is mounted (as process 1 sees it);
//! a mount that hostward itself sees differently, because of its sandbox or because the root is a captured tree, is a gap:
//! `statfs` would answer for another file system.

mod choice;
mod mounts;
mod plan;
mod survey;

use crate::{Fault, Host, Probe, Settings, Spec};
use choice::Choice;
use hostward_model::{Batch, Metric};
use mounts::Mount;
use plan::{OF_INIT, OF_SELF, Plan};
use std::path::PathBuf;
use survey::{Answer, Reply, STUCK_LOCAL_MAX, STUCK_MAX, Space, Survey};

const LABELS: &[&str] = &["device", "fstype", "mountpoint"];

static SIZE: Metric = Metric::gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", LABELS);
static FREE: Metric = Metric::gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", LABELS);
static AVAIL: Metric = Metric::gauge(
    "node_filesystem_avail_bytes",
    "Filesystem space available to non-root users in bytes.",
    LABELS,
);
static FILES: Metric = Metric::gauge("node_filesystem_files", "Filesystem total file nodes.", LABELS);
static FILES_FREE: Metric =
    Metric::gauge("node_filesystem_files_free", "Filesystem total free file nodes.", LABELS);
static READONLY: Metric = Metric::gauge("node_filesystem_readonly", "Filesystem read-only status.", LABELS);
static DEVICE_ERROR: Metric = Metric::gauge(
    "node_filesystem_device_error",
    "Whether an error occurred while getting statistics for the given device.",
    LABELS,
);

static MOUNT: Metric = Metric::gauge(
    "node_filesystem_mount_info",
    "The numbers of the device that is mounted; the value is always 1.",
    &["device", "major", "minor", "mountpoint"],
);
static RESPONDING: Metric = Metric::gauge(
    "hostward_mount_responding",
    "Whether a mount answered in time when it was last asked: 0 when it hangs or nobody is on its other side.",
    LABELS,
);
static RESPONSE: Metric = Metric::gauge(
    "hostward_mount_response_seconds",
    "Time that a mount took to answer when it was last asked.",
    LABELS,
)
.matters_from(0.1);

/// What helps with a mount that is dead.
const GRANT: &str = "check the server or unmount it";

/// A server on the network is asked by each run, so not every second.
const EVERY_MS: u64 = 10_000;

pub static SPEC: Spec = Spec {
    name: "filesystem",
    about: "space, inodes and state of the mounted file systems, and whether they answer",
    doc: "statfs(2), proc_pid_mountinfo(5)",
    reads: &[OF_INIT, OF_SELF],
    metrics: &[
        &SIZE,
        &FREE,
        &AVAIL,
        &FILES,
        &FILES_FREE,
        &READONLY,
        &DEVICE_ERROR,
        &MOUNT,
        &RESPONDING,
        &RESPONSE,
    ],
    every_ms: EVERY_MS,
    deadline_ms: 2 * (survey::RUN_MS + survey::DEADLINE_MS) + 1_000,
    settings: &choice::SETTINGS,
    start: |settings| Box::new(Filesystem::new(settings)),
    ..Spec::ASIDE
};

/// Remembers the mount tables, and which mounts owe an answer.
struct Filesystem {
    choice: Choice,
    plan: Plan,
    survey: Survey,
}

impl Filesystem {
    fn new(settings: &Settings) -> Self {
        let survey = Survey::new(survey::statfs);
        Filesystem { choice: Choice::new(settings), plan: Plan::default(), survey }
    }
}

impl Probe for Filesystem {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let Filesystem { choice, plan, survey } = self;
        plan.refresh(host, choice)?;
        plan.push_gaps(host, out);
        // Local disks first: a dead server must not keep them waiting.
        for (mounts, stuck_max) in [(&plan.local, STUCK_LOCAL_MAX), (&plan.remote, STUCK_MAX)] {
            let points: Vec<PathBuf> = mounts.iter().map(|mount| plan::real_point(host, mount)).collect();
            let replies = survey.ask(&points, stuck_max);
            mounts.iter().zip(replies).for_each(|(mount, reply)| push(mount, &reply, out));
        }
        Ok(())
    }
}

fn push(mount: &Mount, reply: &Reply, out: &mut Batch) {
    let (point, answer) = (String::from_utf8_lossy(&mount.point), &reply.answer);
    let labels = [mount.source.as_str(), mount.fstype.as_str(), &point];
    out.push(&READONLY, &labels, f64::from(mount.readonly));
    if let Some((major, minor)) = mount.device_id.split_once(':') {
        out.push(&MOUNT, &[&mount.source, major, minor, &point], 1.0);
    }
    if *answer != Answer::NotAsked {
        out.push(&DEVICE_ERROR, &labels, f64::from(!matches!(answer, Answer::Space(_))));
        let responding = !matches!(answer, Answer::Stuck | Answer::Gone(_));
        out.push(&RESPONDING, &labels, f64::from(responding));
    }
    if let Some(took) = reply.took {
        out.push(&RESPONSE, &labels, took.as_secs_f64());
    }
    match answer {
        Answer::Space(space) => push_space(space, &labels, out),
        Answer::Error(error) => out.push_gap(&point, error, ""),
        Answer::Gone(error) => out.push_gap(&point, error, GRANT),
        Answer::Stuck => out.push_gap(&point, &format!("no answer in {} ms", survey::DEADLINE_MS), GRANT),
        Answer::NotAsked => out.push_gap(&point, "not asked: too many other mounts do not answer", ""),
    }
}

fn push_space(space: &Space, labels: &[&str], out: &mut Batch) {
    out.push(&SIZE, labels, space.size_bytes);
    out.push(&FREE, labels, space.free_bytes);
    out.push(&AVAIL, labels, space.avail_bytes);
    out.push(&FILES, labels, space.files);
    out.push(&FILES_FREE, labels, space.files_free);
}

#[cfg(test)]
mod tests;

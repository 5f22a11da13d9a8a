//! The part of the tree of cgroups that a booted host gets.

use crate::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cgroup of version 2 that goes away with us.
pub struct Cgroup(PathBuf);

impl Cgroup {
    /// Makes one below our own.
    pub fn new() -> Outcome<Self> {
        let path = own()?.join(format!("hostward-e2e-{}", super::alone::number().unwrap_or_default()));
        remove(&path);
        fs::create_dir(&path)
            .map_err(|error| format!("no cgroup for a host: {}: {error}", path.display()))?;
        Ok(Cgroup(path))
    }

    /// A program that is in it from its start.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 0 >\"$0/cgroup.procs\" && exec \"$@\""]).arg(&self.0).arg(program);
        command
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Where version 2 is mounted (cgroups(7)), and we are in it.
fn own() -> Outcome<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut fields = mounts.lines().map(|line| line.split(' '));
    let mount = fields.find_map(|mut own| own.nth(1).filter(|_| own.next() == Some("cgroup2")));
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let below = groups.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    mount
        .map(|mount| Path::new(mount).join(below))
        .ok_or_else(|| "no cgroups of version 2 are mounted here".to_owned())
}

/// From the leaves up; what is in use stays, and is tried again by the next.
fn remove(path: &Path) {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).for_each(|path| remove(&path));
    let _ = fs::remove_dir(path);
}

//! Which hierarchies are mounted where.

use super::MOUNT;
use crate::{Fault, Host};

/// The mounts of a host.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// Where version 2 is mounted.
    pub unified: Option<&'static str>,
    /// Where the controllers of version 1 are mounted that are looked at.
    pub legacy: Vec<&'static str>,
    tree: &'static str,
}

const HYBRID: &str = "/sys/fs/cgroup/unified";
/// systemd's own hierarchy of version 1 has no controller and every group.
const NAMED: &str = "/sys/fs/cgroup/systemd";
/// The controllers of version 1 that count what is told.
pub const CPU: &str = "/sys/fs/cgroup/cpu";
pub const CPUACCT: &str = "/sys/fs/cgroup/cpuacct";
pub const MEMORY: &str = "/sys/fs/cgroup/memory";
pub const BLKIO: &str = "/sys/fs/cgroup/blkio";
pub const PIDS: &str = "/sys/fs/cgroup/pids";

impl Layout {
    /// Looks where things are.
    pub fn of(host: &Host) -> Result<Self, Fault> {
        let has = |path: &str| host.path(path).exists();
        if has("/sys/fs/cgroup/cgroup.controllers") {
            return Ok(Layout { unified: Some(MOUNT), legacy: Vec::new(), tree: MOUNT });
        }
        let unified = has("/sys/fs/cgroup/unified/cgroup.procs").then_some(HYBRID);
        let legacy: Vec<_> =
            [CPU, CPUACCT, MEMORY, BLKIO, PIDS].into_iter().filter(|path| has(path)).collect();
        let has_groups = |path: &&&str| host.directories(path, 1).is_ok_and(|found| !found.is_empty());
        let trees = [NAMED, HYBRID, MEMORY, CPUACCT, PIDS];
        let tree = trees.iter().find(has_groups).or(trees.iter().find(|path| has(path)));
        let tree = *tree.ok_or_else(|| Fault::Missing { what: MOUNT.to_owned() })?;
        Ok(Layout { unified, legacy, tree })
    }

    /// The mount in which the groups are looked for.
    pub fn tree(&self) -> &'static str {
        self.tree
    }
}

//! Control groups for plugins, where hostward may make them: their end is the end of all processes in them.

use super::kin::MARK;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The group of this process, if groups can be made in it.
static OWN: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = place(&mounts, &groups)?;
    let tried = own.join(name(&format!("{}-try", std::process::id())));
    fs::create_dir(&tried).ok()?;
    // Kernels before 5.14 cannot end a group at once.
    let can_end = tried.join("cgroup.kill").exists();
    fs::remove_dir(&tried).ok()?;
    can_end.then_some(own)
});

/// Makes a group for the processes with that mark, with these bounds if its controllers are there.
pub fn make(mark: &str, memory_bytes_max: u64, processes_max: u64) -> Option<PathBuf> {
    let made = OWN.as_ref()?.join(name(mark));
    fs::create_dir(&made).ok()?;
    let bounds = [
        ("memory.max", memory_bytes_max.to_string()),
        ("memory.swap.max", "0".to_owned()),
        ("memory.oom.group", "1".to_owned()),
        ("pids.max", processes_max.to_string()),
    ];
    for (file, value) in bounds {
        let path = made.join(file);
        if path.exists() {
            // The group is still good for its end.
            let _ = fs::write(path, value);
        }
    }
    Some(made)
}

fn name(mark: &str) -> String {
    format!("{}-{mark}", MARK.to_ascii_lowercase().replace('_', "-"))
}

/// Where the group of this process is in the tree of version 2.
fn place(mounts: &str, groups: &str) -> Option<PathBuf> {
    let mount = mounts.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        after.starts_with("cgroup2 ").then(|| before.split(' ').nth(4))?
    })?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(Path::new(mount).join(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_looked_for_in_the_tree_of_version_2() {
        let mounts = "30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      31 23 0:27 / /sys/fs/cgroup/unified rw,relatime shared:5 - cgroup2 cgroup2 rw\n";
        let groups = "4:memory:/x\n0::/system.slice/hostward.service\n";
        let there = "/sys/fs/cgroup/unified/system.slice/hostward.service";
        assert_eq!(place(mounts, groups), Some(PathBuf::from(there)));
        assert_eq!(place("", groups), None);
        assert_eq!(place(mounts, "4:memory:/x\n"), None);
    }
}

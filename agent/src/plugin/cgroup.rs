//! Control groups for plugins, where hostward may make them: they bound a plugin with all its processes, and their end is the end of
//! all in them.
//!
//! A service whose subtree is its own (`Delegate=`) is divided in two: `daemon`, which is hostward and what it asks, and `plugins`,
//! with a group for each start below it. So plugins take nothing of the memory and the processes that hostward has for itself.

use crate::config;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use std::{fs, io};

/// Where groups of plugins are made, if anywhere.
static PLACE: OnceLock<Option<PathBuf>> = OnceLock::new();

/// What bounds groups.
const CONTROLLERS: [&str; 3] = ["memory", "pids", "cpu"];
/// hostward itself is not bounded below this.
const DAEMON_BYTES_MIN: u64 = 64 << 20;
const DAEMON_TASKS_MIN: u64 = 64;
/// In which processor time is counted, in microseconds: a plugin is never stopped for longer.
const PERIOD_US: u64 = 100_000;

/// The kernel takes a moment until nobody is left in a group that it ends.
const END_ROUNDS_MAX: usize = 50;
const END_PAUSE: Duration = Duration::from_millis(2);

/// The bounds of a group.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub memory_bytes_max: u64,
    pub processes_max: u64,
    pub cpu_percent_max: u32,
}

/// Divides the group of this process if it is the only one in it; done once, as the group then is not what it was.
pub fn divide(config: &config::Plugins) {
    let bounds = Bounds {
        memory_bytes_max: config.memory.bytes() as u64,
        processes_max: config.processes_max,
        cpu_percent_max: config.cpu_percent_max,
    };
    PLACE.get_or_init(|| {
        let own = own()?;
        let place = match divided(&own, std::process::id(), bounds) {
            Ok(place) => Some(place),
            Err(why) => {
                tracing::debug!("plugins share the control group of hostward: {why}");
                usable(own)
            }
        };
        place.inspect(|place| sweep(place, std::process::id()))
    });
}

/// Makes a group for the processes with that mark, with these bounds if its controllers are there.
pub fn make(mark: &str, bounds: Bounds) -> Option<PathBuf> {
    let place = PLACE.get_or_init(|| usable(own()?)).as_ref()?;
    let made = place.join(name(mark));
    fs::create_dir(&made).ok()?;
    bound(&made, bounds);
    Some(made)
}

/// Ends a group and all in it.
pub fn end(group: &Path) {
    let kill = group.join("cgroup.kill");
    for _ in 0..END_ROUNDS_MAX {
        let _ = File::options().write(true).open(&kill).and_then(|mut file| file.write_all(b"1"));
        if fs::remove_dir(group).is_ok() {
            return;
        }
        std::thread::sleep(END_PAUSE);
    }
}

/// Ends the groups of a daemon that was killed: their names hold its process id, which nobody has now, or this one.
fn sweep(place: &Path, own: u32) {
    let start = name("");
    let is_left = |group: &&PathBuf| {
        let mark = group.file_name().and_then(|name| name.to_str()?.strip_prefix(&start));
        let pid = mark.and_then(|mark| mark.split('-').next()?.parse::<u32>().ok());
        pid.is_some_and(|pid| pid == own || !Path::new("/proc").join(pid.to_string()).exists())
    };
    let entries = fs::read_dir(place).into_iter().flatten();
    let groups: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    groups.iter().filter(is_left).for_each(|group| end(group));
}

/// Sets what can be set; the group is still good for its end.
fn bound(group: &Path, bounds: Bounds) {
    let quota = u64::from(bounds.cpu_percent_max) * PERIOD_US / 100;
    for (file, value) in [
        ("memory.max", bounds.memory_bytes_max.to_string()),
        ("memory.swap.max", "0".to_owned()),
        ("memory.oom.group", "1".to_owned()),
        ("pids.max", bounds.processes_max.to_string()),
        ("cpu.max", format!("{quota} {PERIOD_US}")),
    ] {
        let _ = fs::write(group.join(file), value);
    }
}

/// Makes `daemon` and `plugins` of a group that holds this process alone; gives the second.
fn divided(own: &Path, pid: u32, bounds: Bounds) -> io::Result<PathBuf> {
    let there = fs::read_to_string(own.join("cgroup.procs"))?;
    if there.split_whitespace().any(|other| other != pid.to_string()) {
        return Err(io::Error::other("others are in it as well"));
    }
    let (daemon, plugins) = (own.join("daemon"), own.join("plugins"));
    made(&plugins)?;
    made(&daemon)?;
    // A group with processes of its own cannot hand on its controllers.
    fs::write(daemon.join("cgroup.procs"), pid.to_string())?;
    for group in [own, plugins.as_path()] {
        hand_on(group);
    }
    bound(&plugins, bounds);
    // What kills plugins kills the one that took too much, not all of them.
    let _ = fs::write(plugins.join("memory.oom.group"), "0");
    rest(own, &daemon, "memory.max", bounds.memory_bytes_max, DAEMON_BYTES_MIN);
    rest(own, &daemon, "pids.max", bounds.processes_max, DAEMON_TASKS_MIN);
    Ok(plugins)
}

fn made(group: &Path) -> io::Result<()> {
    match fs::create_dir(group) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Bounds in the groups below need this; one controller that is not there does not take the others with it.
fn hand_on(group: &Path) {
    for controller in CONTROLLERS {
        let _ = fs::write(group.join("cgroup.subtree_control"), format!("+{controller}"));
    }
}

/// hostward itself gets what its service has beyond what plugins may take.
fn rest(own: &Path, daemon: &Path, file: &str, taken: u64, least: u64) {
    let all = fs::read_to_string(own.join(file)).ok().and_then(|text| text.trim().parse::<u64>().ok());
    if let Some(left) = all.and_then(|all| all.checked_sub(taken)).filter(|left| *left >= least) {
        let _ = fs::write(daemon.join(file), left.to_string());
    }
}

/// The group of this process.
fn own() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    place(&mounts, &groups)
}

/// A group, if groups can be made in it and ended.
fn usable(own: PathBuf) -> Option<PathBuf> {
    let tried = own.join(name(&format!("{}-try", std::process::id())));
    fs::create_dir(&tried).ok()?;
    // Kernels before 5.14 cannot end a group at once.
    let can_end = tried.join("cgroup.kill").exists();
    fs::remove_dir(&tried).ok()?;
    can_end.then_some(own)
}

fn name(mark: &str) -> String {
    format!("hostward-run-{mark}")
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
    use crate::state::testing::Scratch;

    const BOUNDS: Bounds = Bounds { memory_bytes_max: 384 << 20, processes_max: 256, cpu_percent_max: 50 };

    #[test]
    fn a_group_that_is_hostwards_alone_is_divided() {
        let scratch = Scratch::new("cgroup");
        let own = scratch.path();
        let put = |file: &str, text: &str| fs::write(own.join(file), text).unwrap();
        let said = |file: &str| fs::read_to_string(own.join(file)).unwrap_or_default();
        put("cgroup.procs", "77\n");
        put("memory.max", "536870912\n");
        put("pids.max", "max\n");
        assert_eq!(divided(own, 77, BOUNDS).unwrap(), own.join("plugins"));
        assert_eq!(said("daemon/cgroup.procs"), "77");
        assert_eq!(
            (said("plugins/memory.max"), said("daemon/memory.max")),
            ((384_u64 << 20).to_string(), (128_u64 << 20).to_string())
        );
        assert_eq!((said("plugins/pids.max"), said("daemon/pids.max")), ("256".to_owned(), String::new()));
        assert_eq!(said("plugins/cpu.max"), "50000 100000");
        assert_eq!(said("plugins/memory.oom.group"), "0");
        assert_eq!(said("cgroup.subtree_control"), "+cpu");
    }

    #[test]
    fn a_group_with_others_in_it_is_left_alone() {
        let scratch = Scratch::new("cgroup");
        fs::write(scratch.path().join("cgroup.procs"), "77\n78\n").unwrap();
        assert!(divided(scratch.path(), 77, BOUNDS).is_err());
        assert!(!scratch.path().join("daemon").exists());
    }

    #[test]
    fn groups_of_a_daemon_that_is_no_more_are_swept_away() {
        let scratch = Scratch::new("cgroup");
        let (own, dead) = (std::process::id(), i32::MAX);
        for name in [format!("hostward-run-{dead}-3"), format!("hostward-run-{own}-0"), "plugins".into()] {
            fs::create_dir(scratch.path().join(name)).unwrap();
        }
        fs::create_dir(scratch.path().join("hostward-run-1-7")).unwrap();
        sweep(scratch.path(), own);
        let mut left: Vec<_> =
            fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["hostward-run-1-7", "plugins"]);
    }

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

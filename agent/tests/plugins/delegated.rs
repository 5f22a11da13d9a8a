//! A daemon that is alone in its control group divides it: itself in one half, plugins in the other. Where the tests may make groups.

use super::place::Place;
use super::support::eventually;
use std::fs;
use std::path::PathBuf;

/// A group of version 2 below the one of the tests, gone with the value.
struct Group(PathBuf);

impl Group {
    fn new() -> Option<Group> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let mount = mounts.lines().find_map(|line| {
            let mut words = line.split(' ').skip(1);
            let place = words.next()?;
            (words.next()? == "cgroup2").then_some(place)
        })?;
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap();
        let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let path = PathBuf::from(mount).join(own).join(format!("hostward-test-{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        Some(Group(path))
    }

    fn processes(&self, below: &str) -> Vec<String> {
        let text = fs::read_to_string(self.0.join(below).join("cgroup.procs")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for below in ["plugins", "daemon", ""] {
            let _ = fs::remove_dir(self.0.join(below));
        }
    }
}

#[test]
fn plugins_have_a_half_of_the_group_of_their_own() {
    let Some(group) = Group::new() else {
        return println!("no control group of version 2 can be made here");
    };
    let place = Place::started("delegated", "", |command| {
        // The group is joined before hostward is there, as systemd does it.
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(group.0.join("cgroup.procs"));
        shell.arg(command.get_program()).args(command.get_args());
        shell.env_remove("NOTIFY_SOCKET").env_remove("JOURNAL_STREAM");
        shell
    });
    place.drop(
        "long.sh",
        "#!/bin/sh\n# hostward: stay=true\nwhile read -r _; do echo 'long 1'; echo '# EOF'; done\n",
    );
    place.await_status("long", |status| status["samples"].as_u64() > Some(0));
    // What it asks may be there as well.
    assert!(group.processes("daemon").contains(&place.daemon.pid().to_string()));
    eventually("nobody above the two halves", || group.processes("").is_empty());
    let runs = || fs::read_dir(group.0.join("plugins")).unwrap().flatten().filter(|own| own.path().is_dir());
    let held: usize =
        runs().map(|own| group.processes(&format!("plugins/{}", own.file_name().display())).len()).sum();
    assert!(held >= 1, "the plugin is in none of {:?}", runs().collect::<Vec<_>>());
    place.clear();
    eventually("the end of the groups", || runs().count() == 0);
    drop(place);
}

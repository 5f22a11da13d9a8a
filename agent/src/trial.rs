//! A copy of a root with artifacts laid over it, which only this process sees and which is gone afterwards: so what
//! would come of them is measured, and asked of the servers' own parsers, without touching a live file.
//!
//! A mount namespace of a thread, an overlay over each file system of the root, and memory for what is written.

use crate::lay::{directories, lay};
use hostward_harden::config::Entry;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io, process, thread};

/// What parsers may write.
const MEMORY: &str = "size=64m,mode=0700";
/// File systems that are no files of a disk; they are shown as they are.
const OF_THE_KERNEL: [&str; 16] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "sysfs",
    "tracefs",
];

/// Gives `act` the root as it would be. It takes root's rights; the error says what was missing.
pub fn with<T: Send>(
    root: &Path,
    entries: &[(String, Entry)],
    made: &[String],
    act: impl FnOnce(&Path) -> T + Send,
) -> Result<T, String> {
    let scratch = Scratch::new().map_err(|error| format!("a directory for the trial: {error}"))?;
    let trial = || {
        let top = mounted(root, &scratch.0).map_err(|(what, error)| format!("{what}: {error}"))?;
        for (path, entry) in entries {
            lay(&top, path, entry).map_err(|error| format!("{path}: {error}"))?;
        }
        for path in made {
            directories(&top, path).map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(act(&top))
    };
    // The mounts are the thread's own and go with it.
    thread::scope(|scope| scope.spawn(trial).join()).unwrap_or_else(|_| Err("the trial stopped".to_owned()))
}

type Refused = (String, io::Error);

fn mounted(root: &Path, scratch: &Path) -> Result<PathBuf, Refused> {
    let said = |what: &str| {
        let what = what.to_owned();
        move |error: nix::Error| (what, io::Error::from(error))
    };
    unshare(CloneFlags::CLONE_NEWNS).map_err(said("a mount namespace (run it as root)"))?;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>)
        .map_err(said("a private mount namespace"))?;
    let below = below(root, scratch).map_err(|error| ("/proc/thread-self/mounts".to_owned(), error))?;
    mount(Some("tmpfs"), scratch, Some("tmpfs"), MsFlags::empty(), Some(MEMORY))
        .map_err(said("memory for the trial"))?;
    let top = scratch.join("root");
    fs::create_dir(&top).map_err(|error| ("the trial".to_owned(), error))?;
    over(root, scratch, 0, &top).map_err(|error| (format!("an overlay over {}", root.display()), error))?;
    for (at, (point, kind)) in below.iter().enumerate() {
        show(root, scratch, at + 1, &top, point, kind);
    }
    devices(&top);
    Ok(top)
}

/// A file system with memory over it.
fn over(lower: &Path, scratch: &Path, number: usize, at: &Path) -> io::Result<()> {
    let (upper, work) = (scratch.join(format!("upper-{number}")), scratch.join(format!("work-{number}")));
    fs::create_dir(&upper)?;
    fs::create_dir(&work)?;
    // The top of an overlay is as the memory over it is; in a namespace of users not everybody can be given it.
    let own = fs::metadata(lower)?;
    let _ = chown(&upper, Some(own.uid()), Some(own.gid()));
    fs::set_permissions(&upper, own.permissions())?;
    let lower = lower.display().to_string();
    if lower.contains([',', ':', '\\']) {
        return Err(io::Error::other("a path with , : or \\ cannot be laid over"));
    }
    let options = format!("lowerdir={lower},upperdir={},workdir={}", upper.display(), work.display());
    Ok(mount(Some("overlay"), at, Some("overlay"), MsFlags::empty(), Some(options.as_str()))?)
}

/// A file system below the root. What cannot be shown (its directory is hidden) stays out: it is seen empty. What cannot be laid over
/// (it is an overlay over an overlay) is the host's own, and nothing can be laid on it.
fn show(root: &Path, scratch: &Path, number: usize, top: &Path, point: &Path, kind: &str) {
    let Ok(inner) = point.strip_prefix(root) else { return };
    let at = top.join(inner);
    if OF_THE_KERNEL.contains(&kind) || over(point, scratch, number, &at).is_err() {
        look_only(point, &at);
    }
}

/// Shows a directory as it is, where nobody can write to it; or not at all.
fn look_only(own: &Path, at: &Path) {
    let none = None::<&str>;
    let read_only = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    if mount(Some(own), at, none, MsFlags::MS_BIND, none).is_ok()
        && mount(none, at, none, read_only, none).is_err()
    {
        let _ = umount2(at, MntFlags::MNT_DETACH);
    }
}

/// Programs need /dev/null; an image may have none.
fn devices(top: &Path) {
    if !top.join("dev/null").exists() && fs::create_dir_all(top.join("dev")).is_ok() {
        look_only(Path::new("/dev"), &top.join("dev"));
    }
}

/// Shows the kernel's settings to parsers that compare with them, where an image has none. What is read of the host is
/// read before: they are not the image's.
pub fn give_kernel(top: &Path) {
    let at = top.join("proc");
    if !at.join("sys").exists() && fs::create_dir_all(&at).is_ok() {
        // Without it such a parser says what it misses.
        look_only(Path::new("/proc"), &at);
    }
}

/// Mounted file systems below the root, outer ones first, with their types.
fn below(root: &Path, scratch: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let text = fs::read_to_string("/proc/thread-self/mounts")?;
    let mounts = text.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((PathBuf::from(unescaped(words.next()?)), words.next()?.to_owned()))
    });
    Ok(mounts
        .filter(|(at, _)| at != root && at.starts_with(root) && !at.starts_with(scratch) && at.is_dir())
        .collect())
}

/// As in proc_pid_mounts(5).
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// A directory that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hostward-trial-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        // One that is there belongs to somebody else.
        fs::create_dir(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What was mounted in it was the thread's: here it is empty.
        let _ = fs::remove_dir(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch as Place;

    #[test]
    fn what_is_laid_over_is_seen_by_the_trial_alone() {
        let place = Place::new("trial");
        fs::create_dir_all(place.path().join("etc")).unwrap();
        fs::write(place.path().join("etc/old"), "old\n").unwrap();
        let entries = [
            ("/etc/new".to_owned(), Entry::File("new\n".to_owned(), 0o600)),
            ("/etc/old".to_owned(), Entry::Absent),
        ];
        let seen = with(place.path(), &entries, &["/run/x".to_owned()], |top| {
            let null = top.join("dev/null").exists();
            (
                fs::read_to_string(top.join("etc/new")).unwrap(),
                top.join("etc/old").exists(),
                top.join("run/x").is_dir(),
                null,
            )
        });
        match seen {
            Ok(seen) => assert_eq!(seen, ("new\n".to_owned(), false, true, true)),
            // Without root's rights there is nothing to see, and that is said.
            Err(why) => assert!(why.starts_with("a mount namespace (run it as root)"), "{why}"),
        }
        assert!(!place.path().join("etc/new").exists() && place.path().join("etc/old").exists());
    }

    /// A root whose /etc is memory, and whose /over is an overlay over an overlay; nothing without root's rights.
    fn mounted_in_it(place: &Path) -> Option<PathBuf> {
        let root = place.join("root");
        for name in ["etc", "over", "first"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        unshare(CloneFlags::CLONE_NEWNS).ok()?;
        let mode = Some("mode=0711");
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>).ok()?;
        mount(Some("tmpfs"), &root.join("etc"), Some("tmpfs"), MsFlags::empty(), mode).ok()?;
        mount(Some("tmpfs"), place.join("memory").as_path(), Some("tmpfs"), MsFlags::empty(), mode).ok()?;
        over(&root.join("etc"), &place.join("memory"), 0, &root.join("first")).ok()?;
        over(&root.join("first"), &place.join("memory"), 1, &root.join("over")).ok()?;
        Some(root)
    }

    #[test]
    fn the_top_of_a_file_system_keeps_its_mode_and_what_cannot_be_laid_over_is_not_written_to() {
        let place = Place::new("trial-mounts");
        fs::create_dir_all(place.path().join("memory")).unwrap();
        let tried = || {
            let root = mounted_in_it(place.path())?;
            let file = |path: &str| [(path.to_owned(), Entry::File("new\n".to_owned(), 0o600))];
            let mode =
                with(&root, &file("/etc/new"), &[], |top| fs::metadata(top.join("etc")).unwrap().mode());
            let refused = with(&root, &file("/over/new"), &[], |_| ());
            Some((mode, refused, root.join("over/new").exists()))
        };
        // Its mounts go with the thread.
        let Some((mode, refused, written)) = thread::scope(|scope| scope.spawn(tried).join().unwrap()) else {
            return eprintln!("not tried: it takes root's rights");
        };
        assert_eq!(mode.map(|mode| mode & 0o7777), Ok(0o711));
        assert_eq!(refused.unwrap_err(), "/over/new: Read-only file system (os error 30)");
        assert!(!written);
    }
}

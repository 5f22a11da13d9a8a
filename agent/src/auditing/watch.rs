//! Sees files change that an audit looked at, below /etc: what lies elsewhere changes all the time, and waits for the next audit.

use crate::inotify::{self, CHANGES};
use hostward_harden::audit::Record;
use hostward_probes::facts::READERS;
use nix::sys::inotify::{AddWatchFlags, Inotify, InotifyEvent, WatchDescriptor};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Directories that are watched; the kernel gives a user some thousands, and others need some.
const DIRECTORIES_MAX: usize = 200;

/// What is watched: single files, and directories of which every file counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    files: BTreeSet<PathBuf>,
    whole: BTreeSet<PathBuf>,
}

/// Watches.
pub struct Watch {
    inotify: Arc<Inotify>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    watched: Watched,
    directories: HashMap<WatchDescriptor, PathBuf>,
}

impl Watched {
    /// What an audit of this root looked at, and where its readers begin.
    pub fn of(record: &Record, root: &Path) -> Watched {
        let seen =
            record.checks.iter().flat_map(|own| &own.observations).filter_map(|own| own.file.as_deref());
        let begun = READERS.iter().flat_map(|own| own.reads).copied();
        let mut own = Watched::default();
        seen.chain(begun).for_each(|path| own.add(root, path));
        own
    }

    fn add(&mut self, root: &Path, path: &str) {
        let Some(parent) = Path::new(path).parent().filter(|_| path.starts_with("/etc/")) else { return };
        let place = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
        // A pattern stands for all that lies there.
        if !path.contains('*') {
            self.files.insert(place(Path::new(path)));
            // Drop-ins lie beside what they add to.
            self.whole.extend([place(Path::new(path)), place(Path::new(&format!("{path}.d")))]);
        }
        if parent != Path::new("/etc") {
            self.whole.insert(place(parent));
        }
    }

    fn directories(&self) -> BTreeSet<PathBuf> {
        let parents = self.files.iter().filter_map(|own| own.parent()).map(Path::to_owned);
        parents.chain(self.whole.iter().cloned()).filter(|own| own.is_dir()).collect()
    }

    fn concerns(&self, directory: &Path, name: Option<&OsStr>) -> bool {
        let Some(name) = name else { return self.whole.contains(directory) };
        // What editors and package managers write before they rename it.
        let bytes = name.as_encoded_bytes();
        let passing = [&b"~"[..], b".swp", b".dpkg-new", b".dpkg-tmp", b".lock"];
        if bytes.starts_with(b".") || passing.iter().any(|own| bytes.ends_with(own)) {
            return false;
        }
        let path = directory.join(name);
        self.files.contains(&path) || self.whole.contains(directory) || self.whole.contains(&path)
    }
}

impl Watch {
    /// Starts watching nothing; `changed` is called from a thread of its own until it says no.
    pub fn start(changed: impl Fn() -> bool + Send + 'static) -> io::Result<Watch> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let own = shared.clone();
        let inotify = inotify::follow("audit watch", move |events| {
            let mut shared = own.lock().unwrap_or_else(PoisonError::into_inner);
            let concerned = events.iter().filter(|event| shared.concerned(event)).count() > 0;
            drop(shared);
            !concerned || changed()
        })?;
        Ok(Watch { inotify, shared })
    }

    /// Watches this and nothing else.
    pub fn set(&self, watched: Watched) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = watched.directories();
        if wanted.len() > DIRECTORIES_MAX {
            let beyond = wanted.len() - DIRECTORIES_MAX;
            tracing::info!(
                "{beyond} directories are not watched for audits: there are more than {DIRECTORIES_MAX}"
            );
        }
        let wanted: BTreeSet<_> = wanted.into_iter().take(DIRECTORIES_MAX).collect();
        let gone = shared.directories.iter().filter(|(_, own)| !wanted.contains(*own));
        for descriptor in gone.map(|(descriptor, _)| *descriptor).collect::<Vec<_>>() {
            // It fails when the kernel has taken it away with its directory.
            let _ = self.inotify.rm_watch(descriptor);
            shared.directories.remove(&descriptor);
        }
        for directory in wanted {
            // A host whose watches are all in use is audited by the clock.
            if let Ok(descriptor) =
                self.inotify.add_watch(&directory, CHANGES.union(AddWatchFlags::IN_ONLYDIR))
            {
                shared.directories.insert(descriptor, directory);
            }
        }
        shared.watched = watched;
    }
}

impl Shared {
    /// What was lost can be anything.
    fn concerned(&mut self, event: &InotifyEvent) -> bool {
        if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            return true;
        }
        if event.mask.contains(AddWatchFlags::IN_IGNORED) {
            self.directories.remove(&event.wd);
            return false;
        }
        let Some(directory) = self.directories.get(&event.wd) else { return false };
        self.watched.concerns(directory, event.name.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::super::last::tests::record;
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn files_and_directories_of_drop_ins_concern_us() {
        let mut own = Watched::default();
        for path in
            ["/etc/login.defs", "/etc/ssh/sshd_config", "/etc/pam.d/*", "/proc/cmdline", "/etc/sudoers"]
        {
            own.add(Path::new("/r"), path);
        }
        let concerns =
            |directory: &str, name: &str| own.concerns(Path::new(directory), Some(OsStr::new(name)));
        assert!(concerns("/r/etc", "login.defs") && concerns("/r/etc/ssh", "other"));
        assert!(
            concerns("/r/etc/pam.d", "su")
                && concerns("/r/etc/sudoers.d", "x")
                && concerns("/r/etc", "sudoers.d")
        );
        assert!(
            !concerns("/r/etc", "mtab")
                && !concerns("/r/proc", "cmdline")
                && !concerns("/r/etc/pam.d", ".su.swp")
        );
        assert!(!concerns("/r/etc/pam.d", "su.dpkg-new"));
    }

    #[test]
    fn a_change_is_told_and_reading_is_none() {
        let scratch = Scratch::new("audit-watch");
        let file = scratch.path().join("etc/x");
        fs::create_dir_all(scratch.path().join("etc")).unwrap();
        fs::write(&file, "a").unwrap();
        let (told, changes) = channel();
        let watch = Watch::start(move || told.send(()).is_ok()).unwrap();
        watch.set(Watched::of(&record(&[("a", "pass")]), scratch.path()));
        drop(fs::read(&file));
        fs::write(scratch.path().join("etc/unrelated"), "").unwrap();
        assert!(changes.recv_timeout(Duration::from_millis(200)).is_err());
        fs::write(&file, "b").unwrap();
        changes.recv_timeout(Duration::from_secs(5)).unwrap();
        watch.set(Watched::default());
        while changes.recv_timeout(Duration::from_millis(100)).is_ok() {}
        fs::write(&file, "c").unwrap();
        assert!(changes.recv_timeout(Duration::from_millis(200)).is_err());
    }
}

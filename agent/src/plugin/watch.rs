//! Tells when something changes in the directories of plugins. What it misses, the look once a minute finds.

use crate::inotify::{self, CHANGES, OF_ITSELF};
use nix::sys::inotify::{AddWatchFlags, Inotify, WatchDescriptor};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Of a directory of ours, what makes a file another than before, and what says that somebody is at it.
const WORK: AddWatchFlags = CHANGES.union(OF_ITSELF).union(AddWatchFlags::IN_MODIFY);
/// Of a directory that is only on the way to one of ours, its children's coming and going.
const COMINGS: AddWatchFlags = AddWatchFlags::IN_CREATE.union(AddWatchFlags::IN_MOVE);

/// Watches directories.
pub struct Watch {
    inotify: Arc<Inotify>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    directories: HashMap<WatchDescriptor, PathBuf>,
    /// Files that somebody writes to and has not closed.
    open: HashSet<PathBuf>,
}

impl Watch {
    /// Starts watching nothing; `changed` is called from a thread of its own until it says no.
    pub fn start(changed: impl Fn() -> bool + Send + 'static) -> io::Result<Watch> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let own = shared.clone();
        let inotify = inotify::follow("plugin watch", move |events| {
            let mut shared = own.lock().unwrap_or_else(PoisonError::into_inner);
            for event in events {
                shared.note(event.wd, event.mask, event.name.as_deref().map(Path::new));
            }
            drop(shared);
            changed()
        })?;
        Ok(Watch { inotify, shared })
    }

    /// Watches these directories, and for those of `wanted` that are not there, what is there of the way to them.
    pub fn set(&self, wanted: &[PathBuf], seen: &[PathBuf]) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        for directory in seen {
            self.add(&mut shared, directory, WORK);
        }
        for directory in wanted.iter().filter(|directory| !seen.contains(directory)) {
            let there = directory.ancestors().skip(1).find(|path| path.is_dir());
            self.add(&mut shared, there.unwrap_or(Path::new("/")), COMINGS);
        }
    }

    fn add(&self, shared: &mut Shared, directory: &Path, flags: AddWatchFlags) {
        // A host whose watches are all in use is looked at once a minute.
        if let Ok(descriptor) = self.inotify.add_watch(directory, flags) {
            shared.directories.insert(descriptor, directory.to_owned());
        }
    }

    /// Whether somebody writes to a file.
    pub fn is_open(&self, path: &Path) -> bool {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).open.contains(path)
    }
}

impl Shared {
    fn note(&mut self, descriptor: WatchDescriptor, mask: AddWatchFlags, name: Option<&Path>) {
        if mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            self.open.clear();
        }
        if mask.contains(AddWatchFlags::IN_IGNORED) {
            self.directories.remove(&descriptor);
        }
        let Some(path) = name.and_then(|name| Some(self.directories.get(&descriptor)?.join(name))) else {
            return;
        };
        if mask.contains(AddWatchFlags::IN_MODIFY) {
            self.open.insert(path);
        } else if mask
            .intersects(AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVE | AddWatchFlags::IN_DELETE)
        {
            self.open.remove(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs::{self, File};
    use std::io::Write;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn a_file_that_is_written_is_open_until_it_is_closed() {
        let scratch = Scratch::new("plugin-watch");
        let directory = scratch.path().join("plugins.d");
        let (told, changes) = channel();
        let watch = Watch::start(move || told.send(()).is_ok()).unwrap();
        let changed = || changes.recv_timeout(Duration::from_secs(5)).unwrap();
        watch.set(&[directory.join("sub")], &[]);
        fs::create_dir(&directory).unwrap();
        changed();
        watch.set(std::slice::from_ref(&directory), std::slice::from_ref(&directory));
        let path = directory.join("a.sh");
        let mut file = File::create(&path).unwrap();
        file.write_all(b"#!/bin/sh\n").unwrap();
        changed();
        while !watch.is_open(&path) {
            changed();
        }
        drop(file);
        while watch.is_open(&path) {
            changed();
        }
        fs::rename(&path, directory.join("b.sh")).unwrap();
        changed();
    }
}

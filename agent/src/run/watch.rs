//! Reads the configuration again on SIGHUP and when its files change.

use super::event::Event;
use super::{Options, Taken, prepare};
use crate::aside::aside;
use crate::config;
use crate::inotify::{self, CHANGES, OF_ITSELF};
use nix::sys::inotify::{Inotify, InotifyEvent};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// An editor writes in several steps; the last of them counts.
const SETTLE: Duration = Duration::from_millis(500);
/// Extensions of configuration and rule files.
const EXTENSIONS: [&str; 3] = ["toml", "yml", "yaml"];

/// Starts watching; a message to the sender has the files read again at once.
pub fn start(options: &Options, taken: &Taken, events: mpsc::Sender<Event>) -> mpsc::Sender<()> {
    let (asked, requests) = mpsc::channel(1);
    let (changed, changes) = mpsc::channel(1);
    let watcher = watcher(changed);
    watch(watcher.as_deref(), &directories(options, taken));
    tokio::spawn(follow(options.clone(), watcher, requests, changes, events));
    asked
}

/// A host whose watches are all in use is still worth watching; it only takes a SIGHUP to reconfigure.
fn watcher(changed: mpsc::Sender<()>) -> Option<Arc<Inotify>> {
    let watcher = inotify::follow("watch", move |events| {
        !(events.iter().any(concerns) && matches!(changed.try_send(()), Err(TrySendError::Closed(()))))
    });
    watcher.inspect_err(|error| untold(Path::new("the configuration"), error)).ok()
}

fn untold(what: &Path, error: &io::Error) {
    tracing::warn!("{}: changes will not be noticed, they need SIGHUP: {error}", what.display());
}

async fn follow(
    options: Options,
    watcher: Option<Arc<Inotify>>,
    mut requests: mpsc::Receiver<()>,
    mut changes: mpsc::Receiver<()>,
    events: mpsc::Sender<Event>,
) {
    loop {
        tokio::select! {
            asked = requests.recv() => if asked.is_none() { return },
            Some(()) = changes.recv() => {}
        }
        tokio::time::sleep(SETTLE).await;
        let _ = changes.try_recv();
        let _ = events.send(Event::Reloading).await;
        let own = options.clone();
        let taken = aside("reload", move || prepare::take(&own)).await;
        let taken = taken.unwrap_or_else(|error| Err(format!("the configuration cannot be read: {error}")));
        if let Ok(taken) = &taken {
            watch(watcher.as_deref(), &directories(&options, taken));
        }
        if events.send(Event::Reloaded(taken.map(Box::new))).await.is_err() {
            return;
        }
    }
}

fn directories(options: &Options, taken: &Taken) -> Vec<PathBuf> {
    let paths = config::paths(options.config.as_deref());
    let beside = paths.file.parent().map(|parent| Path::new(".").join(parent));
    beside.into_iter().chain([paths.dir]).chain(taken.config.rules.dirs.iter().cloned()).collect()
}

/// Watches each directory, or what is there of the way to it, so that its coming is seen.
fn watch(watcher: Option<&Inotify>, directories: &[PathBuf]) {
    let Some(watcher) = watcher else { return };
    for directory in directories {
        let there = directory.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"));
        if let Err(error) = watcher.add_watch(there, CHANGES.union(OF_ITSELF)) {
            untold(there, &error.into());
        }
    }
}

/// Of files only our kinds count, and directories that come or go; what tells nothing of a file can be anything.
fn concerns(event: &InotifyEvent) -> bool {
    event.name.as_deref().is_none_or(|name| match Path::new(name).extension() {
        Some(extension) => EXTENSIONS.iter().any(|own| extension == *own),
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs;

    #[test]
    fn a_host_without_watches_is_no_reason_not_to_start() {
        watch(None, &[PathBuf::from("/etc/hostward")]);
    }

    #[tokio::test]
    async fn only_changes_of_our_files_concern_us() {
        let scratch = Scratch::new("watch");
        let file = |name: &str| scratch.path().join(name);
        fs::write(file("hostward.toml"), "").unwrap();
        let (changed, mut changes) = mpsc::channel(1);
        let watcher = watcher(changed).unwrap();
        watch(Some(&watcher), &[scratch.path().join("rules/not/there")]);
        let mut concerned = async |act: &dyn Fn()| {
            act();
            let seen = tokio::time::timeout(Duration::from_millis(100), changes.recv()).await.is_ok();
            tokio::time::sleep(Duration::from_millis(20)).await;
            let _ = changes.try_recv();
            seen
        };
        assert!(concerned(&|| fs::write(file("hostward.toml"), "x").unwrap()).await);
        assert!(concerned(&|| fs::create_dir(file("rules")).unwrap()).await);
        assert!(concerned(&|| fs::rename(file("hostward.toml"), file("old.toml")).unwrap()).await);
        assert!(concerned(&|| fs::remove_file(file("old.toml")).unwrap()).await);
        assert!(!concerned(&|| fs::write(file(".hostward.toml.swp"), "x").unwrap()).await);
        assert!(!concerned(&|| drop(fs::read(file(".hostward.toml.swp")))).await);
    }
}

//! Reads the configuration again on SIGHUP and when its files change.

use super::event::Event;
use super::{Options, Taken, aside, prepare};
use crate::config;
use notify::event::{AccessKind, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// An editor writes in several steps; the last of them counts.
const SETTLE: Duration = Duration::from_millis(500);
/// Extensions of configuration and rule files.
const EXTENSIONS: [&str; 3] = ["toml", "yml", "yaml"];

/// Starts watching; a message to the sender has the files read again at once.
pub fn start(options: &Options, taken: &Taken, events: mpsc::Sender<Event>) -> mpsc::Sender<()> {
    let (asked, requests) = mpsc::channel(1);
    let (changed, changes) = mpsc::channel(1);
    let tell = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| concerns(&event)) {
            let _ = changed.try_send(());
        }
    };
    let mut watcher = watcher(notify::recommended_watcher(tell));
    watch(watcher.as_mut(), &directories(options, taken));
    tokio::spawn(follow(options.clone(), watcher, requests, changes, events));
    asked
}

/// A host whose watches are all in use is still worth watching; it only takes a SIGHUP to reconfigure.
fn watcher<W>(had: notify::Result<W>) -> Option<W> {
    had.inspect_err(|error| {
        tracing::warn!("changes of the configuration will not be noticed, they need SIGHUP: {error}");
    })
    .ok()
}

async fn follow(
    options: Options,
    mut watcher: Option<RecommendedWatcher>,
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
            watch(watcher.as_mut(), &directories(&options, taken));
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
fn watch(watcher: Option<&mut RecommendedWatcher>, directories: &[PathBuf]) {
    let Some(watcher) = watcher else { return };
    for directory in directories {
        let there = directory.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"));
        if let Err(error) = watcher.watch(there, RecursiveMode::NonRecursive) {
            tracing::warn!("{}: changes will not be noticed: {error}", there.display());
        }
    }
}

/// Reading is no change; of what is written only our kinds of files count, and directories that come or go.
fn concerns(event: &notify::Event) -> bool {
    let is_ours = |path: &PathBuf| match path.extension() {
        Some(extension) => EXTENSIONS.iter().any(|own| extension == *own),
        None => true,
    };
    match event.kind {
        EventKind::Access(kind) if !matches!(kind, AccessKind::Close(notify::event::AccessMode::Write)) => {
            false
        }
        _ => event.paths.iter().any(is_ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, ModifyKind};

    #[test]
    fn a_host_without_watches_is_no_reason_not_to_start() {
        assert!(watcher::<()>(Err(notify::Error::generic("too many open files"))).is_none());
        watch(None, &[PathBuf::from("/etc/hostward")]);
    }

    #[test]
    fn only_changes_of_our_files_concern_us() {
        let seen = |kind, path: &str| concerns(&notify::Event::new(kind).add_path(PathBuf::from(path)));
        assert!(seen(EventKind::Modify(ModifyKind::Any), "/etc/hostward/hostward.toml"));
        assert!(seen(EventKind::Create(CreateKind::Folder), "/etc/hostward"));
        assert!(!seen(EventKind::Modify(ModifyKind::Any), "/etc/hostward/.hostward.toml.swp"));
        assert!(!seen(EventKind::Access(AccessKind::Any), "/etc/hostward/hostward.toml"));
    }
}

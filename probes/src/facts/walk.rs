//! A walk over the file system of a root: every file and directory of it, with what `stat` says, in no order.
//!
//! Whether anybody may write a file is said by its inode alone (neither its directory nor its kind tells), so each one is asked; nor
//! can a picture of the last walk spare any, because a file whose mode is changed leaves no trace in its directory. What costs is to
//! list directories and to ask, about a microsecond for each file where the kernel remembers it and a look at the disk where it does
//! not; so links are not asked, files of a directory are asked in the order in which they lie on the disk, and threads share the
//! directories.

mod names;

use super::image::refused;
use crate::Fault;
use names::Names;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use rustix::fs::{AtFlags, FileType, Statx, StatxFlags, statx};
use std::ffi::{CStr, OsStr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How the file system is walked, if a check asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Walk {
    /// By all processors, 8 at most, and 2 minutes at most.
    #[default]
    Quick,
    /// By one that rests as long as it works, and 10 minutes at most.
    Gentle,
    /// Not at all: what only a walk can tell is unseen.
    Never,
}

/// A host with more files than this is not walked to the end, and what was not seen is said.
const FILES_MAX: usize = 3_000_000;
const THREADS_MAX: usize = 8;
const QUICK_MAX: Duration = Duration::from_secs(120);
const GENTLE_MAX: Duration = Duration::from_secs(600);
/// A gentle walk rests when it has worked for so long.
const STRETCH: Duration = Duration::from_millis(4);
/// What the kernel remembers is good enough: a file system that others share would ask them for each file.
const AS_REMEMBERED: AtFlags = AtFlags::SYMLINK_NOFOLLOW.union(AtFlags::STATX_DONT_SYNC);
const ASKED: StatxFlags =
    StatxFlags::TYPE.union(StatxFlags::MODE).union(StatxFlags::UID).union(StatxFlags::GID);

/// What is walked, and how far that is.
struct Way<'f, T> {
    root: &'f OwnedFd,
    device: (u32, u32),
    walk: Walk,
    end: Instant,
    seen: AtomicUsize,
    left: Mutex<Left<T>>,
    more: Condvar,
    visit: &'f Visit<'f, T>,
    enters: &'f Enters<'f>,
}

/// What is known of a file.
pub struct Seen {
    pub kind: FileType,
    /// Permissions, with the set-id and sticky bits.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
}

/// What is made of a file; its path, which costs memory, is told when asked for.
pub type Visit<'f, T> = dyn Fn(&Seen, &dyn Fn() -> PathBuf) -> Vec<T> + Sync + 'f;
/// Whether a directory is looked into.
pub type Enters<'f> = dyn Fn(&Path) -> bool + Sync + 'f;

/// What the threads share.
struct Left<T> {
    /// Directories that nobody has looked into; the last is the next, so that few wait.
    directories: Vec<PathBuf>,
    /// Threads that look into one, and may find more.
    busy: usize,
    found: Vec<T>,
    fault: Option<Fault>,
}

/// Shows `visit` everything but links below `root` on its own file system, with its path from there, and gives back what it
/// makes of that; directories that `enters` refuses are seen and not entered.
pub fn walk<T: Send>(
    root: &OwnedFd,
    walk: Walk,
    enters: &Enters<'_>,
    visit: &Visit<'_, T>,
) -> Result<Vec<T>, Fault> {
    let (threads, time) = match walk {
        Walk::Never => {
            return Err(refused("/", "the file system is not walked, because --no-walk was given"));
        }
        Walk::Gentle => (1, GENTLE_MAX),
        Walk::Quick => (thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX), QUICK_MAX),
    };
    let own = statx(root, c"", AtFlags::EMPTY_PATH, ASKED).map_err(|error| Fault::io("/", &error.into()))?;
    let device = device(&own);
    let left = Left { directories: vec![PathBuf::from("/")], busy: 0, found: Vec::new(), fault: None };
    let (seen, left, more) = (AtomicUsize::new(0), Mutex::new(left), Condvar::new());
    let way = Way { root, device, walk, end: Instant::now() + time, seen, left, more, visit, enters };
    thread::scope(|scope| {
        // One thread that cannot be had is one less: this one walks in any case.
        for _ in 1..threads {
            let _ = thread::Builder::new().name("walk".to_owned()).spawn_scoped(scope, || way.follow());
        }
        way.follow();
    });
    let left = way.left.into_inner().unwrap_or_else(PoisonError::into_inner);
    left.fault.map_or(Ok(left.found), Err)
}

impl<T> Way<'_, T> {
    fn follow(&self) {
        let (mut begun, mut names) = (Instant::now(), Names::new());
        while let Some(directory) = self.take() {
            let (mut found, mut directories) = (Vec::new(), Vec::new());
            let looked = self.look(&directory, &mut names, &mut found, &mut directories);
            self.give(looked, found, directories);
            if self.walk == Walk::Gentle && begun.elapsed() >= STRETCH {
                thread::sleep(begun.elapsed());
                begun = Instant::now();
            }
        }
    }

    fn left(&self) -> MutexGuard<'_, Left<T>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next directory; nothing when all was seen, or somebody gave up.
    fn take(&self) -> Option<PathBuf> {
        let mut left = self.left();
        loop {
            if left.fault.is_some() {
                return None;
            }
            if let Some(directory) = left.directories.pop() {
                left.busy += 1;
                return Some(directory);
            }
            if left.busy == 0 {
                return None;
            }
            left = self.more.wait(left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give(&self, looked: Result<(), Fault>, found: Vec<T>, directories: Vec<PathBuf>) {
        let mut left = self.left();
        left.busy -= 1;
        left.found.extend(found);
        left.directories.extend(directories);
        left.fault = left.fault.take().or(looked.err());
        self.more.notify_all();
    }

    /// What goes away while it is walked is passed over; what may not be listed was not seen, and then nothing is said.
    fn look(
        &self,
        path: &Path,
        names: &mut Names,
        found: &mut Vec<T>,
        directories: &mut Vec<PathBuf>,
    ) -> Result<(), Fault> {
        let Some(directory) = self.open(path)? else { return Ok(()) };
        names.each(path, directory.as_fd(), |names| {
            self.goes_on(names.len())?;
            names.iter().for_each(|name| self.see(&directory, path, name, found, directories));
            Ok(())
        })
    }

    /// Below the root, and without following a link on the way: a directory may have become one meanwhile.
    fn open(&self, path: &Path) -> Result<Option<OwnedFd>, Fault> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let links = ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_SYMLINKS;
        match openat2(self.root, path, OpenHow::new().flags(flags).resolve(links)) {
            Ok(directory) => Ok(Some(directory)),
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) => Ok(None),
            Err(error) => Err(Fault::io(&path.display().to_string(), &error.into())),
        }
    }

    fn see(
        &self,
        directory: &OwnedFd,
        path: &Path,
        name: &CStr,
        found: &mut Vec<T>,
        directories: &mut Vec<PathBuf>,
    ) {
        let Ok(state) = statx(directory, name, AS_REMEMBERED, ASKED) else { return };
        let kind = FileType::from_raw_mode(state.stx_mode.into());
        // In an overlay only directories have its number (filesystems/overlayfs.rst); files may have that of their layer.
        if kind == FileType::Symlink || kind == FileType::Directory && device(&state) != self.device {
            return;
        }
        let path = || path.join(OsStr::from_bytes(name.to_bytes()));
        let mode = u32::from(state.stx_mode) & 0o7777;
        found.extend((self.visit)(&Seen { kind, mode, uid: state.stx_uid, gid: state.stx_gid }, &path));
        if kind == FileType::Directory {
            let path = path();
            directories.extend((self.enters)(&path).then_some(path));
        }
    }

    fn goes_on(&self, more: usize) -> Result<(), Fault> {
        if self.seen.fetch_add(more, Relaxed) + more > FILES_MAX {
            return Err(refused("/", &format!("more than {FILES_MAX} files")));
        }
        if Instant::now() > self.end {
            let seen = self.seen.load(Relaxed);
            return Err(refused("/", &format!("there was no time to look at more than {seen} files")));
        }
        Ok(())
    }
}

fn device(state: &Statx) -> (u32, u32) {
    (state.stx_dev_major, state.stx_dev_minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use nix::fcntl::open;
    use nix::sys::stat::Mode;

    fn walked(tree: &Tree, way: Walk) -> Result<Vec<String>, Fault> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let root = open(&tree.path("/"), flags, Mode::empty()).unwrap();
        let enters = |path: &Path| path != Path::new("/shut");
        let mut seen = walk(&root, way, &enters, &|_, path| vec![path().display().to_string()])?;
        seen.sort();
        Ok(seen)
    }

    #[test]
    fn all_is_seen_once_and_links_are_not() {
        let tree = Tree::new(&[("/a/b/c", ""), ("/a/b/d e\"", ""), ("/shut/x", ""), ("/f", "")]);
        tree.link("/a/up", "..");
        tree.link("/a/out", "/");
        let all = ["/a", "/a/b", "/a/b/c", "/a/b/d e\"", "/f", "/shut"];
        assert_eq!(walked(&tree, Walk::Quick).unwrap(), all);
        assert_eq!(walked(&tree, Walk::Gentle).unwrap(), all);
        let never = walked(&tree, Walk::Never).unwrap_err();
        assert_eq!(never.to_string(), "/: the file system is not walked, because --no-walk was given");
    }

    #[test]
    fn many_directories_are_shared_by_the_threads() {
        let files: Vec<String> = (0..3000).map(|number| format!("/{}/{}/f", number % 50, number)).collect();
        let tree = Tree::new(&files.iter().map(|path| (path.as_str(), "")).collect::<Vec<_>>());
        assert_eq!(walked(&tree, Walk::Quick).unwrap().len(), 50 + 3000 + 3000);
    }
}

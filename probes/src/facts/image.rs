//! Files below a root whose links stay below it: the image of a hostile host must not lead to this one's files.

use super::walk::Walk;
use crate::{Fault, Host};
use glob::{MatchOptions, Pattern};
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2, readlink, readlinkat};
use nix::sys::stat::Mode;
use std::cell::Cell;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};

/// Larger configuration files are not read: nobody writes such by hand.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// A line with those that go on it after a backslash; the longest that people have are lists of members of a group.
pub const LINE_BYTES_MAX: usize = 256 << 10;
/// Names that are looked at in one directory.
const NAMES_MAX: usize = 20_000;
/// Paths that one pattern gives.
const PATHS_MAX: usize = 20_000;
/// The longest path that the kernel takes.
const PATH_BYTES_MAX: usize = 4096;

// No configuration by people is as long as an area may be, and readers keep several words of each line.
/// Lines of all texts of an area.
const LINES_MAX: usize = 50_000;
/// Bytes of all texts of an area.
const AREA_BYTES_MAX: usize = 16 << 20;
/// Names that are looked at for an area; a pattern can lead through every directory that there is, and be asked often.
const AREA_NAMES_MAX: usize = 500_000;

/// The tree of files of one host.
pub struct Image<'a> {
    /// The host, for what others read of it.
    pub host: &'a Host,
    /// How it is walked.
    pub walk: Walk,
    pub root: OwnedFd,
    /// What was read since [`Image::fresh`].
    read: Cell<Amount>,
}

#[derive(Clone, Copy, Default)]
struct Amount {
    lines: usize,
    bytes: usize,
    names: usize,
}

impl<'a> Image<'a> {
    pub fn new(host: &'a Host) -> Result<Self, Fault> {
        Self::walked(host, Walk::default())
    }

    /// One whose file system is walked as it is said.
    pub fn walked(host: &'a Host, walk: Walk) -> Result<Self, Fault> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = open(host.root(), flags, Mode::empty()).map_err(|error| fault("/", error))?;
        Ok(Image { host, walk, root, read: Cell::default() })
    }

    /// Begins an area, with bounds of its own.
    pub fn fresh(&self) -> &Self {
        self.read.take();
        self
    }

    /// The text of an ordinary file; bytes that are not UTF-8 are replaced. A byte 0 is refused, because programs take it for the
    /// end of what they read, each in its own way.
    pub fn text(&self, path: &str) -> Result<String, Fault> {
        let mut bytes = Vec::new();
        let read = self.file(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| Fault::io(path, &error))?;
        self.bounded(&bytes).map_err(|(line, error)| refused(&format!("{path}:{line}"), &error))?;
        // Bytes that are UTF-8, as they nearly always are, need not be copied.
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|own| String::from_utf8_lossy(own.as_bytes()).into_owned()))
    }

    /// The line where a text goes over a bound, and over which.
    fn bounded(&self, bytes: &[u8]) -> Result<(), (usize, String)> {
        let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err((lines().count(), format!("larger than {FILE_BYTES_MAX} bytes")));
        }
        let (mut read, mut length) = (self.read.get(), 0);
        for (number, line) in (1..).zip(lines()) {
            read.lines += 1;
            read.bytes += line.len();
            length += line.len();
            let error = if length > LINE_BYTES_MAX {
                format!("a line of more than {LINE_BYTES_MAX} bytes")
            } else if read.lines > LINES_MAX {
                format!("more than {LINES_MAX} lines with what was read before it")
            } else if read.bytes > AREA_BYTES_MAX {
                format!("more than {AREA_BYTES_MAX} bytes with what was read before it")
            } else if line.contains(&0) {
                "a byte 0, where programs end a line each in its own way".to_owned()
            } else {
                if !line.ends_with(b"\\\n") {
                    length = 0;
                }
                continue;
            };
            return Err((number, error));
        }
        self.read.set(read);
        Ok(())
    }

    /// The text of a file that need not be there.
    pub fn text_if_there(&self, path: &str) -> Result<Option<String>, Fault> {
        if_there(self.text(path))
    }

    /// An ordinary file, opened for reading. A pipe or a device cannot hold the reader up.
    pub fn file(&self, path: &str) -> Result<File, Fault> {
        let file = File::from(self.open(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY)?);
        let kept = file.metadata().map_err(|error| Fault::io(path, &error))?;
        if kept.is_file() { Ok(file) } else { Err(refused(path, "not an ordinary file")) }
    }

    /// What `stat` says of a file, which need not be readable.
    pub fn state(&self, path: &str) -> Result<Metadata, Fault> {
        let file = File::from(self.open(path, OFlag::O_PATH)?);
        file.metadata().map_err(|error| Fault::io(path, &error))
    }

    /// True when something is there, readable or not; a link that leads round in circles is something, too.
    pub fn has(&self, path: &str) -> bool {
        !matches!(self.open(path, OFlag::O_PATH), Err(Fault::Missing { .. }))
    }

    /// The names in a directory, sorted.
    pub fn names(&self, path: &str) -> Result<Vec<String>, Fault> {
        let handle = self.open(path, OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NONBLOCK)?;
        let mut dir = Dir::from_fd(handle).map_err(|error| fault(path, error))?;
        let names =
            dir.iter().filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> =
            names.filter(|name| name != "." && name != "..").take(NAMES_MAX + 1).collect();
        if names.len() > NAMES_MAX {
            return Err(refused(path, &format!("more than {NAMES_MAX} names")));
        }
        let read = self.read.get();
        self.read.set(Amount { names: read.names + names.len(), ..read });
        if read.names > AREA_NAMES_MAX {
            return Err(refused(
                path,
                &format!("more than {AREA_NAMES_MAX} names with what was looked at before it"),
            ));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The names in a directory that need not be there.
    pub fn names_if_there(&self, path: &str) -> Result<Vec<String>, Fault> {
        Ok(if_there(self.names(path))?.unwrap_or_default())
    }

    /// The paths that fit a pattern, sorted; `*`, `?` and `[…]` stand for names or parts of them.
    pub fn glob(&self, pattern: &str) -> Result<Vec<String>, Fault> {
        if pattern.len() > PATH_BYTES_MAX {
            return Err(refused(pattern, &format!("a path of more than {PATH_BYTES_MAX} bytes")));
        }
        let mut paths = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            paths = self.step(&paths, part)?;
            if paths.len() > PATHS_MAX {
                return Err(refused(pattern, &format!("more than {PATHS_MAX} files")));
            }
        }
        paths.retain(|path| self.has(path));
        Ok(paths)
    }

    fn step(&self, paths: &[String], part: &str) -> Result<Vec<String>, Fault> {
        if !part.contains(['*', '?', '[']) {
            return Ok(paths.iter().map(|path| format!("{path}/{part}")).collect());
        }
        let wanted = Pattern::new(part).map_err(|error| refused(part, error.msg))?;
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let mut found = Vec::new();
        for path in paths {
            let names = match self.names(if path.is_empty() { "/" } else { path }) {
                Err(Fault::Missing { .. }) => continue,
                names => names?,
            };
            let fitting = names.iter().filter(|name| wanted.matches_with(name, options));
            found.extend(fitting.map(|name| format!("{path}/{name}")));
            if found.len() > PATHS_MAX {
                break;
            }
        }
        Ok(found)
    }

    /// Files of these directories by name, in order of name; the first directory that has a name wins, as with the
    /// drop-ins of systemd and modprobe. A file that is empty on purpose hides one of its name.
    pub fn overlaid(&self, directories: &[&str], ending: &str) -> Result<Vec<String>, Fault> {
        let mut files = std::collections::BTreeMap::new();
        for directory in directories {
            for name in self.names_if_there(directory)? {
                if name.ends_with(ending) && !name.starts_with('.') {
                    files.entry(name.clone()).or_insert_with(|| format!("{directory}/{name}"));
                }
            }
        }
        // A link to nowhere or to /dev/null hides what it overlays.
        Ok(files.into_values().filter(|path| self.state(path).is_ok_and(|state| state.is_file())).collect())
    }

    /// Where a file lies below the root once every link was followed.
    pub fn real(&self, path: &str) -> Result<String, Fault> {
        let file = self.open(path, OFlag::O_PATH)?;
        let place = |fd: &OwnedFd| readlink(format!("/proc/self/fd/{}", fd.as_raw_fd()).as_str());
        let (root, own) = (place(&self.root).map_err(|error| fault("/", error))?, place(&file));
        let own = own.map_err(|error| fault(path, error))?;
        let (root, own) = (root.to_string_lossy(), own.to_string_lossy());
        let below = own.strip_prefix(root.trim_end_matches('/')).filter(|below| below.starts_with('/'));
        below.map(str::to_owned).ok_or_else(|| refused(path, "it lies outside of the root"))
    }

    /// What a link says; nothing when the path is none.
    pub fn link(&self, path: &str) -> Option<String> {
        let (directory, name) = path.rsplit_once('/')?;
        let directory = self.open(if directory.is_empty() { "/" } else { directory }, OFlag::O_PATH).ok()?;
        Some(readlinkat(&directory, name).ok()?.to_string_lossy().into_owned())
    }

    fn open(&self, path: &str, flags: OFlag) -> Result<OwnedFd, Fault> {
        let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC).resolve(ResolveFlag::RESOLVE_IN_ROOT);
        openat2(&self.root, path, how).map_err(|error| fault(path, error))
    }
}

/// Nothing when it is missing; other faults stay.
pub fn if_there<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Err(Fault::Missing { .. }) => Ok(None),
        read => read.map(Some),
    }
}

/// What is there and is not taken.
pub fn refused(path: &str, error: &str) -> Fault {
    Fault::Unreadable { what: path.to_owned(), error: error.to_owned() }
}

fn fault(path: &str, error: Errno) -> Fault {
    Fault::io(path, &io::Error::from(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    #[test]
    fn links_stay_below_the_root() {
        let tree = Tree::new(&[("/etc/hostname", "inside\n")]);
        tree.link("/etc/absolute", "/etc/hostname");
        tree.link("/etc/up", "../../../../etc/hostname");
        tree.link("/etc/round", "/etc/round");
        tree.link("/etc/nowhere", "/etc/absent");
        let host = tree.host();
        let image = Image::new(&host).unwrap();
        for path in ["/etc/hostname", "/etc/absolute", "/etc/up", "/etc/../../etc/up"] {
            assert_eq!(image.text(path).unwrap(), "inside\n", "{path}");
        }
        assert_eq!(image.text("/etc/round").unwrap_err().reason(), "unreadable");
        assert_eq!(image.text("/etc/nowhere").unwrap_err().reason(), "missing");
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let tree = Tree::new(&[("/etc/large", "")]);
        File::options()
            .write(true)
            .open(tree.path("/etc/large"))
            .unwrap()
            .set_len(FILE_BYTES_MAX + 1)
            .unwrap();
        nix::unistd::mkfifo(&tree.path("/etc/pipe"), Mode::from_bits_truncate(0o600)).unwrap();
        let host = tree.host();
        let image = Image::new(&host).unwrap();
        assert_eq!(image.text("/etc/pipe").unwrap_err().to_string(), "/etc/pipe: not an ordinary file");
        assert_eq!(image.text("/etc").unwrap_err().to_string(), "/etc: not an ordinary file");
        assert_eq!(
            image.text("/etc/large").unwrap_err().to_string(),
            "/etc/large:1: larger than 4194304 bytes"
        );
    }

    #[test]
    fn patterns_and_overlays() {
        let tree = Tree::of_lines(
            "/etc/d/a.conf 1\n/etc/d/.b.conf 2\n/etc/d/c.txt 3\n/usr/d/a.conf 4\n/usr/d/z.conf 5",
        );
        tree.link("/etc/d/z.conf", "/dev/null");
        let host = tree.host();
        let image = Image::new(&host).unwrap();
        assert_eq!(image.glob("/*/d/[a-c].*").unwrap(), ["/etc/d/a.conf", "/etc/d/c.txt", "/usr/d/a.conf"]);
        assert_eq!(image.glob("/etc/d/a.conf").unwrap(), ["/etc/d/a.conf"]);
        assert!(image.glob("/etc/none/*").unwrap().is_empty());
        assert_eq!(image.overlaid(&["/etc/d", "/run/d", "/usr/d"], ".conf").unwrap(), ["/etc/d/a.conf"]);
    }
}

//! Whether a file may be run: nobody but root, and the daemon's own user, can have written it or put it there.
//!
//! The way to the file is walked one directory at a time with descriptors, so that what was looked at is what is then
//! opened, and the plugin is started from the descriptor that comes out. A link is followed by the same rules and must end in a
//! trusted directory.

use super::refusal::{Refusal, quoted};
use super::signatures::Keys;
use super::sums::Sums;
use nix::fcntl::{OFlag, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};
use nix::unistd::geteuid;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// Most links on the way to a file.
const LINKS_MAX: usize = 8;
/// Who may write: the group, and everybody.
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// What is trusted.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Directories with plugins.
    pub directories: Vec<PathBuf>,
    /// Directories that a link in them may lead to.
    pub link_targets: Vec<PathBuf>,
    /// What files may contain, if that is listed.
    pub sums: Option<Sums>,
    /// Who may have signed them, if that is listed. On the list or signed is enough.
    pub keys: Option<Keys>,
    /// Everything is trusted: an author tries out what is not installed yet.
    pub is_waived: bool,
}

/// A file that may be run.
#[derive(Debug)]
pub struct Trusted {
    /// Opened for reading; what was checked.
    pub file: File,
    /// Where it is, without links.
    pub path: PathBuf,
    /// Whether its owner may run it.
    pub is_executable: bool,
}

/// A place on the way.
struct Step {
    fd: OwnedFd,
    name: OsString,
}

impl Trust {
    /// Opens a file that is to be trusted.
    pub fn open(&self, path: &Path) -> Result<Trusted, Refusal> {
        if self.is_waived {
            return waived(path);
        }
        let (steps, place) = self.walk(path)?;
        self.within(path, &place)?;
        let trusted = opened(&steps, place)?;
        self.vouched(&trusted.file, path)?;
        Ok(trusted)
    }

    /// Whether a list or a signature speaks for what is in the file, where there are such.
    fn vouched(&self, file: &File, path: &Path) -> Result<(), Refusal> {
        let listed = self.sums.as_ref().map(|sums| sums.check(file, path));
        let signed = || self.keys.as_ref().map(|keys| keys.check(file, path));
        match listed {
            Some(Ok(())) => Ok(()),
            Some(Err(refusal)) => signed().unwrap_or(Err(refusal)),
            None => signed().unwrap_or(Ok(())),
        }
    }

    /// The directories on the way, with the file as the last one, and the path without links.
    fn walk(&self, path: &Path) -> Result<(Vec<Step>, PathBuf), Refusal> {
        let mut steps = vec![root()?];
        let mut rest: VecDeque<OsString> = words(path).collect();
        let mut links = 0;
        while let Some(name) = rest.pop_front() {
            if name == ".." {
                steps.truncate((steps.len() - 1).max(1));
                continue;
            }
            let here = place(&steps).join(&name);
            let (fd, stat) = look(&steps, &name, &here)?;
            match SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits()) {
                SFlag::S_IFLNK => {
                    owned(&here, &stat)?;
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(Refusal::new(
                            format!("{} leads through too many links", shown(path)),
                            "",
                        ));
                    }
                    let target = readlinkat(&fd, "").map_err(|error| failed(&here, error))?;
                    let target = PathBuf::from(target);
                    if target.is_absolute() {
                        steps.truncate(1);
                    }
                    words(&target).rev().for_each(|word| rest.push_front(word));
                }
                SFlag::S_IFDIR => {
                    self.directory(&here, &stat)?;
                    steps.push(Step { fd, name });
                }
                SFlag::S_IFREG if rest.is_empty() => {
                    regular(&here, &stat)?;
                    steps.push(Step { fd, name });
                    return Ok((steps, here));
                }
                _ => return Err(Refusal::new(format!("{} is no file", shown(&here)), "")),
            }
        }
        Err(Refusal::new(format!("{} is a directory", shown(path)), ""))
    }

    /// In a directory above where everybody may write, such as /tmp, the sticky bit keeps what is ours in its place; where plugins
    /// are, nobody else may write at all.
    fn directory(&self, here: &Path, stat: &FileStat) -> Result<(), Refusal> {
        owned(here, stat)?;
        let holds_plugins = self.directories.iter().any(|directory| here.starts_with(directory));
        match stat.st_mode & STICKY != 0 && !holds_plugins {
            true => Ok(()),
            false => unwritable(here, stat),
        }
    }

    fn within(&self, path: &Path, place: &Path) -> Result<(), Refusal> {
        let real = |directory: &PathBuf| directory.canonicalize().is_ok_and(|real| place.starts_with(real));
        if self.directories.iter().chain(&self.link_targets).any(real) {
            return Ok(());
        }
        let why = format!("{} leads to {}, which is in no trusted directory", shown(path), shown(place));
        Err(Refusal::new(why, format!("cp --remove-destination {} {}", quoted(place), quoted(path))))
    }
}

fn waived(path: &Path) -> Result<Trusted, Refusal> {
    let failed = |error: std::io::Error| Refusal::new(format!("{}: {error}", shown(path)), "");
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    Ok(Trusted { file, path: path.to_owned(), is_executable: mode & 0o111 != 0 })
}

fn root() -> Result<Step, Refusal> {
    let flags = OFlag::O_PATH | OFlag::O_CLOEXEC | OFlag::O_DIRECTORY;
    let fd = nix::fcntl::open("/", flags, Mode::empty()).map_err(|error| failed(Path::new("/"), error))?;
    Ok(Step { fd, name: OsString::from("/") })
}

fn words(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    })
}

fn place(steps: &[Step]) -> PathBuf {
    steps.iter().map(|step| step.name.as_os_str()).collect()
}

fn look(steps: &[Step], name: &OsStr, here: &Path) -> Result<(OwnedFd, FileStat), Refusal> {
    let last = &steps[steps.len() - 1].fd;
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let fd = openat(last, name, flags, Mode::empty()).map_err(|error| failed(here, error))?;
    let stat = fstat(&fd).map_err(|error| failed(here, error))?;
    Ok((fd, stat))
}

/// Opens what the last step stands for, through its directory, and makes sure that it is the same file.
fn opened(steps: &[Step], path: PathBuf) -> Result<Trusted, Refusal> {
    let [.., directory, file] = steps else { return Err(Refusal::new("a file has a directory", "")) };
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let fd = openat(&directory.fd, file.name.as_os_str(), flags, Mode::empty())
        .map_err(|error| failed(&path, error))?;
    let (seen, now) = (stat(&file.fd, &path)?, stat(&fd, &path)?);
    if (seen.st_dev, seen.st_ino) != (now.st_dev, now.st_ino) {
        return Err(Refusal::new(format!("{} is being replaced", shown(&path)), ""));
    }
    regular(&path, &now)?;
    Ok(Trusted { file: File::from(fd), path, is_executable: now.st_mode & 0o111 != 0 })
}

fn stat(fd: &OwnedFd, path: &Path) -> Result<FileStat, Refusal> {
    fstat(fd).map_err(|error| failed(path, error))
}

fn regular(path: &Path, stat: &FileStat) -> Result<(), Refusal> {
    owned(path, stat)?;
    unwritable(path, stat)
}

fn owned(path: &Path, stat: &FileStat) -> Result<(), Refusal> {
    if stat.st_uid == 0 || stat.st_uid == geteuid().as_raw() {
        return Ok(());
    }
    let why = format!("{} belongs to the user {}, not to root", shown(path), stat.st_uid);
    Err(Refusal::new(why, format!("chown -h root: {}", quoted(path))))
}

fn unwritable(path: &Path, stat: &FileStat) -> Result<(), Refusal> {
    if stat.st_mode & OTHERS_WRITE == 0 {
        return Ok(());
    }
    let why = format!("others than its owner may write to {}", shown(path));
    Err(Refusal::new(why, format!("chmod go-w {}", quoted(path))))
}

fn failed(path: &Path, error: nix::Error) -> Refusal {
    Refusal::new(format!("{}: {}", shown(path), error.desc()), "")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::Scratch;
    use std::fs;
    use std::os::unix::fs::symlink;

    struct Place {
        scratch: Scratch,
        trust: Trust,
    }

    impl Place {
        fn new() -> Place {
            let scratch = Scratch::new("trust");
            let [plugins, elsewhere] = ["plugins.d", "elsewhere"].map(|name| scratch.path().join(name));
            for directory in [&plugins, &elsewhere] {
                fs::create_dir(directory).unwrap();
                mode(directory, 0o755);
            }
            Place { scratch, trust: Trust { directories: vec![plugins], ..Trust::default() } }
        }

        fn file(&self, name: &str) -> PathBuf {
            let path = self.scratch.path().join(name);
            fs::write(&path, "#!/bin/sh\n").unwrap();
            mode(&path, 0o755);
            path
        }

        /// What is said of a file, with the scratch directory left out.
        fn verdict(&self, path: &Path) -> String {
            let said = match self.trust.open(path) {
                Ok(trusted) => format!("trusted: {}", trusted.path.display()),
                Err(refusal) => refusal.to_string(),
            };
            let real = self.scratch.path().canonicalize().unwrap();
            said.replace(&real.display().to_string(), "")
                .replace(&self.scratch.path().display().to_string(), "")
        }
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn who_else_may_write_is_named_with_what_to_type() {
        let place = Place::new();
        let file = place.file("plugins.d/it's");
        assert_eq!(place.verdict(&file), "trusted: /plugins.d/it's");
        mode(&file, 0o775);
        let said = place.verdict(&file);
        assert!(
            said.starts_with("others than its owner may write to /plugins.d/it's; type: chmod go-w '"),
            "{said}"
        );
        mode(&file, 0o755);
        mode(&place.trust.directories[0], 0o1777);
        assert_eq!(
            place.verdict(&file),
            "others than its owner may write to /plugins.d; type: chmod go-w /plugins.d"
        );
    }

    #[test]
    fn a_link_must_end_in_a_trusted_directory() {
        let place = Place::new();
        let target = place.file("elsewhere/if_");
        let link = place.trust.directories[0].join("if_eth0");
        symlink("../elsewhere/if_", &link).unwrap();
        let said = place.verdict(&link);
        assert!(
            said.starts_with("/plugins.d/if_eth0 leads to /elsewhere/if_, which is in no trusted directory")
        );
        let mut place = place;
        place.trust.link_targets = vec![place.scratch.path().join("elsewhere")];
        assert_eq!(place.verdict(&link), "trusted: /elsewhere/if_");
        mode(target.parent().unwrap(), 0o777);
        assert!(place.verdict(&link).starts_with("others than its owner may write to /elsewhere;"));
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let place = Place::new();
        let loops = place.trust.directories[0].join("loop");
        symlink("loop", &loops).unwrap();
        assert_eq!(place.verdict(&loops), "/plugins.d/loop leads through too many links");
        let directory = place.trust.directories[0].clone();
        assert_eq!(place.verdict(&directory), "/plugins.d is a directory");
        assert_eq!(place.verdict(&directory.join("gone")), "/plugins.d/gone: No such file or directory");
        let pipe = directory.join("pipe");
        nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        assert_eq!(place.verdict(&pipe), "/plugins.d/pipe is no file");
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        if !geteuid().is_root() {
            return; // Only root can give files away.
        }
        let place = Place::new();
        let file = place.file("plugins.d/a");
        nix::unistd::chown(&file, Some(nix::unistd::Uid::from_raw(1234)), None).unwrap();
        assert_eq!(
            place.verdict(&file),
            "/plugins.d/a belongs to the user 1234, not to root; type: chown -h root: /plugins.d/a"
        );
    }
}

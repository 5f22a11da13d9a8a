//! Roots that can be written to without changing what lies below: memory is laid over them, in the mounts of whoever asks.

use crate::Outcome;
use crate::live::scratch::Scratch;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What a host's system is made of: its programs, their configuration and what they keep.
const SYSTEM: [&str; 10] = ["bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "var"];
/// What is the kernel's, of the moment, or people's; with the mode of the empty directory.
const EMPTY: [(&str, u32); 7] = [
    ("dev", 0o755),
    ("home", 0o755),
    ("proc", 0o555),
    ("root", 0o700),
    ("run", 0o755),
    ("sys", 0o555),
    ("tmp", 0o1777),
];

/// A root that can be written to without changing the stock.
pub struct Laid {
    scratch: Scratch,
    root: PathBuf,
}

impl Laid {
    /// Memory over a stock root, or over several layers, as overlayfs wants them named.
    pub fn new(stock: &Path) -> Outcome<Self> {
        let laid = Self::memory("harden-e2e")?;
        laid.over(stock, "")?;
        Ok(laid)
    }

    /// This host as an image that is not booted: memory over each directory of its system, wherever it is mounted, and the rest empty.
    /// Each is a file system of its own, so no walk over the root enters it.
    pub fn own() -> Outcome<Self> {
        let laid = Self::memory("own-tree")?;
        SYSTEM.iter().try_for_each(|name| laid.show(name))?;
        EMPTY.iter().try_for_each(|(name, mode)| laid.directory(name, *mode))?;
        Ok(laid)
    }

    fn memory(purpose: &str) -> Outcome<Self> {
        // In a namespace of processes every run has the same number.
        let scratch = Scratch::new(purpose)?;
        let root = scratch.path().join("root");
        let laid = Laid { scratch, root };
        mount(Some("tmpfs"), laid.scratch(), Some("tmpfs"), MsFlags::empty(), Some("size=1g,mode=0755"))
            .map_err(|error| format!("memory at {}: {error}", laid.scratch().display()))?;
        laid.directory("", 0o755)?;
        Ok(laid)
    }

    /// A directory of the host, or the link that stands there.
    fn show(&self, name: &str) -> Outcome<()> {
        let here = Path::new("/").join(name);
        if let Ok(target) = fs::read_link(&here) {
            return symlink(target, self.root.join(name)).map_err(|error| format!("{name}: {error}"));
        }
        let Ok(state) = fs::metadata(&here) else { return Ok(()) };
        self.directory(name, 0o755)?;
        self.over(&here, name)?;
        // The top of an overlay is as the memory over it is.
        fs::set_permissions(self.root.join(name), state.permissions())
            .map_err(|error| format!("{name}: {error}"))
    }

    /// Lays memory over a directory and shows both below the root.
    fn over(&self, lower: &Path, name: &str) -> Outcome<()> {
        let said = |error: std::io::Error| format!("{}: {error}", self.scratch().display());
        let [upper, work] = ["upper", "work"].map(|kind| self.scratch().join(format!("{kind}-{name}")));
        for directory in [&upper, &work] {
            fs::create_dir(directory).map_err(said)?;
        }
        let options =
            format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
        mount(
            Some("overlay"),
            &self.root.join(name),
            Some("overlay"),
            MsFlags::empty(),
            Some(options.as_str()),
        )
        .map_err(|error| format!("an overlay over {}: {error}", lower.display()))
    }

    fn directory(&self, name: &str, mode: u32) -> Outcome<()> {
        let at = self.root.join(name);
        let made = fs::create_dir(&at).and_then(|()| fs::set_permissions(&at, Permissions::from_mode(mode)));
        made.map_err(|error| format!("{}: {error}", at.display()))
    }

    /// Where its files are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A directory beside it that goes away with it.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }
}

impl Drop for Laid {
    fn drop(&mut self) {
        // With all that is mounted in it; what is still in use goes with the namespace.
        let _ = umount2(self.scratch.path(), MntFlags::MNT_DETACH);
    }
}

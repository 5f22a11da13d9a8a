//! Where faults happen: a directory, a small disk, a log and a clock, all of our own.

use crate::Outcome;
use crate::live::scratch::Scratch;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::path::{Path, PathBuf};

/// Debian's libfaketime, which gives one program another clock.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// Everything that a cause may touch.
pub struct Place {
    scratch: Scratch,
    disk: PathBuf,
    auth_log: PathBuf,
    clock: PathBuf,
}

impl Place {
    /// Makes all of it.
    pub fn new() -> Outcome<Self> {
        let scratch = Scratch::new("faults")?;
        let of = |name: &str| scratch.path().join(name);
        let (disk, auth_log, clock) = (of("disk"), of("auth.log"), of("clock"));
        let made = std::fs::create_dir(&disk)
            .and_then(|()| std::fs::write(&auth_log, ""))
            .and_then(|()| std::fs::write(&clock, "+0\n"))
            .and_then(|()| {
                std::fs::write(of("hostward.toml"), format!("[probes.authlog]\npath = {auth_log:?}\n"))
            });
        made.map_err(|error| format!("{}: {error}", scratch.path().display()))?;
        mount(Some("tmpfs"), &disk, Some("tmpfs"), MsFlags::empty(), Some("size=1g"))
            .map_err(|error| format!("mount {}: {error}; this needs root", disk.display()))?;
        Ok(Place { scratch, disk, auth_log, clock })
    }

    /// A directory on a real disk.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// A file system of 1 GiB.
    pub fn small_disk(&self) -> &Path {
        &self.disk
    }

    /// The log that the agent reads.
    pub fn auth_log(&self) -> &Path {
        &self.auth_log
    }

    /// The agent's configuration.
    pub fn config(&self) -> PathBuf {
        self.scratch.path().join("hostward.toml")
    }

    /// The file that says how far the agent's clock is from the host's.
    pub fn clock_file(&self) -> &Path {
        &self.clock
    }

    /// Moves the agent's clock.
    pub fn set_clock(&self, by: &str) -> Outcome<()> {
        std::fs::write(&self.clock, format!("{by}\n"))
            .map_err(|error| format!("{}: {error}", self.clock.display()))
    }

    /// What an agent needs in its environment to have that clock; an error when the machine lacks it.
    pub fn clock_environment(&self) -> Outcome<Vec<(&'static str, String)>> {
        if !Path::new(FAKETIME).exists() {
            return Err("needs the Debian package faketime; the host's own clock is never set".to_owned());
        }
        Ok(vec![
            ("LD_PRELOAD", FAKETIME.to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", self.clock.display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ])
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = umount2(&self.disk, MntFlags::MNT_DETACH) {
            eprintln!("still mounted: {}: {error}", self.disk.display());
        }
    }
}

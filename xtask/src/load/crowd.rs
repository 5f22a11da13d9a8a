//! Many processes, mounts and sockets, all of which go away with the value.

use crate::Outcome;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::resource::{Resource, setrlimit};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// Open files that the sockets need.
const FILES_MAX: u64 = 20_000;

/// The crowd.
pub struct Crowd {
    directory: PathBuf,
    processes: Vec<Child>,
    mounts: Vec<PathBuf>,
    listener: TcpListener,
    sockets: Vec<TcpStream>,
}

impl Crowd {
    /// Nobody yet; the mounts will lie below `directory`.
    pub fn new(directory: &Path) -> Outcome<Self> {
        setrlimit(Resource::RLIMIT_NOFILE, FILES_MAX, FILES_MAX)
            .map_err(|error| format!("open files: {error}"))?;
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| format!("listen: {error}"))?;
        let (processes, mounts, sockets) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Crowd { directory: directory.join("mounts"), processes, mounts, listener, sockets })
    }

    /// Lets so many more come; a connection is two sockets.
    pub fn grow(&mut self, processes: usize, mounts: usize, sockets: usize) -> Outcome<()> {
        (0..processes).try_for_each(|_| self.process())?;
        (0..mounts).try_for_each(|_| self.mount())?;
        (0..sockets / 2).try_for_each(|_| self.connection())
    }

    fn process(&mut self) -> Outcome<()> {
        let child = Command::new("sleep").arg("3600").spawn().map_err(|error| format!("sleep: {error}"))?;
        self.processes.push(child);
        Ok(())
    }

    fn mount(&mut self) -> Outcome<()> {
        let path = self.directory.join(self.mounts.len().to_string());
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let said = |error| format!("mount {}: {error}; this needs root", path.display());
        mount(Some("crowd"), &path, Some("tmpfs"), MsFlags::empty(), Some("size=64k")).map_err(said)?;
        self.mounts.push(path);
        Ok(())
    }

    fn connection(&mut self) -> Outcome<()> {
        let said = |error: std::io::Error| format!("connect: {error}");
        let address = self.listener.local_addr().map_err(said)?;
        self.sockets.push(TcpStream::connect(address).map_err(said)?);
        self.sockets.push(self.listener.accept().map_err(said)?.0);
        Ok(())
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for child in &mut self.processes {
            if child.kill().is_ok() {
                let ended = child.wait();
                drop(ended);
            }
        }
        for path in &self.mounts {
            if let Err(error) = umount2(path, MntFlags::MNT_DETACH) {
                eprintln!("umount {}: {error}", path.display());
            }
        }
    }
}

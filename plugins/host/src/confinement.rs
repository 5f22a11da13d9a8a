//! What a plugin may do and take.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a plugin may do and take. The default is the least: a look at the system's own files, no network, no writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Confinement {
    /// The user and group to become; none stays who it is.
    pub user: Option<(u32, u32)>,
    /// Memory of its own, per process: `malloc` fails beyond it. A cgroup bounds the sum.
    pub memory_bytes_max: u64,
    /// Processor seconds: of a program all in all, of an object for each answer. The process is killed beyond it. 0: unbounded.
    pub cpu_s_max: u64,
    /// Processes and threads that it may add to those its user has; `fork` fails beyond it. The kernel does not count for root.
    pub processes_max: u64,
    /// Files open at once.
    pub files_max: u64,
    /// Longest file that it may write; the process is killed beyond it.
    pub file_bytes_max: u64,
    /// What it may read beside [`Confinement::READ`].
    pub read: Vec<PathBuf>,
    /// Where it may read and write.
    pub write: Vec<PathBuf>,
    /// What it may execute beside [`Confinement::EXECUTE`], which is for programs only: an object may start nothing but what is
    /// below these.
    pub execute: Vec<PathBuf>,
    /// Internet sockets.
    pub network: bool,
    /// Unix sockets. Without them it cannot talk to hostward's own either, whoever it runs as.
    pub local_sockets: bool,
    /// Reading devices below `/dev`, and `ioctl` on them.
    pub raw_devices: bool,
    /// A cgroup (version 2) to move to, which was made for it.
    pub cgroup: Option<PathBuf>,
}

impl Confinement {
    /// What every plugin may read, if it is there and its user may: the system, but nobody's home, no state of services, no device.
    pub const READ: &[&str] = &[
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib32",
        "/lib64",
        "/opt",
        "/etc",
        "/proc",
        "/sys",
        "/run",
        "/var/cache",
        "/var/log",
        "/var/spool",
        "/var/lib/apt",
        "/var/lib/dpkg",
        "/var/lib/rpm",
        "/dev/random",
        "/dev/urandom",
        "/dev/zero",
    ];
    /// What every program may execute.
    pub const EXECUTE: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt"];
}

impl Default for Confinement {
    fn default() -> Self {
        Confinement {
            user: None,
            memory_bytes_max: 256 << 20,
            cpu_s_max: 10,
            processes_max: 32,
            files_max: 256,
            file_bytes_max: 16 << 20,
            read: Vec::new(),
            write: Vec::new(),
            execute: Vec::new(),
            network: false,
            local_sockets: false,
            raw_devices: false,
            cgroup: None,
        }
    }
}

//! A FUSE file system that answers until it is told to stop: linux/fuse.h, spoken over /dev/fuse.
//!
//! It has an empty root directory and a size, which is all that an agent asks of a mount.

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::minor;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const CONNECTIONS: &str = "/sys/fs/fuse/connections";
const GETATTR: u32 = 3;
const STATFS: u32 = 17;
const INIT: u32 = 26;
const ENOSYS: i32 = -38;

/// A mounted file system; its requests end with an error when it is dropped.
pub struct Fuse {
    mountpoint: PathBuf,
    /// Its name below [`CONNECTIONS`].
    connection: String,
    hung: Arc<AtomicBool>,
}

impl Fuse {
    /// Mounts it.
    pub fn mount(mountpoint: &Path) -> Fuse {
        std::fs::create_dir_all(mountpoint).unwrap();
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse").expect("root and /dev/fuse");
        let options = format!("fd={},rootmode=40000,user_id=0,group_id=0", device.as_raw_fd());
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(Some("hung"), mountpoint, Some("fuse"), flags, Some(options.as_str())).unwrap();
        let hung = Arc::new(AtomicBool::new(false));
        let silent = hung.clone();
        std::thread::spawn(move || answer(device, &silent));
        let number = std::fs::metadata(mountpoint).unwrap().dev();
        Fuse { mountpoint: mountpoint.to_owned(), connection: minor(number).to_string(), hung }
    }

    /// From now on requests are read and not answered.
    pub fn hang(&self) {
        self.hung.store(true, Ordering::Relaxed);
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        let _ = umount2(&self.mountpoint, MntFlags::MNT_DETACH);
        // What still waits for an answer ends with an error.
        let _ = mount(None::<&str>, CONNECTIONS, Some("fusectl"), MsFlags::empty(), None::<&str>);
        let _ = std::fs::write(Path::new(CONNECTIONS).join(&self.connection).join("abort"), "1");
    }
}

fn answer(mut device: File, hung: &AtomicBool) {
    let mut request = vec![0; 1 << 20];
    while let Ok(length) = device.read(&mut request) {
        if length < 40 || hung.load(Ordering::Relaxed) {
            continue;
        }
        let word = |at: usize| u32::from_le_bytes(request[at..at + 4].try_into().unwrap());
        let unique = u64::from_le_bytes(request[8..16].try_into().unwrap());
        let (error, body) = match word(4) {
            INIT => (0, init()),
            STATFS => (0, statfs()),
            GETATTR => (0, root_attributes()),
            _ => (ENOSYS, Vec::new()),
        };
        let mut out = Vec::new();
        out.extend((16 + body.len() as u32).to_le_bytes());
        out.extend(i32::to_le_bytes(error));
        out.extend(unique.to_le_bytes());
        out.extend(body);
        let _ = device.write(&out);
    }
}

/// `fuse_init_out` of protocol 7.31.
fn init() -> Vec<u8> {
    let mut out = vec![0; 64];
    out[0..4].copy_from_slice(&7_u32.to_le_bytes());
    out[4..8].copy_from_slice(&31_u32.to_le_bytes());
    out[20..24].copy_from_slice(&4096_u32.to_le_bytes());
    out
}

/// `fuse_kstatfs`: a thousand blocks of 4 KiB, half of them free.
fn statfs() -> Vec<u8> {
    let counts = [1000_u64, 500, 500, 100, 50].into_iter().flat_map(u64::to_le_bytes);
    let sizes = [4096_u32, 255, 4096, 0].into_iter().flat_map(u32::to_le_bytes);
    counts.chain(sizes).chain([0; 24]).collect()
}

/// `fuse_attr_out`: an empty directory.
fn root_attributes() -> Vec<u8> {
    let mut out = vec![0; 104];
    out[16..24].copy_from_slice(&1_u64.to_le_bytes());
    out[76..80].copy_from_slice(&0o040_755_u32.to_le_bytes());
    out[80..84].copy_from_slice(&2_u32.to_le_bytes());
    out
}

//! A small file system, filled to 97 %, at a mount point whose name tries to become code.

use super::Fault;
use crate::process::output;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE_BYTES: usize = 64 << 20;
/// The part of the mount point's name by which its alert is known.
pub const NAME: &str = "it is full";
/// If any of this is ever executed, the working directory of the script changes and the test fails.
const HOSTILE: &str = "it is full'; touch seen1; \"$(touch seen2)` touch seen3`";

pub fn begin(scratch: &Path) -> Fault {
    let point = scratch.join("fault").join(HOSTILE);
    std::fs::create_dir_all(&point).expect("a mount point");
    output(
        Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={SIZE_BYTES}"), "tmpfs"]).arg(&point),
    );
    let mounted = Mounted(point);
    std::fs::write(mounted.0.join("filling"), vec![0x5a; SIZE_BYTES / 100 * 97])
        .expect("room for the filling");
    Fault::now(mounted)
}

/// Emptied before it is unmounted, so that the alert resolves by its value.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0.join("filling"));
        std::thread::sleep(std::time::Duration::from_secs(3));
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

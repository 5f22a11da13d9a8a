//! Open files that are none of the plugin's business.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::fs;
use std::os::fd::BorrowedFd;
use std::path::Path;

/// Closes everything but the standard three and the plugin's own file, whoever opened it how. A program gets its own file open: an
/// interpreter reads its script by that number.
pub fn close_others(file: &Path) -> nix::Result<()> {
    let Some(own) = number(file) else { return close(3, u32::MAX) };
    if own > 3 {
        close(3, own - 1)?;
    }
    close(own + 1, u32::MAX)?;
    // SAFETY: the number was inherited for the plugin, and nobody else closes it. If it is not open, fcntl says so.
    let kept = unsafe { BorrowedFd::borrow_raw(own as i32) };
    fcntl(kept, FcntlArg::F_SETFD(FdFlag::empty())).map(|_| ())
}

/// Kernels before 5.9 do not know the call; what std and hostward open is not inherited anyway.
fn close(first: u32, last: u32) -> nix::Result<()> {
    // SAFETY: this process has just begun: what is open beside the standard three was inherited, and nothing here uses it.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    match Errno::result(closed) {
        Ok(_) | Err(Errno::ENOSYS) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The descriptor that a path stands for, if it does.
fn number(file: &Path) -> Option<u32> {
    let target = fs::read_link(file).unwrap_or_default();
    let paths = [file, target.as_path()].into_iter();
    let numbers = paths.filter_map(|path| path.strip_prefix("/proc/self/fd").ok()?.to_str()?.parse().ok());
    numbers.into_iter().find(|number| (3..=i32::MAX as u32 - 1).contains(number))
}

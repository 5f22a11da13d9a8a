//! Who the plugin is: another user, without groups, without capabilities, and never more than that again.

use nix::errno::Errno;
use nix::unistd::{Gid, Uid, getegid, geteuid, setgroups, setresgid, setresuid};
use std::fs;

/// Becomes the user, drops what capabilities are left unless that user is root, and gives up gaining any.
pub fn settle(user: Option<(u32, u32)>) -> Result<(), String> {
    if let Some((uid, gid)) = user {
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        if (uid, gid) != (geteuid(), getegid()) || geteuid().is_root() {
            become_user(uid, gid).map_err(|error| format!("user {uid}, group {gid}: {error}"))?;
        }
    }
    if !geteuid().is_root() && has_capabilities() {
        drop_capabilities().map_err(|error| format!("capabilities: {error}"))?;
    }
    nix::sys::prctl::set_no_new_privs().map_err(|error| format!("no new privileges: {error}"))
}

fn become_user(uid: Uid, gid: Gid) -> nix::Result<()> {
    setgroups(&[])?;
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)
}

/// Whether there are any to drop; a filter that somebody else has set may refuse the call.
fn has_capabilities() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let permitted = status.lines().find_map(|line| line.strip_prefix("CapPrm:"));
    permitted.is_none_or(|set| set.trim().bytes().any(|digit| digit != b'0'))
}

/// What was given to the daemon as ambient capabilities would outlive `exec`.
fn drop_capabilities() -> nix::Result<()> {
    // SAFETY: the call takes numbers only.
    let cleared = unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) };
    Errno::result(cleared)?;
    // The header of version 3 for this process, and two empty sets of effective, permitted and inheritable capabilities.
    let (header, none) = ([0x2008_0522_u32, 0], [0_u32; 6]);
    // SAFETY: both arrays have the size and layout that this version of the call reads.
    let dropped = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
    Errno::result(dropped).map(|_| ())
}

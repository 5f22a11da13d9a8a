//! The mount table: `/proc/PID/mountinfo`, proc_pid_mountinfo(5).

use crate::Fault;
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `major:minor` of the file system: what tells it from another at the same place.
    pub device_id: String,
    /// Mount point as it is, escapes undone; need not be UTF-8.
    pub point: Vec<u8>,
    pub fstype: String,
    pub source: String,
    /// By its own options or those of its file system.
    pub readonly: bool,
}

/// File systems whose answers come from a server, and those of programs (`fuse`), which may hang like one.
const REMOTE: [&str; 16] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "gfs2",
    "glusterfs",
    "lustre",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "smb3",
    "smbfs",
    "virtiofs",
];

/// Every mount, in the order of the table.
pub fn parse(name: &str, text: &[u8]) -> Result<Vec<Mount>, Fault> {
    let lines = text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| {
            parse_line(line).ok_or_else(|| {
                let line = String::from_utf8_lossy(line);
                Fault::malformed(name, index + 1, &line, "a line of a mount table")
            })
        })
        .collect()
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`: the fields before the
/// lone hyphen vary in number.
fn parse_line(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let hyphen = 6 + fields.get(6..)?.iter().position(|field| *field == b"-")?;
    let super_options = fields.get(hyphen + 3).copied().unwrap_or(b"");
    Some(Mount {
        device_id: text(fields[2]),
        point: unescape(fields[4]),
        fstype: text(fields.get(hyphen + 1)?),
        source: text(fields.get(hyphen + 2)?),
        readonly: has_ro(fields[5]) || has_ro(super_options),
    })
}

fn has_ro(options: &[u8]) -> bool {
    options.split(|byte| *byte == b',').any(|option| option == b"ro")
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(&unescape(field)).into_owned()
}

/// Undoes `\040` and its like: the kernel writes space, tab, newline, backslash and `#` so.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        match octal(rest) {
            Some(byte) => (out.push(byte), rest = &rest[4..]),
            None => (out.push(first), rest = tail),
        };
    }
    out
}

fn octal(rest: &[u8]) -> Option<u8> {
    let &[b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] = rest else { return None };
    Some((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'))
}

/// Of several mounts at one place only the last can be reached.
pub fn keep_visible(mounts: &mut Vec<Mount>) {
    let last: HashMap<Vec<u8>, usize> =
        mounts.iter().enumerate().map(|(index, mount)| (mount.point.clone(), index)).collect();
    let mut index = 0..;
    mounts.retain(|mount| index.next() == last.get(&mount.point).copied());
}

/// True when `device_id` is what this process finds at `point`.
pub fn is_at(own: &[Mount], point: &Path, device_id: &str) -> bool {
    let point = point.as_os_str().as_bytes();
    own.iter().rfind(|mount| mount.point == point).is_some_and(|mount| mount.device_id == device_id)
}

/// True when another host or a program answers for the mount.
pub fn is_remote(mount: &Mount) -> bool {
    REMOTE.contains(&mount.fstype.as_str()) || mount.fstype.starts_with("fuse")
}

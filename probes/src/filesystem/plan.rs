//! Which mounts are asked: found anew only when a mount table has changed.

use super::choice::Choice;
use super::mounts::{self, Mount};
use crate::{Fault, Host};
use hostward_model::Batch;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

pub const OF_INIT: &str = "/proc/1/mountinfo";
pub const OF_SELF: &str = "/proc/self/mountinfo";

/// Mounts looked at in a run; further ones are one gap. Container hosts have hundreds, most of them excluded.
const MOUNTS_MAX: usize = 1000;

/// What follows from the mount tables.
#[derive(Default)]
pub struct Plan {
    tables: Tables,
    /// Mounts of this host.
    pub local: Vec<Mount>,
    /// Mounts of which another host or a program answers.
    pub remote: Vec<Mount>,
    /// Mounts that hostward itself sees differently.
    hidden: Vec<Mount>,
    /// How many are beyond the bound.
    beyond: usize,
}

/// The mounts of the host, and those of this process, as they are printed.
#[derive(Default, PartialEq)]
struct Tables {
    name: &'static str,
    host: Vec<u8>,
    own: Vec<u8>,
}

impl Tables {
    fn read(host: &Host) -> Result<Self, Fault> {
        let own = Host::new("/").bytes(OF_SELF)?;
        match host.bytes(OF_INIT) {
            Ok(table) => Ok(Tables { name: OF_INIT, host: table, own }),
            Err(_) => Ok(Tables { name: OF_SELF, host: host.bytes(OF_SELF)?, own }),
        }
    }
}

impl Plan {
    /// Follows the tables.
    pub fn refresh(&mut self, host: &Host, choice: &Choice) -> Result<(), Fault> {
        let tables = Tables::read(host)?;
        if tables != self.tables {
            *self = Plan::new(tables, host, choice)?;
        }
        Ok(())
    }

    fn new(tables: Tables, host: &Host, choice: &Choice) -> Result<Self, Fault> {
        let mut mounts = mounts::parse(tables.name, &tables.host)?;
        let own = mounts::parse(OF_SELF, &tables.own)?;
        mounts::keep_visible(&mut mounts);
        mounts.retain(|mount| choice.takes(mount));
        let beyond = mounts.len().saturating_sub(MOUNTS_MAX);
        mounts.truncate(MOUNTS_MAX);
        let is_seen = |mount: &Mount| mounts::is_at(&own, &real_point(host, mount), &mount.device_id);
        let (seen, hidden): (Vec<_>, Vec<_>) = mounts.into_iter().partition(is_seen);
        let (remote, local) = seen.into_iter().partition(mounts::is_remote);
        Ok(Plan { tables, local, remote, hidden, beyond })
    }

    /// Says what is not asked.
    pub fn push_gaps(&self, host: &Host, out: &mut Batch) {
        if self.beyond > 0 {
            let why = format!("{} mounts beyond the bound of {MOUNTS_MAX}", self.beyond);
            out.push_gap("node_filesystem_*", &why, "");
        }
        let is_none_seen = self.local.is_empty() && self.remote.is_empty();
        if is_none_seen && !host.is_live() && !self.hidden.is_empty() {
            out.push_gap("node_filesystem_*", "the mounts of a captured tree cannot be asked", "");
            return;
        }
        for mount in &self.hidden {
            let what = String::from_utf8_lossy(&mount.point);
            let grant = "let hostward see the mounts of the host";
            out.push_gap(&what, "hostward sees another file system there", grant);
        }
    }
}

/// Where a mount point is for this process.
pub fn real_point(host: &Host, mount: &Mount) -> PathBuf {
    let point = mount.point.strip_prefix(b"/").unwrap_or(&mount.point);
    if point.is_empty() { host.root().to_owned() } else { host.root().join(OsStr::from_bytes(point)) }
}

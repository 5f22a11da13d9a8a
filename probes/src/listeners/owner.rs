//! Which process has a socket open: the one whose `/proc/PID/fd` links to its inode.

use crate::drop_in;
use crate::processes::pids;
use crate::{Fault, Host};
use hostward_model::Batch;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Open files that are looked at in one search; the owners of sockets beyond are not known.
const DESCRIPTORS_MAX: usize = 1 << 20;

const WHAT: &str = "program and unit of hostward_listening_sockets";

/// A process that has a socket open; of several, the one with the lowest number, which mostly made it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    pub program: String,
    pub unit: String,
}

struct Found {
    owner: Owner,
    /// `/proc/PID/fd/N`, to see whether it still holds.
    link: String,
}

/// Owners by inode.
#[derive(Default)]
pub struct Owners {
    known: BTreeMap<u64, Found>,
    /// Searched for in vain: sockets of the kernel, of other namespaces, of processes that are hidden.
    unknown: BTreeSet<u64>,
    hidden: bool,
}

impl Owners {
    /// The owner of a socket, as far as it was found.
    pub fn get(&self, inode: u64) -> Option<&Owner> {
        self.known.get(&inode).map(|found| &found.owner)
    }

    /// Forgets sockets that are gone, and searches if there are new ones.
    pub fn find(&mut self, host: &Host, inodes: impl Iterator<Item = u64>, out: &mut Batch) {
        let inodes: BTreeSet<u64> = inodes.collect();
        self.known.retain(|inode, found| {
            inodes.contains(inode) && inode_of(&host.path(&found.link)) == Some(*inode)
        });
        self.unknown.retain(|inode| inodes.contains(inode));
        let is_new = |inode: &u64| !self.known.contains_key(inode) && !self.unknown.contains(inode);
        let new: BTreeSet<u64> = inodes.into_iter().filter(is_new).collect();
        if !new.is_empty() {
            self.search(host, new, out);
        }
        if self.hidden && !self.unknown.is_empty() {
            out.push_gap(WHAT, "permission", drop_in::OTHERS);
        }
    }

    fn search(&mut self, host: &Host, mut wanted: BTreeSet<u64>, out: &mut Batch) {
        let pids = pids(host).unwrap_or_default();
        // Without process 1 the others are hidden, too.
        self.hidden = host.is_live() && pids.first() != Some(&1);
        let mut left = DESCRIPTORS_MAX;
        for pid in pids {
            if wanted.is_empty() || left == 0 {
                break;
            }
            self.search_process(host, pid, &mut wanted, &mut left);
        }
        if left == 0 {
            out.push_gap(WHAT, "the first 1048576 open files were looked at, the others were not", "");
        }
        self.unknown.append(&mut wanted);
    }

    /// A process that ended meanwhile has no sockets.
    fn search_process(&mut self, host: &Host, pid: u32, wanted: &mut BTreeSet<u64>, left: &mut usize) {
        let entries = match fs::read_dir(host.path(&format!("/proc/{pid}/fd"))) {
            Ok(entries) => entries,
            Err(error) => {
                self.hidden |= error.kind() == ErrorKind::PermissionDenied;
                return;
            }
        };
        for entry in entries.filter_map(Result::ok).take(*left) {
            *left -= 1;
            let target = fs::read_link(entry.path());
            // A directory may be open to us and its links not: those need the right to trace the process.
            self.hidden |= target.as_ref().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
            let inode = target.ok().and_then(|target| inode(&target));
            let Some(inode) = inode.filter(|inode| wanted.remove(inode)) else { continue };
            let link = format!("/proc/{pid}/fd/{}", entry.file_name().to_string_lossy());
            self.known.insert(inode, Found { owner: owner(host, pid), link });
        }
    }
}

fn inode_of(link: &Path) -> Option<u64> {
    inode(&fs::read_link(link).ok()?)
}

/// `socket:[2740]`
fn inode(target: &Path) -> Option<u64> {
    target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

fn owner(host: &Host, pid: u32) -> Owner {
    let text = |file: &str| -> Result<String, Fault> {
        Ok(String::from_utf8_lossy(&host.bytes(&format!("/proc/{pid}/{file}"))?).into_owned())
    };
    Owner {
        program: text("comm").map_or(String::new(), |comm| comm.trim_end_matches('\n').to_owned()),
        unit: text("cgroup").map_or(String::new(), |groups| unit(&groups)),
    }
}

/// The unit in `/proc/PID/cgroup`, cgroups(7): the innermost service, or else scope.
fn unit(groups: &str) -> String {
    let path = groups.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        (path != "/" && (number == "0" || controllers == "name=systemd")).then_some(path)
    });
    let with_end = |end: &str| path?.rsplit('/').find(|name| name.ends_with(end));
    with_end(".service")
        .map(str::to_owned)
        .or_else(|| with_end(".scope").map(without_instance))
        .unwrap_or_default()
}

/// Sessions and containers have numbers, of which there is no end: `session-4.scope` is `session-*.scope`.
fn without_instance(scope: &str) -> String {
    match scope.split_once('-') {
        Some((kind, _)) => format!("{kind}-*.scope"),
        None => scope.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_sockets_have_an_inode() {
        assert_eq!(inode(Path::new("socket:[2740]")), Some(2740));
        for other in ["/dev/null", "pipe:[2740]", "socket:[]", "socket:[x]", "socket:2740"] {
            assert_eq!(inode(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn units() {
        let cases = [
            ("0::/system.slice/ssh.service\n", "ssh.service"),
            ("0::/user.slice/user-0.slice/session-4.scope\n", "session-*.scope"),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.service/sub\n",
                "app-x.service",
            ),
            ("0::/system.slice/docker-0123456789ab.scope\n", "docker-*.scope"),
            ("0::/init.scope\n", "init.scope"),
            ("12:cpu:/x.service\n1:name=systemd:/system.slice/nginx.service\n0::/\n", "nginx.service"),
            ("1:name=systemd:/\n0::/system.slice/cron.service\n", "cron.service"),
            ("0::/\n", ""),
            ("0::/kubepods/pod1\n", ""),
            ("nonsense\n", ""),
            ("", ""),
        ];
        for (groups, expected) in cases {
            assert_eq!(unit(groups), expected, "{groups}");
        }
    }
}

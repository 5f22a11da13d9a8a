//! Facts: what is judged by `harden`, read from files below the root and never by running a program.
//!
//! An area is a file here: its [`Reader`], the parsing, its tests. [`READERS`] is the one list of them. What cannot be
//! told for certain (an include that may not be read, a loop) makes the whole area unseen: a value that might be
//! overridden is not known.

mod accounts;
mod apache;
mod apparmor;
mod apt;
mod audit_rules;
mod banner;
mod boot;
mod connections;
mod docker;
mod fail2ban;
mod files;
mod firewall;
mod found;
mod homes;
mod image;
mod include;
mod ini;
mod key_value;
mod limits;
mod line;
mod listening;
mod logrotate;
mod mail;
mod mariadb;
mod modprobe;
mod mounts;
mod nginx;
mod openssh;
mod owner;
mod pam;
mod postgresql;
mod pwquality;
mod redis;
mod rsyslog;
mod scan;
mod services;
mod shell;
mod software;
mod sudoers;
mod sysctl;
mod texts;
mod time;
mod units;
mod waf_log;
mod walk;
mod web;

use crate::{Fault, Host};
use found::{ALL_BYTES_MAX, Found};
use hostward_model::{Fact, Facts, Gap, Look, Wanted};
use image::Image;
pub use owner::package_of;
use std::collections::BTreeMap;
pub use texts::{FileText, texts};
pub use walk::Walk;

/// What reads one area.
pub struct Reader {
    /// Name of the area.
    pub area: &'static str,
    /// One sentence: what its facts say.
    pub about: &'static str,
    /// Where it looks first, as seen from the root.
    pub reads: &'static [&'static str],
    read: fn(&Image<'_>, &mut Found) -> Result<(), Fault>,
}

/// Every area.
pub static READERS: &[&Reader] = &[
    &openssh::SERVER,
    &openssh::CLIENT,
    &sysctl::READER,
    &accounts::ACCOUNTS,
    &accounts::SHADOW,
    &accounts::GROUPS,
    &key_value::LOGIN_DEFS,
    &key_value::USERADD,
    &key_value::FAILLOCK,
    &key_value::AUDITD,
    &pwquality::READER,
    &shell::READER,
    &homes::READER,
    &pam::READER,
    &limits::READER,
    &sudoers::READER,
    &audit_rules::READER,
    &ini::JOURNALD,
    &rsyslog::READER,
    &logrotate::READER,
    &time::READER,
    &mounts::READER,
    &mounts::FSTAB,
    &modprobe::READER,
    &boot::READER,
    &apparmor::READER,
    &units::READER,
    &services::READER,
    &software::PACKAGES,
    &software::UPDATES,
    &apt::READER,
    &banner::READER,
    &mail::READER,
    &fail2ban::READER,
    &firewall::READER,
    &listening::READER,
    &connections::READER,
    &scan::READER,
    &nginx::READER,
    &apache::READER,
    &waf_log::READER,
    &postgresql::READER,
    &mariadb::READER,
    &redis::READER,
    &docker::READER,
];

/// Whether something is at a path below the root.
pub fn exists(host: &Host, path: &str) -> Result<bool, Fault> {
    Ok(Image::new(host)?.has(path))
}

/// Reads what is wanted; an area that nobody reads stays out.
pub fn collect(host: &Host, wanted: &Wanted) -> Facts {
    collect_by(host, wanted, Walk::Quick)
}

/// The same, with a walk over the file system as it is said.
pub fn collect_by(host: &Host, wanted: &Wanted, walk: Walk) -> Facts {
    let image = match Image::walked(host, walk) {
        Ok(image) => image,
        Err(fault) => return nothing(wanted, &fault),
    };
    let (mut areas, mut room) = (BTreeMap::new(), ALL_BYTES_MAX);
    for reader in READERS.iter().filter(|reader| wanted.areas.contains(reader.area)) {
        let read = gathered(&mut room, |found| (reader.read)(image.fresh(), found));
        areas.insert(reader.area.to_owned(), look(read));
    }
    if !wanted.parameters.is_empty() {
        let read = gathered(&mut room, |found| sysctl::running(image.fresh(), &wanted.parameters, found));
        areas.insert(sysctl::RUNNING.to_owned(), look(read));
    }
    Facts { areas, files: files::states(image.fresh(), &wanted.files) }
}

fn nothing(wanted: &Wanted, fault: &Fault) -> Facts {
    let areas = wanted.areas.iter().map(|area| (area.clone(), look(Err(fault.clone())))).collect();
    let files = wanted.files.iter().map(|files| (files.clone(), unseen(fault))).collect();
    Facts { areas, files }
}

/// What one area gives, in the room that the areas before it left.
fn gathered(
    room: &mut usize,
    read: impl FnOnce(&mut Found) -> Result<(), Fault>,
) -> Result<Vec<Fact>, Fault> {
    let mut found = Found::new(*room);
    read(&mut found)?;
    *room = room.saturating_sub(found.bytes());
    Ok(found.facts())
}

fn look(read: Result<Vec<Fact>, Fault>) -> Look<Vec<Fact>> {
    match read {
        Ok(facts) => Look::Seen(facts),
        Err(Fault::Missing { what }) => Look::Absent(what),
        Err(fault) => unseen(&fault),
    }
}

fn unseen<T>(fault: &Fault) -> Look<T> {
    let (what, grant) = match fault {
        Fault::Denied { what, grant } => (what, if grant.is_empty() { "run it as root" } else { grant }),
        Fault::Missing { what } | Fault::Unreadable { what, .. } | Fault::Timeout { what, .. } => (what, ""),
        Fault::Malformed { what, .. } => (what, "correct the line"),
    };
    Look::Unseen(Gap { what: what.clone(), reason: fault.to_string(), grant: grant.to_owned() })
}

#[cfg(test)]
mod tests;

//! Installed packages of dpkg against what apt's sources offer, without running apt.

use super::lists::{self, Origin, indexes};
use super::pins::Pins;
use super::stanzas::{Stanza, stanzas};
use super::version::compare;
use super::{Count, Pending};
use crate::{Fault, Host};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

pub const STATUS: &str = "/var/lib/dpkg/status";
pub const PREFERENCES: &str = "/etc/apt/preferences";
/// More installed packages than this are not compared.
const PACKAGES_MAX: usize = 50_000;
const PREFERENCES_MAX: usize = 200;

/// Installed packages by name; those of a foreign architecture by `name:architecture`.
struct Installed {
    packages: HashMap<String, Package>,
    native: String,
}

struct Package {
    version: String,
    held: bool,
    /// Of the installed version: a newer one with less is no candidate.
    priority: i32,
    /// The highest of any newer version, and of those that come from a source of security updates.
    newer: Option<i32>,
    newer_security: Option<i32>,
}

/// Reads everything once; strange records of preferences are told in `strange`.
pub fn count(host: &Host, strange: &mut Vec<String>) -> Result<Count, Fault> {
    let file = File::open(host.path(STATUS)).map_err(|error| Fault::io(STATUS, &error))?;
    let pins = preferences(host, strange)?;
    let mut installed = Installed::read(BufReader::new(file), &pins)?;
    let names = host.names(lists::DIRECTORY, lists::FILES_MAX)?;
    let indexes = indexes(&names);
    if indexes.is_empty() || names.len() == lists::FILES_MAX {
        let what = format!("{}/*_Packages (apt update writes them)", lists::DIRECTORY);
        return Err(Fault::Missing { what });
    }
    for index in indexes {
        let origin = index.origin(host)?;
        let reader = index.open(host)?;
        let read = stanzas(reader, |offered| installed.offer(offered, &origin, &pins));
        read.map_err(|error| Fault::io(&format!("{}/{}", lists::DIRECTORY, index.file), &error))?;
    }
    Ok(installed.count())
}

/// One file, then a directory of them.
fn preferences(host: &Host, strange: &mut Vec<String>) -> Result<Pins, Fault> {
    let directory = format!("{PREFERENCES}.d");
    let mut names = host.names(&directory, PREFERENCES_MAX).unwrap_or_default();
    // Names without a dot, or that end in `.pref`: apt_preferences(5).
    names.retain(|name| !name.contains('.') || name.ends_with(".pref"));
    let files = names.iter().map(|name| format!("{directory}/{name}"));
    let mut pins = Pins::default();
    for file in files.chain([PREFERENCES.to_owned()]) {
        match host.bytes(&file) {
            Ok(bytes) => {
                let odd = pins.add(&String::from_utf8_lossy(&bytes));
                strange.extend(odd.into_iter().map(|line| format!("{file}: {line}")));
            }
            Err(Fault::Missing { .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(pins)
}

impl Installed {
    fn read(status: impl BufRead, pins: &Pins) -> Result<Self, Fault> {
        let (mut all, mut native) = (Vec::new(), String::new());
        let read = stanzas(status, |stanza| {
            if stanza.package == "dpkg" {
                native.clone_from(&stanza.architecture);
            }
            if stanza.status.ends_with(" installed") && all.len() < PACKAGES_MAX {
                let package = Package::of(stanza, pins);
                all.push((stanza.package.clone(), stanza.architecture.clone(), package));
            }
        });
        read.map_err(|error| Fault::io(STATUS, &error))?;
        if all.is_empty() || all.len() == PACKAGES_MAX {
            return Err(Fault::malformed(STATUS, 1, "", "between 1 and 50000 installed packages"));
        }
        let mut installed = Installed { packages: HashMap::with_capacity(all.len()), native };
        for (name, architecture, package) in all {
            let key = installed.key(&name, &architecture).into_owned();
            installed.packages.insert(key, package);
        }
        Ok(installed)
    }

    /// A package for all architectures is one of this one: it may become so with an update.
    fn key<'a>(&self, name: &'a str, architecture: &str) -> std::borrow::Cow<'a, str> {
        if architecture == "all" || architecture == self.native {
            name.into()
        } else {
            format!("{name}:{architecture}").into()
        }
    }

    fn offer(&mut self, offered: &Stanza, origin: &Origin, pins: &Pins) {
        let key = self.key(&offered.package, &offered.architecture);
        let Some(package) = self.packages.get_mut(&*key) else { return };
        let order = compare(&offered.version, &package.version);
        if order == Ordering::Less {
            return;
        }
        let priority = pins.priority(&offered.package, &offered.version, origin);
        match order {
            Ordering::Equal => package.priority = package.priority.max(priority),
            _ => package.newer(priority, origin.is_security()),
        }
    }

    fn count(&self) -> Count {
        let mut count = Count::default();
        for package in self.packages.values() {
            match (package.pending(), package.held) {
                (None, _) => {}
                (Some(_), true) => count.held += 1,
                (Some(Pending::Security), false) => count.security += 1,
                (Some(Pending::Other), false) => count.other += 1,
            }
        }
        count
    }
}

impl Package {
    fn of(stanza: &Stanza, pins: &Pins) -> Self {
        Package {
            version: stanza.version.clone(),
            held: stanza.status.starts_with("hold "),
            priority: pins.of_installed(&stanza.package, &stanza.version),
            newer: None,
            newer_security: None,
        }
    }

    fn newer(&mut self, priority: i32, security: bool) {
        self.newer = self.newer.max(Some(priority));
        if security {
            self.newer_security = self.newer_security.max(Some(priority));
        }
    }

    /// Among versions of equal priority apt takes the newest, so what is preferred to the installed one is enough.
    /// A security update stays one when a later version without that name supersedes it.
    fn pending(&self) -> Option<Pending> {
        let wanted =
            |newer: Option<i32>| newer.is_some_and(|priority| priority > 0 && priority >= self.priority);
        match (wanted(self.newer), wanted(self.newer_security)) {
            (false, _) => None,
            (true, true) => Some(Pending::Security),
            (true, false) => Some(Pending::Other),
        }
    }
}

#[cfg(test)]
mod tests;

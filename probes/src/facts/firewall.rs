//! The firewall's rules on disk, in words that are the same for nftables, iptables and ufw.
//!
//! The scope is the front end. Keys: `enabled` (comes back at boot), `input.policy` and its kin, `input.loopback`
//! (accept), `input.loopback-spoof` (drop), `input.accept` with each `protocol/port` that is let in. Rules of a front
//! end that is not enabled are told only when none is.

mod iptables;
mod nftables;
mod ufw;

use super::{Found, Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};
use std::collections::BTreeSet;

pub static READER: Reader = Reader {
    area: "firewall",
    about: "rules of nftables, iptables or ufw on disk: policies, loopback, ports that are let in",
    reads: &["/etc/nftables.conf", "/etc/iptables/rules.v4", "/etc/iptables/rules.v6", "/etc/ufw/ufw.conf"],
    read,
};

fn read(image: &Image<'_>, found: &mut Found) -> Result<(), Fault> {
    nftables::read(image, found)?;
    iptables::read(image, found)?;
    ufw::read(image, found)?;
    let mut all = found.settled().peekable();
    if all.peek().is_none() {
        return Err(Fault::Missing { what: READER.reads.join(", ") });
    }
    let enabled = all.filter(|fact| fact.key == "enabled" && fact.value == "yes");
    let enabled: BTreeSet<String> = enabled.map(|fact| fact.scope.clone()).collect();
    if !enabled.is_empty() {
        found.retain(|fact| fact.key == "enabled" || enabled.contains(&fact.scope));
    }
    Ok(())
}

/// Whether a unit starts at boot.
fn enabled(image: &Image<'_>, front_end: &str, unit: &str) -> Result<Fact, Fault> {
    let links = image.glob(&format!("/etc/systemd/system/*.wants/{unit}"))?;
    let (value, place) = match links.first() {
        Some(link) => ("yes", link.clone()),
        None => ("no", unit.to_owned()),
    };
    Ok(Fact::new("enabled", value, Origin::file(&place)).within(front_end))
}

#[cfg(test)]
mod tests;

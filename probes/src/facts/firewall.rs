//! The firewall's rules on disk, in words that are the same for nftables, iptables and ufw.
//!
//! The scope is the front end. Keys: `enabled` (comes back at boot), `input.policy` and its kin, `input.loopback`
//! (accept), `input.loopback-spoof` (drop), `input.accept` with each `protocol/port` that is let in. Rules of a front
//! end that is not enabled are told only when none is.

mod iptables;
mod nftables;
mod ufw;

use super::{Image, Reader};
use crate::Fault;
use hostward_model::{Fact, Origin};

pub static READER: Reader = Reader {
    area: "firewall",
    about: "rules of nftables, iptables or ufw on disk: policies, loopback, ports that are let in",
    reads: &["/etc/nftables.conf", "/etc/iptables/rules.v4", "/etc/iptables/rules.v6", "/etc/ufw/ufw.conf"],
    read,
};

fn read(image: &Image<'_>) -> Result<Vec<Fact>, Fault> {
    let front_ends = [nftables::read(image)?, iptables::read(image)?, ufw::read(image)?];
    let mut facts = front_ends.concat();
    if facts.is_empty() {
        return Err(Fault::Missing { what: READER.reads.join(", ") });
    }
    let enabled: Vec<String> = named(&facts, "yes");
    if !enabled.is_empty() {
        facts.retain(|fact| fact.key == "enabled" || enabled.contains(&fact.scope));
    }
    Ok(facts)
}

fn named(facts: &[Fact], value: &str) -> Vec<String> {
    let of = facts.iter().filter(|fact| fact.key == "enabled" && fact.value == value);
    of.map(|fact| fact.scope.clone()).collect()
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

//! nftables: what is open today stays open, all else is closed. It has a table of its own, so that those of others
//! (containers, fail2ban) stay as they are.

use crate::config::draft::{Draft, Given};
use std::collections::BTreeSet;

const MAIN: &str = "/etc/nftables.conf";
const OTHERS: [&str; 3] = ["ufw.service", "netfilter-persistent.service", "firewalld.service"];
const WANTED_BY: &str = "/etc/systemd/system/sysinit.target.wants/nftables.service";
const UNIT: &str = "/lib/systemd/system/nftables.service";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if let Some(other) = OTHERS.iter().find(|unit| draft.host.starts(unit)) {
        return Err(format!("{other} is the firewall of this host, and two work against each other"));
    }
    if draft.host.texts.get(MAIN).is_some_and(|own| has_rules(&own.text)) {
        return Err(format!("{MAIN} has rules of its own, which are not rewritten"));
    }
    let ports = open_ports(draft)?;
    for protocol in ["tcp", "udp"] {
        let own: Vec<String> =
            ports.iter().filter_map(|port| Some(port.strip_prefix(protocol)?.strip_prefix('/')?.to_owned())).collect();
        if !own.is_empty() {
            draft.give(&format!("{protocol}_ports"), Given::Many(own));
        }
    }
    passing(draft);
    if !draft.host.starts("nftables.service") {
        draft.lay(WANTED_BY, crate::config::artifact::Entry::Link(UNIT.to_owned()));
    }
    Ok(())
}

/// Debian's own file has three chains without a rule.
fn has_rules(text: &str) -> bool {
    let verdict = |word: &str| ["accept", "drop", "reject", "jump", "goto"].contains(&word.trim_end_matches(';'));
    let line = |line: &str| !line.trim_start().starts_with('#') && line.split_whitespace().any(verdict);
    !text.starts_with("#!/usr/sbin/nft -f\n# Written by hostward:") && !text.contains("# Written by hostward:") && text.lines().any(line)
}

/// What is listened on now; for an image, what the configurations of its servers say.
fn open_ports(draft: &mut Draft<'_>) -> Result<BTreeSet<String>, String> {
    let ssh = draft.host.ssh_ports();
    let mut ports: BTreeSet<String> = if draft.host.sees("listening") {
        draft.host.area("listening").iter().map(|fact| fact.key.clone()).collect()
    } else {
        configured(draft)
    };
    if let Some(own) = draft.parameter("ports") {
        ports = own.split(',').map(|port| port.trim().to_owned()).collect();
        let closed = ssh.iter().find(|port| !ports.contains(&format!("tcp/{port}")));
        if let Some(port) = closed.filter(|_| draft.host.sees("sshd")) {
            return Err(format!("the parameter nftables.ports lacks tcp/{port}, by which the host is administered"));
        }
    }
    if ports.is_empty() {
        return Err("it cannot be told which ports are in use; name them with the parameter nftables.ports".to_owned());
    }
    for port in &ports {
        draft.keep(port.clone(), "it is in use today, so it stays open");
    }
    Ok(ports)
}

fn configured(draft: &Draft<'_>) -> BTreeSet<String> {
    let mut ports: BTreeSet<String> = BTreeSet::new();
    if draft.host.sees("sshd") {
        ports.extend(draft.host.ssh_ports().iter().map(|port| format!("tcp/{port}")));
    }
    for area in ["nginx", "apache"] {
        let listens = draft.host.area(area).iter().filter(|fact| fact.key == "listen");
        ports.extend(listens.filter_map(|fact| port_of(&fact.value)).map(|port| format!("tcp/{port}")));
    }
    ports
}

/// `80`, `[::]:80 default_server`, `127.0.0.1:8080`: that of loopback needs no rule.
fn port_of(listen: &str) -> Option<u16> {
    let place = listen.split_whitespace().next()?;
    let (address, port) = place.rsplit_once(':').unwrap_or(("", place));
    if address.starts_with("127.") || address == "[::1]" || place.starts_with("unix:") {
        return None;
    }
    port.parse().ok()
}

/// Packets for others pass where the host passes them on; what it sends is closed only where somebody said what it sends.
fn passing(draft: &mut Draft<'_>) {
    let declared = ["router", "container-host"].iter().any(|own| draft.wish.declared.contains(*own));
    let forwarding = draft.host.first("sysctl", "net.ipv4.ip_forward") == Some("1")
        || draft.host.first("sysctl-running", "net.ipv4.ip_forward") == Some("1");
    if declared || forwarding {
        draft.keep("forward policy accept", "the host passes packets on: containers, a VPN or a network behind it");
        draft.give("forwards", Given::Flag);
    }
    if draft.wish.level < crate::check::Level::Strict {
        return;
    }
    match draft.parameter("output_ports") {
        Some(own) => {
            draft.give("output_ports", Given::Many(own.split(',').map(|port| port.trim().to_owned()).collect()));
        }
        None => draft.refuse(
            "output policy drop",
            "what the host connects to is not known; name the TCP ports with the parameter nftables.output_ports",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_addresses_that_others_reach() {
        let cases = ["80", "[::]:443 ssl", "0.0.0.0:8080 default_server", "127.0.0.1:81", "[::1]:82", "unix:/run/x", "*:8081"];
        assert_eq!(cases.map(port_of), [Some(80), Some(443), Some(8080), None, None, None, Some(8081)]);
    }

    #[test]
    fn empty_chains_are_no_rules() {
        assert!(!has_rules("table inet filter {\n chain input {\n type filter hook input priority filter;\n }\n}\n# accept\n"));
        assert!(has_rules("chain input {\n policy drop;\n}"));
        assert!(has_rules("tcp dport 22 accept"));
    }
}

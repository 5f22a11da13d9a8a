//! What a firewall leaves open, whichever it is: what is in use today.

use crate::config::draft::{Draft, Given};
use std::collections::BTreeSet;

/// Gives the template the TCP and UDP ports that stay open.
pub fn give_ports(draft: &mut Draft<'_>) -> Result<(), String> {
    let ports = open_ports(draft)?;
    for protocol in ["tcp", "udp"] {
        let own: Vec<String> = ports
            .iter()
            .filter_map(|port| Some(port.strip_prefix(protocol)?.strip_prefix('/')?.to_owned()))
            .collect();
        if !own.is_empty() {
            draft.give(&format!("{protocol}_ports"), Given::Many(own));
        }
    }
    Ok(())
}

/// Packets for others pass where the host passes them on today.
pub fn forwarding(draft: &mut Draft<'_>) {
    if draft.host.passes_on(&draft.wish.declared).is_some() {
        draft.keep(
            "forward policy accept",
            "the host passes packets on: containers, a VPN or a network behind it",
        );
        draft.give("forwards", Given::Flag);
    }
}

/// What is listened on now; for an image, what the configurations of its servers say.
fn open_ports(draft: &mut Draft<'_>) -> Result<BTreeSet<String>, String> {
    let ssh = draft.host.ssh_ports();
    let mut ports: BTreeSet<String> = if draft.host.sees("listening") {
        draft.host.area("listening").iter().map(|fact| fact.key.clone()).collect()
    } else {
        configured(draft)
    };
    if let Some(own) = draft.listed("ports") {
        ports = own.into_iter().collect();
        let closed = ssh.iter().find(|port| !ports.contains(&format!("tcp/{port}")));
        if let Some(port) = closed.filter(|_| draft.host.sees("sshd")) {
            return Err(format!(
                "the parameter {}.ports lacks tcp/{port}, by which the host is administered",
                draft.front.name
            ));
        }
    }
    if ports.is_empty() {
        let name = &draft.front.name;
        return Err(format!(
            "it cannot be told which ports are in use; name them with the parameter {name}.ports"
        ));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_addresses_that_others_reach() {
        let cases = [
            "80",
            "[::]:443 ssl",
            "0.0.0.0:8080 default_server",
            "127.0.0.1:81",
            "[::1]:82",
            "unix:/run/x",
            "*:8081",
        ];
        assert_eq!(cases.map(port_of), [Some(80), Some(443), Some(8080), None, None, None, Some(8081)]);
    }
}

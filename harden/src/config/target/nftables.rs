//! nftables: what is open today stays open, all else is closed. It has a table of its own, so that those of others
//! (containers, fail2ban) stay as they are.

use super::ports::{forwarding, give_ports};
use crate::config::draft::{Draft, Given};

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
    give_ports(draft)?;
    passing(draft);
    if !draft.host.starts("nftables.service") {
        draft.lay(WANTED_BY, crate::config::artifact::Entry::Link(UNIT.to_owned()));
    }
    Ok(())
}

/// Debian's own file has three chains without a rule.
fn has_rules(text: &str) -> bool {
    let verdict =
        |word: &str| ["accept", "drop", "reject", "jump", "goto"].contains(&word.trim_end_matches(';'));
    let line = |line: &str| !line.trim_start().starts_with('#') && line.split_whitespace().any(verdict);
    !text.contains("# Written by hostward:") && text.lines().any(line)
}

/// Packets for others pass where the host passes them on; what it sends is closed only where somebody said what it sends.
fn passing(draft: &mut Draft<'_>) {
    forwarding(draft);
    if draft.wish.level < crate::check::Level::Strict {
        return;
    }
    match draft.listed("output_ports") {
        Some(own) => draft.give("output_ports", Given::Many(own)),
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
    fn empty_chains_are_no_rules() {
        assert!(!has_rules(
            "table inet filter {\n chain input {\n type filter hook input priority filter;\n }\n}\n# accept\n"
        ));
        assert!(has_rules("chain input {\n policy drop;\n}"));
        assert!(has_rules("tcp dport 22 accept"));
    }
}

//! iptables, where netfilter-persistent loads its rules at boot: what is open today stays open, all else is closed, for both
//! families of addresses.

use super::ports::{forwarding, give_ports};
use crate::config::draft::Draft;
use crate::config::host::Text;

const V6: &str = "/etc/iptables/rules.v6";
const OTHERS: [&str; 3] = ["ufw.service", "nftables.service", "firewalld.service"];
const MARK: &str = "# Written by hostward:";

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if let Some(other) = OTHERS.iter().find(|unit| draft.host.starts(unit)) {
        return Err(format!("{other} is a firewall of this host, too, and two work against each other"));
    }
    let rules =
        |own: &Text| !own.text.starts_with(MARK) && own.text.lines().any(|line| line.starts_with("-A "));
    let mut files =
        draft.host.texts.iter().filter(|(path, own)| path.starts_with("/etc/iptables/") && rules(own));
    if let Some((path, _)) = files.next() {
        return Err(format!("{path} has rules of its own, which are not rewritten"));
    }
    give_ports(draft)?;
    forwarding(draft);
    let v6 = draft.part("v6")?;
    draft.file(V6, v6, draft.front.mode());
    Ok(())
}

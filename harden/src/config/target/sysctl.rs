//! Kernel parameters: forwarding and router advertisements stay where something needs them.

use crate::config::draft::{Draft, Given};

const ROUTES: &str = "/proc/net/ipv6_route";
/// Of a route: a router advertised it. linux/ipv6_route.h
const RTF_ADDRCONF: u32 = 0x0004_0000;

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if forwards(draft) {
        draft.give("forwards", Given::Flag);
    }
    if advertised(draft) {
        draft.keep("accept_ra", "the default route of IPv6 comes from a router's advertisement");
        draft.give("advertised", Given::Flag);
    }
    if draft.wish.level >= crate::check::Level::Strict && draft.parameter("modules_disabled").is_none() {
        let why = "modules that are loaded later (file systems, the firewall) would be missing until a reboot; \
                   set the parameter sysctl.modules_disabled to 1 once that was tried";
        draft.refuse("kernel.modules_disabled", why);
    }
    Ok(())
}

/// A router or a host with containers passes packets on.
fn forwards(draft: &mut Draft<'_>) -> bool {
    if let Some(purpose) = ["router", "container-host"].iter().find(|own| draft.wish.declared.contains(**own)) {
        draft.keep("forwarding", format!("the host is declared a {purpose}"));
        return true;
    }
    let key = "net.ipv4.ip_forward";
    let set = draft.host.written("sysctl", key).find(|fact| fact.value == "1").cloned();
    let running = draft.host.first("sysctl-running", key) == Some("1");
    if let Some(fact) = &set {
        draft.keep("forwarding", format!("{} switches it on", fact.origin));
    } else if running {
        draft.keep("forwarding", "it is on now: containers or a VPN may need it");
    }
    set.is_some() || running
}

fn advertised(draft: &Draft<'_>) -> bool {
    let Some(routes) = draft.host.texts.get(ROUTES) else { return false };
    routes.text.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [destination, length, .., flags, _] = words.as_slice() else { return false };
        let learnt = u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & RTF_ADDRCONF != 0);
        *length == "00" && destination.bytes().all(|byte| byte == b'0') && learnt
    })
}

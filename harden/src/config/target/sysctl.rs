//! Kernel parameters: forwarding and router advertisements stay where something needs them.

use crate::config::draft::{Draft, Given};

const ROUTES: &str = "/proc/net/ipv6_route";
/// Of a route: a router advertised it. linux/ipv6_route.h
const RTF_ADDRCONF: u32 = 0x0004_0000;

pub fn prepare(draft: &mut Draft<'_>) -> Result<(), String> {
    if let Some(why) = draft.host.passes_on(&draft.wish.declared) {
        draft.keep("forwarding", why);
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

fn advertised(draft: &Draft<'_>) -> bool {
    let Some(routes) = draft.host.texts.get(ROUTES) else { return false };
    routes.text.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [destination, length, .., flags, _] = words.as_slice() else { return false };
        let learnt = u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & RTF_ADDRCONF != 0);
        *length == "00" && destination.bytes().all(|byte| byte == b'0') && learnt
    })
}

//! The names of network devices by their numbers, which is how netlink speaks of them.

use super::{DUMP, Message, Protocol, Request, ask, attribute, text, u32_at};
use crate::Fault;
use std::collections::BTreeMap;

const GET_LINK: u16 = 18;
const IFLA_IFNAME: u16 = 3;
/// `struct ifinfomsg`
const BODY_BYTES: usize = 16;

/// All devices.
pub fn links() -> Result<BTreeMap<u32, String>, Fault> {
    let mut links = BTreeMap::new();
    ask(Protocol::Route, Request::new(GET_LINK, DUMP, 1, &[0; BODY_BYTES]), |message| {
        links.extend(parse(&message));
        Ok(())
    })?;
    Ok(links)
}

fn parse(message: &Message<'_>) -> Option<(u32, String)> {
    let name = attribute(message.attributes(BODY_BYTES), IFLA_IFNAME)?;
    Some((u32_at(message.body, 4)?, text(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_lists_its_links() {
        assert!(links().unwrap().values().any(|name| name == "lo"));
    }

    #[test]
    fn a_link_without_a_name_is_none() {
        let body = [0; BODY_BYTES];
        assert_eq!(parse(&Message { kind: 16, sequence: 1, body: &body }), None);
    }
}

//! A route in a message, rtnetlink(7).

use crate::netlink::{Attributes, Message, attribute, bytes_at, u16_at, u32_at};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `struct rtmsg`: family, lengths of destination and source, service, table, protocol, scope, type, flags.
pub const BODY_BYTES: usize = 12;
/// `RTN_UNICAST`: leads somewhere; others are local, broadcast, unreachable.
const UNICAST: u8 = 1;
/// `struct rtnexthop`: length, flags, weight, device.
const HOP_BYTES: usize = 8;

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_PRIORITY: u16 = 6;
const RTA_PREFSRC: u16 = 7;
const RTA_MULTIPATH: u16 = 9;

/// What is told of a route, as labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    pub destination: String,
    pub gateway: String,
    pub priority: String,
    pub protocol: &'static str,
    pub source: String,
    pub weight: String,
}

/// Calls `take` with each way that a route leads, and the number of its device; not for other kinds of routes.
pub fn parse(message: &Message<'_>, take: &mut dyn FnMut(u32, Route)) {
    let Some([_, length, _, _, _, protocol, _, UNICAST]) = bytes_at(message.body, 0) else { return };
    let attributes = message.attributes(BODY_BYTES);
    let number = |kind| attribute(attributes, kind).and_then(|bytes| u32_at(bytes, 0));
    let route = Route {
        destination: destination(attribute(attributes, RTA_DST), length),
        gateway: address(attributes, RTA_GATEWAY),
        priority: number(RTA_PRIORITY).unwrap_or(0).to_string(),
        protocol: protocol_name(protocol),
        source: address(attributes, RTA_PREFSRC),
        weight: String::new(),
    };
    match attribute(attributes, RTA_MULTIPATH) {
        Some(hops) => parse_hops(hops, &route, take),
        None => take(number(RTA_OIF).unwrap_or(0), route),
    }
}

fn parse_hops(mut hops: &[u8], route: &Route, take: &mut dyn FnMut(u32, Route)) {
    while let Some(hop) = u16_at(hops, 0).and_then(|length| hops.get(..usize::from(length))) {
        let (Some(link), Some(own)) = (u32_at(hop, 4), hop.get(HOP_BYTES..)) else { return };
        let weight = (u16::from(hop[3]) + 1).to_string();
        take(link, Route { gateway: address(Attributes(own), RTA_GATEWAY), weight, ..route.clone() });
        hops = hops.get(hop.len().next_multiple_of(4)..).unwrap_or(&[]);
    }
}

fn destination(bytes: Option<&[u8]>, length: u8) -> String {
    match bytes.and_then(ip) {
        Some(address) if length > 0 => format!("{address}/{length}"),
        _ => "default".to_owned(),
    }
}

fn address(attributes: Attributes<'_>, kind: u16) -> String {
    attribute(attributes, kind).and_then(ip).map_or(String::new(), |address| address.to_string())
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => bytes_at::<4>(bytes, 0).map(|bytes| Ipv4Addr::from(bytes).into()),
        16 => bytes_at::<16>(bytes, 0).map(|bytes| Ipv6Addr::from(bytes).into()),
        _ => None,
    }
}

/// Who made a route: `RTPROT_*` in `include/uapi/linux/rtnetlink.h`.
fn protocol_name(protocol: u8) -> &'static str {
    match protocol {
        0 => "unspec",
        1 => "redirect",
        2 => "kernel",
        3 => "boot",
        4 => "static",
        8 => "gated",
        9 => "ra",
        10 => "mrt",
        11 => "zebra",
        12 => "bird",
        13 => "dnrouted",
        14 => "xorp",
        15 => "ntk",
        16 => "dhcp",
        17 => "mrouted",
        42 => "babel",
        186 => "bgp",
        187 => "isis",
        188 => "ospf",
        189 => "rip",
        192 => "eigrp",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::Request;

    fn parsed(bytes: &[u8]) -> Vec<(u32, Route)> {
        let mut routes = Vec::new();
        parse(&Message::split(bytes).unwrap().0, &mut |link, route| routes.push((link, route)));
        routes
    }

    fn body(length: u8, kind: u8) -> [u8; BODY_BYTES] {
        [2, length, 0, 0, 254, 16, 0, kind, 0, 0, 0, 0]
    }

    #[test]
    fn one_way() {
        let request = Request::new(24, 0, 1, &body(24, UNICAST))
            .with(RTA_DST, &[192, 0, 2, 0])
            .with(RTA_OIF, &2u32.to_ne_bytes())
            .with(RTA_PREFSRC, &[192, 0, 2, 7])
            .with(RTA_PRIORITY, &100u32.to_ne_bytes());
        let expected = Route {
            destination: "192.0.2.0/24".to_owned(),
            priority: "100".to_owned(),
            protocol: "dhcp",
            source: "192.0.2.7".to_owned(),
            ..Route::default()
        };
        assert_eq!(parsed(&request.into_bytes()), [(2, expected)]);
        assert!(parsed(&Request::new(24, 0, 1, &body(32, 2)).into_bytes()).is_empty(), "a local address");
    }

    #[test]
    fn several_ways() {
        let hop = |link: u8, weight: u8| {
            [&[16, 0, 0, weight, link, 0, 0, 0, 8, 0, RTA_GATEWAY as u8, 0][..], &[192, 0, 2, link]].concat()
        };
        let hops = [hop(2, 0), hop(3, 9)].concat();
        let bytes = Request::new(24, 0, 1, &body(0, UNICAST)).with(RTA_MULTIPATH, &hops).into_bytes();
        let seen: Vec<_> = parsed(&bytes).into_iter().map(|(link, r)| (link, r.gateway, r.weight)).collect();
        let way = |link: u32, weight: &str| (link, format!("192.0.2.{link}"), weight.to_owned());
        assert_eq!(seen, [way(2, "1"), way(3, "10")]);
        // A length of zero or past the end does not go on for ever.
        for length in [0u8, 4, 200] {
            let mut lying = hops.clone();
            lying[0] = length;
            let bytes = Request::new(24, 0, 1, &body(0, UNICAST)).with(RTA_MULTIPATH, &lying).into_bytes();
            assert!(parsed(&bytes).is_empty(), "{length}");
        }
    }
}

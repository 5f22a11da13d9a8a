//! The addresses of network devices: IPv6 from its file; IPv4 has none, so the kernel is asked over netlink.

use crate::netlink::{Attributes, DUMP, Message, Protocol, Request, ask_within, attribute, bytes_at, text};
use crate::words::{Line, lines};
use crate::{Fault, Filter, Host};
use hostward_model::{Batch, Metric};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

pub static INFO: Metric = Metric::gauge(
    "node_network_address_info",
    "An address of a network device; the value is always 1.",
    &["address", "device", "netmask", "scope"],
);

pub const PATH6: &str = "/proc/net/if_inet6";
/// More addresses than this are left out, and a gap says so.
const ADDRESSES_MAX: usize = 1024;
/// The question is asked in the tick itself, so it may not take long.
const DEADLINE: Duration = Duration::from_millis(100);

const GET_ADDRESS: u16 = 22;
const AF_INET: u8 = 2;
const IFA_LOCAL: u16 = 2;
const IFA_LABEL: u16 = 3;
/// `struct ifaddrmsg`
const BODY_BYTES: usize = 8;

/// A captured host has IPv6 addresses only. One kind that cannot be had does not hide the other.
pub fn collect(host: &mut Host, filter: &Filter, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let result = if host.is_live() { collect_v4(filter, before, out) } else { Ok(()) };
    match host.read(PATH6) {
        Ok(list) => result.and(parse_v6(list, filter, before, out)),
        Err(Fault::Missing { .. }) => result,
        Err(fault) => result.and(Err(fault)),
    }
}

fn collect_v4(filter: &Filter, before: usize, out: &mut Batch) -> Result<(), Fault> {
    let request = Request::new(GET_ADDRESS, DUMP, 1, &[AF_INET, 0, 0, 0, 0, 0, 0, 0]);
    ask_within(Protocol::Route, request, DEADLINE, |message| {
        if let Some((device, address, prefix)) = parse_v4(&message) {
            push(&device, IpAddr::V4(address), prefix, filter, before, out);
        }
        Ok(())
    })
}

/// The label of an address is the name of its device, perhaps with `:1` behind it.
fn parse_v4(message: &Message<'_>) -> Option<(String, Ipv4Addr, u8)> {
    let attributes: Attributes<'_> = message.attributes(BODY_BYTES);
    let label = text(attribute(attributes, IFA_LABEL)?);
    let address = Ipv4Addr::from(bytes_at::<4>(attribute(attributes, IFA_LOCAL)?, 0)?);
    Some((label.split(':').next()?.to_owned(), address, *message.body.get(1)?))
}

/// `fe80000000000000020c29fffe0b1d2a 02 40 20 80     eth0`
fn parse_v6(list: &str, filter: &Filter, before: usize, out: &mut Batch) -> Result<(), Fault> {
    for mut line in lines(PATH6, list) {
        let (address, prefix) = (parse_address(&mut line)?, line.nth_word(1).unwrap_or(""));
        let prefix =
            u8::try_from(line.as_hex(prefix)?).map_err(|_| line.fault(prefix, "a length up to 80"))?;
        let device = line.nth_word(2).ok_or_else(|| line.fault("", "a device"))?;
        push(device, IpAddr::V6(address), prefix, filter, before, out);
    }
    Ok(())
}

fn parse_address(line: &mut Line<'_>) -> Result<Ipv6Addr, Fault> {
    let word = line.word().unwrap_or("");
    let address = u128::from_str_radix(word, 16).ok().filter(|_| word.len() == 32);
    address.map(Ipv6Addr::from).ok_or_else(|| line.fault(word, "an address of 32 digits"))
}

fn push(device: &str, address: IpAddr, prefix: u8, filter: &Filter, before: usize, out: &mut Batch) {
    if !filter.takes(device) {
        return;
    }
    match out.len() - before {
        0..ADDRESSES_MAX => {
            let labels = [&address.to_string(), device, &prefix.to_string(), scope(address)];
            out.push(&INFO, &labels, 1.0);
        }
        _ if out.gaps().is_empty() => {
            out.push_gap(INFO.name, "the first 1024 addresses are given, the others are not", "");
        }
        _ => {}
    }
}

/// In the words of node_exporter.
fn scope(address: IpAddr) -> &'static str {
    let is_local = match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local(),
    };
    let is_none =
        address.is_unspecified() || address.is_multicast() || address == IpAddr::V4(Ipv4Addr::BROADCAST);
    match (is_local, is_none) {
        (true, _) => "link-local",
        (_, false) => "global",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    fn parse(list: &str, out: &mut Batch) -> Result<(), Fault> {
        parse_v6(list, &Filter::default(), 0, out)
    }

    #[test]
    fn addresses_of_both_kinds() {
        check(
            parse,
            "00000000000000000000000000000001 01 80 10 80       lo\n\
             20010db8000000000000000000000002 02 40 00 80     eth0\n",
            expect![[r#"
                node_network_address_info{address="::1",device="lo",netmask="128",scope="link-local"} 1
                node_network_address_info{address="2001:db8::2",device="eth0",netmask="64",scope="global"} 1
            "#]],
        );
        let request = Request::new(20, 0, 1, &[AF_INET, 24, 0, 0, 2, 0, 0, 0]);
        let bytes = request.with(IFA_LOCAL, &[192, 0, 2, 7]).with(IFA_LABEL, b"eth0:1\0").into_bytes();
        let message = Message::split(&bytes).unwrap().0;
        assert_eq!(parse_v4(&message), Some(("eth0".to_owned(), Ipv4Addr::new(192, 0, 2, 7), 24)));
        assert_eq!(parse_v4(&Message { body: &message.body[..12], ..message }), None);
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "::1 01 80 10 80 lo\n",
            expect![[r#"
                fault malformed: /proc/net/if_inet6:1: expected an address of 32 digits, found "::1"
            "#]],
        );
        check(
            parse,
            "00000000000000000000000000000001 01 80 10\n",
            expect![[r#"
                fault malformed: /proc/net/if_inet6:1: expected a device, found ""
            "#]],
        );
    }

    #[test]
    fn the_live_host_has_a_loopback_address() {
        let mut out = Batch::new();
        collect(&mut Host::new("/"), &Filter::default(), &mut out).unwrap();
        assert!(out.samples().any(|sample| sample.labels().next() == Some("127.0.0.1")));
    }
}

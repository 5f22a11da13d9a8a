//! Which addresses are out in the world. The others, this host and its own network, are where services listen that trust
//! whoever can reach them: a webhook must not become a way to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that are not the world: first address and length of the prefix, by the registries of special addresses of IANA.
const V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// Whether an address is out in the world.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(own) => is_public_v4(own),
        IpAddr::V6(own) => is_public_v6(own),
    }
}

fn is_public_v4(own: Ipv4Addr) -> bool {
    let within = |(net, bits): &([u8; 4], u32)| {
        (own.to_bits() ^ Ipv4Addr::from(*net).to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
    };
    !V4.iter().any(within)
}

/// Only 2000::/3 is given out. Within it and beside it there are addresses that stand for one of IPv4, which counts then.
fn is_public_v6(own: Ipv6Addr) -> bool {
    let [a, b, c, .., g, h] = own.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        (0x64, 0xff9b) if own.segments()[2..6] == [0; 4] => is_public_v4(v4(g, h)),
        (0x2002, _) => is_public_v4(v4(b, c)),
        (0x2001, 0..=0x1ff | 0xdb8) => false,
        _ => match own.to_ipv4_mapped() {
            Some(own) => is_public_v4(own),
            None => (0x2000..0x4000).contains(&a) && a != 0x3fff,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_told_from_the_house() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for text in ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.32.0.1", "100.128.0.1", "223.255.255.255"] {
            assert!(public(text), "{text}");
        }
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!public(text), "{text}");
        }
        for text in
            ["2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"]
        {
            assert!(public(text), "{text}");
        }
        for text in [
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:a00:1::",
            "::7f00:1",
            "3fff::1",
        ] {
            assert!(!public(text), "{text}");
        }
    }
}

//! `/proc/net/{tcp,tcp6,udp,udp6}`, proc_pid_net(5).

use super::{Socket, endpoint, is_in};
use crate::Fault;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A heading, then a line for each socket; the first line that makes no sense ends it.
pub fn sockets(file: &str, text: &str, states: u32, take: &mut dyn FnMut(Socket)) -> Result<(), Fault> {
    if !text.trim_start().starts_with("sl") {
        let word = text.split_whitespace().next().unwrap_or("");
        return Err(Fault::malformed(file, 1, word, "the heading of the table"));
    }
    for (index, line) in text.lines().enumerate().skip(1) {
        let known = socket(line);
        let known = known.ok_or_else(|| Fault::malformed(file, index + 1, line, "the fields of a socket"))?;
        if is_in(known.state, states) {
            take(known);
        }
    }
    Ok(())
}

/// `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:0 0 1000 0 2740 …`
pub fn socket(line: &str) -> Option<Socket> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let (local, peer) = (address(words.next()?)?, address(words.next()?)?);
    let state = u8::from_str_radix(words.next()?, 16).ok()?;
    let (sending, receiving) = words.next()?.split_once(':')?;
    let uid = words.nth(2)?.parse().ok()?;
    Some(Socket {
        local,
        peer,
        state,
        uid,
        inode: words.nth(1)?.parse().ok()?,
        sending_bytes: u64::from_str_radix(sending, 16).ok()?,
        receiving_bytes: u64::from_str_radix(receiving, 16).ok()?,
    })
}

/// Words of 32 bits in the byte order of the host, in hexadecimal; the port in the order one reads.
fn address(field: &str) -> Option<SocketAddr> {
    let (address, port) = field.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok();
    let address = match address.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?.to_ne_bytes())),
        32 => {
            let mut bytes = [0; 16];
            for (at, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(at)?.to_ne_bytes());
            }
            IpAddr::from(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some(endpoint(address, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inet::{ALL_STATES, LISTEN};

    #[cfg(target_endian = "little")]
    #[test]
    fn a_table() {
        let text = "  sl  local_address\n   0: 0100007F:4A9C 00000000:0000 0A 00000001:00000002 00:0 0     7        0 24 1 x\n\
            1: 0000000000000000FFFF00000200000A:0016 0000000000000000FFFF0000070200C0:C1B6 01 0:0 0:0 0 33 0 9 1\n";
        let mut seen = Vec::new();
        sockets("f", text, ALL_STATES, &mut |socket| seen.push(socket)).unwrap();
        let first = Socket {
            local: "127.0.0.1:19100".parse().unwrap(),
            peer: "0.0.0.0:0".parse().unwrap(),
            state: LISTEN,
            uid: 7,
            inode: 24,
            sending_bytes: 1,
            receiving_bytes: 2,
        };
        assert_eq!(seen[0], first);
        assert_eq!(
            (seen[1].local.to_string(), seen[1].peer.to_string()),
            ("10.0.0.2:22".into(), "192.0.2.7:49590".into())
        );
        sockets("f", text, 1 << LISTEN, &mut |socket| assert_eq!(socket, first)).unwrap();
    }

    #[test]
    fn nonsense_is_none() {
        for line in [
            "",
            "0: 0100007F:4A9C",
            "0: zz:1 0:0 0A 0:0 0 0 0 0 0",
            "0: 0100007F:4A9C 00000000:0000 100 0:0 0 0 0 0 0",
            "0: 0100007F0:4A9C 00000000:0000 01 0:0 0 0 0 0 0",
            "0: 0100007F:4A9C 00000000:0000 01 0 0 0 0 0 0",
            "0: 0100007F:4A9C 00000000:0000 01 0:0 0 0 0 0",
            "0: éééé:1 é:1 0A 0:0 0 0 0 0 0",
        ] {
            assert_eq!(socket(line), None, "{line}");
        }
        let fault = sockets("f", "sl\nnonsense\n", ALL_STATES, &mut |_| {}).unwrap_err();
        assert_eq!(fault.to_string(), "f:2: expected the fields of a socket, found \"nonsense\"");
        assert!(sockets("f", "", ALL_STATES, &mut |_| {}).is_err());
    }
}

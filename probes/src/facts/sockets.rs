//! Open sockets: `/proc/net/{tcp,tcp6,udp,udp6}`, proc_net(5).

use super::Section;
use crate::{Fault, Host};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const TABLES: [(&str, &str); 4] = [
    ("tcp", "/proc/net/tcp"),
    ("tcp", "/proc/net/tcp6"),
    ("udp", "/proc/net/udp"),
    ("udp", "/proc/net/udp6"),
];

const LISTENING_MAX: usize = 120;
const PEERS_MAX: usize = 40;

/// Names of the states of TCP, from 1 on, as the kernel numbers them.
const STATES: [&str; 12] = [
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "NEW_SYN_RECV",
];

#[derive(Debug, PartialEq)]
struct Socket {
    local: SocketAddr,
    peer: SocketAddr,
    state: &'static str,
    uid: u32,
}

#[derive(Default)]
struct Seen {
    states: BTreeMap<(&'static str, &'static str), u64>,
    listening: Vec<String>,
    peers: BTreeMap<IpAddr, u64>,
}

/// How many sockets in which state, who listens where, and the peers with most connections.
pub fn open_sockets(host: &Host) -> Section {
    let (mut seen, mut faults) = (Seen::default(), Vec::new());
    for (protocol, path) in TABLES {
        if let Err(fault) = look(host, protocol, path, &mut seen) {
            faults.push(fault.to_string());
        }
    }
    let gap = (!faults.is_empty()).then(|| faults.join("; "));
    Section { title: "sockets", lines: seen.lines(), gap }
}

fn look(host: &Host, protocol: &'static str, path: &str, seen: &mut Seen) -> Result<(), Fault> {
    let text = host.bytes(path)?;
    let text = String::from_utf8_lossy(&text);
    // The first line is the heading.
    for (index, line) in text.lines().enumerate().skip(1) {
        let socket = parse(line);
        let socket =
            socket.ok_or_else(|| Fault::malformed(path, index + 1, line, "the fields of a socket"))?;
        seen.add(protocol, &socket);
    }
    Ok(())
}

/// `0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 1000 …`
fn parse(line: &str) -> Option<Socket> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let state = usize::from_str_radix(fields.get(3)?, 16).ok()?;
    Some(Socket {
        local: address(fields[1])?,
        peer: address(fields[2])?,
        state: STATES.get(state.checked_sub(1)?)?,
        uid: fields.get(7)?.parse().ok()?,
    })
}

/// Words of 32 bits in the byte order of the host, in hexadecimal; the port in the order one reads.
fn address(field: &str) -> Option<SocketAddr> {
    let (address, port) = field.split_once(':')?;
    let words: Vec<u8> = (0..address.len() / 8)
        .map(|word| u32::from_str_radix(address.get(word * 8..word * 8 + 8)?, 16).ok().map(u32::to_ne_bytes))
        .collect::<Option<Vec<_>>>()?
        .concat();
    let address = match address.len() {
        8 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(words).ok()?)),
        32 => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(words).ok()?)),
        _ => return None,
    };
    Some(SocketAddr::new(address.to_canonical(), u16::from_str_radix(port, 16).ok()?))
}

impl Seen {
    fn add(&mut self, protocol: &'static str, socket: &Socket) {
        *self.states.entry((protocol, socket.state)).or_default() += 1;
        let waiting = socket.state == "LISTEN" || (protocol == "udp" && socket.state == "CLOSE");
        if waiting {
            self.listening.push(format!("{protocol} {} listening, uid {}", socket.local, socket.uid));
        } else if socket.peer.port() != 0 && socket.state != "TIME_WAIT" {
            *self.peers.entry(socket.peer.ip()).or_default() += 1;
        }
    }

    fn lines(mut self) -> Vec<String> {
        let states =
            self.states.iter().map(|((protocol, state), count)| format!("{protocol} {state}: {count}"));
        let mut lines: Vec<String> = states.collect();
        bound(&mut self.listening, LISTENING_MAX);
        lines.append(&mut self.listening);
        let mut peers: Vec<_> = self.peers.into_iter().collect();
        peers.sort_by_key(|(_, count)| Reverse(*count));
        let mut peers = peers.iter().map(|(peer, count)| format!("peer {peer}: {count}")).collect();
        bound(&mut peers, PEERS_MAX);
        lines.append(&mut peers);
        lines
    }
}

fn bound(lines: &mut Vec<String>, lines_max: usize) {
    if lines.len() > lines_max {
        let rest = lines.len() - lines_max;
        lines.truncate(lines_max);
        lines.push(format!("… and {rest} more"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn shown(tables: &[(&'static str, &str)]) -> String {
        let mut seen = Seen::default();
        for (protocol, table) in tables {
            table.lines().filter_map(parse).for_each(|socket| seen.add(protocol, &socket));
        }
        seen.lines().join("\n")
    }

    const TCP: &str =
        "   0: 0100007F:4A9C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24 1 x
   1: 0200000A:0016 070200C0:C1B4 01 00000000:00000000 02:00000000 00000000  1000        0 25 2 x
   2: 0200000A:0016 070200C0:C1B5 01 00000000:00000000 02:00000000 00000000  1000        0 26 2 x
   3: 0200000A:0016 080200C0:C1B5 06 00000000:00000000 02:00000000 00000000     0        0 27 2 x";
    const TCP6: &str = "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 9 1 x
   1: 0000000000000000FFFF00000200000A:0016 0000000000000000FFFF0000070200C0:C1B6 01 0:0 0:0 0 33 0 9 1 x";

    #[cfg(target_endian = "little")]
    #[test]
    fn states_listeners_and_peers() {
        let udp = "  12: 00000000:0044 00000000:0000 07 0:0 0:0 0 101 0 9 1 x 0";
        expect![[r#"
            tcp ESTABLISHED: 3
            tcp LISTEN: 2
            tcp TIME_WAIT: 1
            udp CLOSE: 1
            tcp 127.0.0.1:19100 listening, uid 0
            tcp [::]:22 listening, uid 0
            udp 0.0.0.0:68 listening, uid 101
            peer 192.0.2.7: 3"#]]
        .assert_eq(&shown(&[("tcp", TCP), ("tcp", TCP6), ("udp", udp)]));
    }

    #[test]
    fn nonsense_is_none() {
        for line in [
            "",
            "0: 0100007F:4A9C",
            "0: zz:1 0:0 0A 0 0 0 0",
            "0: 0100007F:4A9C 00000000:0000 00 0 0 0 0",
            "0: 0100007F0:4A9C 00000000:0000 01 0 0 0 0",
            "0: 0100007F:4A9C 00000000:0000 FF 0 0 0 0",
            "0: éééé:1 é:1 0A 0 0 0 0",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn many_are_bounded() {
        let mut seen = Seen::default();
        for port in 1..1000 {
            seen.listening.push(port.to_string());
            seen.peers.insert(Ipv4Addr::from(port).into(), 1);
        }
        assert_eq!(seen.lines().len(), LISTENING_MAX + PEERS_MAX + 2);
    }
}

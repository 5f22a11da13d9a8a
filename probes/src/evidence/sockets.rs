//! Open sockets: `/proc/net/{tcp,tcp6,udp,udp6}`, proc_net(5).

use super::Section;
use crate::inet::{CLOSE, LISTEN, Socket, socket};
use crate::{Fault, Host};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

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
        let known = socket(line).and_then(|socket| Some((name_of(socket.state)?, socket)));
        let (state, socket) =
            known.ok_or_else(|| Fault::malformed(path, index + 1, line, "the fields of a socket"))?;
        seen.add(protocol, state, &socket);
    }
    Ok(())
}

fn name_of(state: u8) -> Option<&'static str> {
    STATES.get(usize::from(state).checked_sub(1)?).copied()
}

impl Seen {
    fn add(&mut self, protocol: &'static str, state: &'static str, socket: &Socket) {
        *self.states.entry((protocol, state)).or_default() += 1;
        let waiting = socket.state == LISTEN || (protocol == "udp" && socket.state == CLOSE);
        if waiting {
            self.listening.push(format!("{protocol} {} listening, uid {}", socket.local, socket.uid));
        } else if socket.peer.port() != 0 && state != "TIME_WAIT" {
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
            for socket in table.lines().filter_map(socket) {
                seen.add(protocol, name_of(socket.state).unwrap(), &socket);
            }
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
    fn states_without_a_name() {
        assert_eq!((name_of(1), name_of(10)), (Some("ESTABLISHED"), Some("LISTEN")));
        assert!(name_of(0).is_none() && name_of(13).is_none());
    }

    #[test]
    fn many_are_bounded() {
        let mut seen = Seen::default();
        for port in 1..1000 {
            seen.listening.push(port.to_string());
            seen.peers.insert(std::net::Ipv4Addr::from(port).into(), 1);
        }
        assert_eq!(seen.lines().len(), LISTENING_MAX + PEERS_MAX + 2);
    }
}

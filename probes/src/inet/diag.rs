//! `NETLINK_SOCK_DIAG`, sock_diag(7).

use super::{LISTEN, Socket, Transport, endpoint};
use crate::Fault;
use crate::netlink::{DUMP, Message, Protocol, Request, ask, bytes_at, u32_at};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `SOCK_DIAG_BY_FAMILY`
const BY_FAMILY: u16 = 20;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// `struct inet_diag_req_v2`
const REQUEST_BYTES: usize = 56;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;

/// Calls `take` with each socket of either family in one of the `states`.
pub fn sockets(transport: Transport, states: u32, take: &mut dyn FnMut(Socket)) -> Result<(), Fault> {
    let protocol = match transport {
        Transport::Tcp => IPPROTO_TCP,
        Transport::Udp => IPPROTO_UDP,
    };
    for family in [AF_INET, AF_INET6] {
        let mut body = [0; REQUEST_BYTES];
        body[..2].copy_from_slice(&[family, protocol]);
        body[4..8].copy_from_slice(&states.to_ne_bytes());
        let asked = ask(Protocol::Sockets, Request::new(BY_FAMILY, DUMP, 1, &body), |message| {
            let word = || format!("{} bytes", message.body.len());
            take(
                parse(&message)
                    .ok_or_else(|| Fault::malformed("netlink sock_diag", 1, &word(), "a socket"))?,
            );
            Ok(())
        });
        match asked {
            // A kernel without IPv6.
            Err(Fault::Missing { .. }) if family == AF_INET6 => {}
            asked => asked?,
        }
    }
    Ok(())
}

/// `struct inet_diag_msg`: family, state, timer, retransmissions; ports, addresses, device, cookie; expiry, queues,
/// user, inode. Ports and addresses are in the order of the network.
fn parse(message: &Message<'_>) -> Option<Socket> {
    let body = message.body;
    let [family, state] = bytes_at(body, 0)?;
    let address = |at| match family {
        AF_INET => bytes_at::<4>(body, at).map(|bytes| IpAddr::from(Ipv4Addr::from(bytes))),
        AF_INET6 => bytes_at::<16>(body, at).map(|bytes| IpAddr::from(Ipv6Addr::from(bytes))),
        _ => None,
    };
    let port = |at| bytes_at(body, at).map(u16::from_be_bytes);
    // For a socket that listens this is the bound of its queue.
    let sending_bytes = if state == LISTEN { 0 } else { u64::from(u32_at(body, 60)?) };
    Some(Socket {
        local: endpoint(address(8)?, port(4)?),
        peer: endpoint(address(24)?, port(6)?),
        state,
        uid: u32_at(body, 64)?,
        inode: u64::from(u32_at(body, 68)?),
        sending_bytes,
        receiving_bytes: u64::from(u32_at(body, 56)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inet::ALL_STATES;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn own_sockets_are_listed() {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let listener = TcpListener::bind("[::1]:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut seen = Vec::new();
        sockets(Transport::Tcp, 1 << LISTEN, &mut |socket| seen.push(socket)).unwrap();
        assert!(seen.iter().all(|socket| socket.state == LISTEN && socket.peer.port() == 0));
        let own = listener.local_addr().unwrap();
        assert!(seen.iter().any(|socket| socket.local == own && socket.inode > 0), "{seen:?}");
        assert!(!seen.iter().any(|socket| socket.local == tcp), "it was closed");
        seen.clear();
        sockets(Transport::Udp, ALL_STATES, &mut |socket| seen.push(socket)).unwrap();
        assert!(seen.iter().any(|socket| socket.local == udp.local_addr().unwrap()));
    }

    #[test]
    fn every_cut_is_none() {
        let mut body = [0u8; 72];
        body[..2].copy_from_slice(&[AF_INET, 1]);
        body[4..8].copy_from_slice(&[0, 22, 0xc1, 0xb4]);
        body[8..12].copy_from_slice(&[192, 0, 2, 7]);
        body[68..].copy_from_slice(&9u32.to_ne_bytes());
        fn message(body: &[u8]) -> Message<'_> {
            Message { kind: BY_FAMILY, sequence: 1, body }
        }
        let socket = parse(&message(&body)).unwrap();
        assert_eq!(
            (socket.local.to_string(), socket.peer.port(), socket.inode),
            ("192.0.2.7:22".into(), 49588, 9)
        );
        assert!((0..72).all(|length| parse(&message(&body[..length])).is_none()));
        body[0] = 99;
        assert_eq!(parse(&message(&body)), None);
    }
}

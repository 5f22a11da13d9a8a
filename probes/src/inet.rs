//! TCP and UDP sockets as the kernel lists them: in a file, proc_pid_net(5), or over netlink, sock_diag(7), which
//! is several times as fast and can leave out sockets in states that nobody asked for.

mod diag;
mod table;

use crate::{Fault, Host};
use std::net::{IpAddr, SocketAddr};

pub use table::socket;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    /// The word in labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
    }

    /// The table of IPv4 and the one of IPv6.
    fn tables(self) -> [&'static str; 2] {
        match self {
            Transport::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
            Transport::Udp => ["/proc/net/udp", "/proc/net/udp6"],
        }
    }
}

/// `TCP_CLOSE`: also that of a UDP socket without a peer.
pub const CLOSE: u8 = 7;
/// `TCP_LISTEN`
pub const LISTEN: u8 = 10;
/// A set of all states.
pub const ALL_STATES: u32 = u32::MAX;

/// One socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    pub local: SocketAddr,
    pub peer: SocketAddr,
    /// As the kernel numbers the states of TCP.
    pub state: u8,
    pub uid: u32,
    pub inode: u64,
    /// Bytes that were not sent or acknowledged yet; of no meaning for a socket that listens.
    pub sending_bytes: u64,
    /// Bytes that the program has not read yet; connections that wait, for a socket that listens.
    pub receiving_bytes: u64,
}

/// Calls `take` with each socket in one of the `states`, a bit each. The live kernel is asked over netlink, if it
/// answers; otherwise, and on a captured host, the files are read, of which that of IPv6 may be absent.
pub fn sockets(
    host: &mut Host,
    transport: Transport,
    states: u32,
    take: &mut dyn FnMut(Socket),
) -> Result<(), Fault> {
    if host.is_live() {
        match diag::sockets(transport, states, take) {
            // Nothing was taken yet when there is no such protocol, or no leave to use it.
            Err(Fault::Missing { .. } | Fault::Denied { .. }) => {}
            answer => return answer,
        }
    }
    let [v4, v6] = transport.tables();
    table::sockets(v4, host.read(v4)?, states, take)?;
    match host.read(v6) {
        Ok(text) => table::sockets(v6, text, states, take),
        Err(Fault::Missing { .. }) => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn is_in(state: u8, states: u32) -> bool {
    1u32.checked_shl(u32::from(state)).is_some_and(|bit| states & bit != 0)
}

/// An IPv4 address in the clothes of an IPv6 one is an IPv4 address.
fn endpoint(address: IpAddr, port: u16) -> SocketAddr {
    SocketAddr::new(address.to_canonical(), port)
}

//! What answers on this host, before and after a change: the workload, as its clients see it.

use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::ops::RangeInclusive;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long one may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// How long a service that was reloaded may take to listen again.
const RETURN_MAX: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// State of a socket that listens (net/tcp_states.h).
const LISTEN: &str = "0A";
/// Sockets that are looked at.
const PORTS_MAX: usize = 200;

/// What looks where the network is not to be seen, and where it writes what it saw.
const UNIT: &str = "hostward-ports.service";
const SEEN: &str = "/run/hostward-ports.json";

/// Sockets that answered.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ports(Vec<Port>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Port {
    address: SocketAddr,
    /// It greets like a server of SSH: afterwards it has to, for a socket alone lets nobody in.
    is_ssh: bool,
}

impl Ports {
    /// All TCP sockets that listen and answer now, but for ports that the kernel gives to whoever asks for any: they
    /// come and go, and no client knows them by heart.
    pub fn listening() -> Self {
        let tables =
            ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| fs::read_to_string(file).unwrap_or_default());
        let mut addresses: Vec<_> = tables.iter().flat_map(|table| table.lines()).filter_map(parse).collect();
        let given = given_to_anybody();
        addresses.retain(|address| !given.contains(&address.port()));
        addresses.sort_unstable();
        addresses.dedup();
        addresses.truncate(PORTS_MAX);
        Ports(greetings(addresses).into_iter().flatten().collect())
    }

    /// The same; where no network is to be seen, through a unit that has nothing but the network.
    pub fn look(confined: bool) -> io::Result<Self> {
        if !confined {
            return Ok(Self::listening());
        }
        let output = Command::new("systemctl").args(["start", UNIT]).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("nobody looks at what answers: {UNIT}: {}", said.trim())));
        }
        serde_json::from_slice(&fs::read(SEEN)?).map_err(|error| io::Error::other(format!("{SEEN}: {error}")))
    }

    /// Those that do not answer any more, after some patience.
    pub fn silent(&self, confined: bool) -> Vec<String> {
        let until = Instant::now() + RETURN_MAX;
        loop {
            let now = Self::look(confined).unwrap_or_default();
            let silent = self.0.iter().filter(|port| !now.0.contains(port));
            let silent: Vec<_> = silent.map(|port| port.address.to_string()).collect();
            if silent.is_empty() || Instant::now() >= until {
                return silent;
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Ports for clients (ip_local_port_range in Documentation/networking/ip-sysctl.rst).
fn given_to_anybody() -> RangeInclusive<u16> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut ends = text.split_ascii_whitespace().filter_map(|word| word.parse().ok());
    let usual = 32_768..=60_999;
    ends.next().zip(ends.next()).map_or(usual, |(low, high)| low..=high)
}

/// All at once: behind a firewall that drops, each takes as long as it may.
fn greetings(addresses: Vec<SocketAddr>) -> Vec<Option<Port>> {
    thread::scope(|scope| {
        let asked: Vec<_> = addresses.into_iter().map(|own| scope.spawn(move || greet(own))).collect();
        asked.into_iter().map(|own| own.join().unwrap_or_default()).collect()
    })
}

/// Connects, and listens for a greeting.
fn greet(address: SocketAddr) -> Option<Port> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_MAX).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(300))).ok()?;
    let mut greeting = [0; 4];
    let is_ssh = stream.read_exact(&mut greeting).is_ok() && &greeting == b"SSH-";
    Some(Port { address, is_ssh })
}

/// A line of /proc/net/tcp or tcp6 (proc(5)): where a listening socket can be reached from this host.
fn parse(line: &str) -> Option<SocketAddr> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let (local, state) = (words.next()?, words.nth(1)?);
    let (address, port) = local.split_once(':').filter(|_| state == LISTEN)?;
    Some(SocketAddr::new(reachable(ip(address)?), u16::from_str_radix(port, 16).ok()?))
}

/// 32-bit words in the order of the host's bytes.
fn ip(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(hex.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let bytes: Vec<u8> = (0..4).map(word).collect::<Option<Vec<_>>>()?.concat();
            Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into())
        }
        _ => None,
    }
}

fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(all) if all.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(all) if all.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        own => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;

    #[test]
    fn lines_of_the_kernel() {
        let listens =
            "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17";
        assert_eq!(parse(listens).map(|own| own.to_string()).as_deref(), Some("127.0.0.1:22"));
        let connected =
            "   1: 0100007F:0016 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 18";
        assert_eq!(parse(connected), None);
        let six = "   0: 00000000000000000000000001000000:4A9C 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1";
        assert_eq!(parse(six).map(|own| own.to_string()).as_deref(), Some("[::1]:19100"));
        assert_eq!(parse("  sl  local_address rem_address   st"), None);
    }

    #[test]
    fn a_server_that_does_not_greet_any_more_is_silent() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let greeting = thread::spawn(move || server.accept().unwrap().0.write_all(b"SSH-2.0-x\r\n").unwrap());
        let port = greet(address).unwrap();
        greeting.join().unwrap();
        assert!(port.is_ssh);
        // A child of another test that is about to become a program holds a socket for a moment.
        let soon = |_: &u32| {
            thread::sleep(LOOK_EVERY);
            true
        };
        let mute = (0..50).filter(soon).find_map(|_| TcpListener::bind(address).ok()).unwrap();
        assert_ne!(greet(address), Some(port), "a socket alone lets nobody in");
        drop(mute);
        assert!((0..50).filter(soon).any(|_| greet(address).is_none()));
    }
}

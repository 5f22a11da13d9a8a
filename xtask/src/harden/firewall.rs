//! What a firewall lets through, told from outside by what arrives: ports that are served, and ports that something listens on
//! although nobody should reach it.

use super::machine::{ADDRESSES, Machine};
use super::serve::Answer;
use crate::Outcome;
use nix::sched::{CloneFlags, setns};
use std::collections::BTreeSet;
use std::fs::File;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

/// What is served: these have to be reached.
const SERVED: [u16; 5] = [22, 80, 443, 8080, 8443];
/// What is not, and is listened on for the trial.
const UNSERVED: [u16; 20] = [
    21, 23, 25, 111, 139, 445, 631, 2049, 2375, 3389, 5000, 5900, 6380, 8081, 9090, 9100, 10000, 11211,
    27017, 50000,
];
const UNSERVED_UDP: [u16; 8] = [53, 69, 123, 161, 514, 1900, 5353, 11211];
/// What is dropped is not answered: so long is waited for it.
const ANSWER_MAX: Duration = Duration::from_millis(400);

/// Counts what is reached and should not be, and the other way round.
pub fn answers(machine: &Machine) -> Outcome<Vec<Answer>> {
    let traps = Traps::set(machine)?;
    let mut answers = Vec::new();
    for (address, family) in ADDRESSES.iter().zip(["IPv4", "IPv6"]) {
        let address: IpAddr = address.parse().map_err(|error| format!("{address}: {error}"))?;
        let closed = SERVED.iter().filter(|port| !reached(address, **port)).count();
        if closed > 0 {
            return Err(format!("{closed} ports that are served are not reached over {family}"));
        }
        let open =
            UNSERVED.iter().filter(|port| reached(address, **port)).count() + traps.arrived(address)?;
        let all = UNSERVED.len() + UNSERVED_UDP.len();
        answers.push((format!("{family}: ports reached that nobody serves"), format!("{open} of {all}")));
    }
    Ok(answers)
}

fn reached(address: IpAddr, port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::new(address, port), ANSWER_MAX).is_ok()
}

/// Sockets that listen within the machine.
struct Traps {
    _tcp: Vec<TcpListener>,
    udp: Vec<UdpSocket>,
}

impl Traps {
    fn set(machine: &Machine) -> Outcome<Traps> {
        let path = format!("/proc/{}/ns/net", machine.init);
        let network = File::open(&path).map_err(|error| format!("{path}: {error}"))?;
        // A thread may be on another network than its process; its sockets stay there.
        let set = || -> Outcome<Traps> {
            setns(&network, CloneFlags::CLONE_NEWNET).map_err(|error| format!("{path}: {error}"))?;
            let said = |error: std::io::Error| format!("a socket for the trial: {error}");
            let tcp = UNSERVED.iter().map(|port| TcpListener::bind(("::", *port))).collect::<Result<_, _>>();
            let udp: Vec<UdpSocket> = UNSERVED_UDP
                .iter()
                .map(|port| UdpSocket::bind(("::", *port)))
                .collect::<Result<_, _>>()
                .map_err(said)?;
            udp.iter().try_for_each(|own| own.set_read_timeout(Some(ANSWER_MAX))).map_err(said)?;
            Ok(Traps { _tcp: tcp.map_err(said)?, udp })
        };
        thread::scope(|scope| scope.spawn(set).join()).unwrap_or_else(|_| Err("a thread stopped".to_owned()))
    }

    /// How many of the datagrams that are sent arrive.
    fn arrived(&self, address: IpAddr) -> Outcome<usize> {
        let said = |error: std::io::Error| format!("a datagram for the trial: {error}");
        let ours = UdpSocket::bind(if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).map_err(said)?;
        for port in UNSERVED_UDP {
            ours.send_to(b"hello", SocketAddr::new(address, port)).map_err(said)?;
        }
        let seen: BTreeSet<usize> =
            (0..self.udp.len()).filter(|at| self.udp[*at].recv(&mut [0; 8]).is_ok()).collect();
        Ok(seen.len())
    }
}

//! Who listens where: sockets that anybody can reach, with the program and the unit that they belong to.

mod owner;

use crate::inet::{CLOSE, LISTEN, Transport, sockets};
use crate::words::only_line;
use crate::{Fault, Host, Probe, Spec};
use hostward_model::{Batch, Metric};
use owner::{Owner, Owners};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

static SOCKETS: Metric = Metric::gauge(
    "hostward_listening_sockets",
    "Sockets that listen, by protocol, kind of address (any, loopback, specific), port and owner. A UDP socket \
     without a peer listens; if the kernel chose its port, that is given as ephemeral.",
    &["protocol", "address", "port", "program", "unit"],
);

/// Beyond this many series, by port, sockets are summed under `other`.
const SERIES_MAX: usize = 200;
const PORT_RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
const OTHER: &str = "other";

pub static SPEC: Spec = Spec {
    name: "listeners",
    about: "listening sockets with their programs and units",
    doc: "sock_diag(7), proc_pid_fd(5)",
    reads: &[
        "/proc/net/tcp",
        "/proc/net/tcp6",
        "/proc/net/udp",
        "/proc/net/udp6",
        "/proc/PID/fd",
        "/proc/PID/cgroup",
        PORT_RANGE,
    ],
    metrics: &[&SOCKETS],
    every_ms: 30_000,
    // A host with many processes, on a bad day.
    deadline_ms: 10_000,
    start: |_| Box::new(Listeners::default()),
    ..Spec::ASIDE
};

/// Remembers owners, because finding one means to look at the open files of every process.
#[derive(Default)]
struct Listeners {
    owners: Owners,
}

struct Listener {
    transport: Transport,
    local: SocketAddr,
    inode: u64,
}

/// What one series tells, in the order in which series are chosen.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    transport: Transport,
    /// Nothing is a port that the kernel chose.
    port: Option<u16>,
    address: &'static str,
    owner: Option<&'a Owner>,
}

impl Probe for Listeners {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let (tcp, udp) = (list(host, Transport::Tcp, LISTEN), list(host, Transport::Udp, CLOSE));
        let ephemeral = ephemeral(host);
        let (listeners, result) = joined(tcp, udp);
        self.owners.find(host, listeners.iter().map(|listener| listener.inode), out);
        let mut counts = BTreeMap::<Key<'_>, u64>::new();
        for listener in &listeners {
            let owner = self.owners.get(listener.inode);
            *counts.entry(listener.key(owner, ephemeral.as_ref())).or_default() += 1;
        }
        push(&counts, out);
        result
    }
}

fn list(host: &mut Host, transport: Transport, state: u8) -> Result<Vec<Listener>, Fault> {
    let mut found = Vec::new();
    sockets(host, transport, 1 << state, &mut |socket| {
        if socket.peer.port() == 0 && socket.local.port() != 0 {
            found.push(Listener { transport, local: socket.local, inode: socket.inode });
        }
    })?;
    Ok(found)
}

/// One protocol that cannot be listed does not hide the other.
fn joined(
    tcp: Result<Vec<Listener>, Fault>,
    udp: Result<Vec<Listener>, Fault>,
) -> (Vec<Listener>, Result<(), Fault>) {
    let (mut all, mut result) = (Vec::new(), Ok(()));
    for listed in [tcp, udp] {
        match listed {
            Ok(mut listed) => all.append(&mut listed),
            Err(fault) => result = result.and(Err(fault)),
        }
    }
    (all, result)
}

/// The ports that the kernel chooses from; nothing when it does not say.
fn ephemeral(host: &mut Host) -> Option<RangeInclusive<u16>> {
    let mut line = only_line(PORT_RANGE, host.read(PORT_RANGE).ok()?);
    Some(line.word()?.parse().ok()?..=line.word()?.parse().ok()?)
}

impl Listener {
    fn key<'a>(&self, owner: Option<&'a Owner>, ephemeral: Option<&RangeInclusive<u16>>) -> Key<'a> {
        let port = self.local.port();
        let is_chosen =
            self.transport == Transport::Udp && ephemeral.is_some_and(|range| range.contains(&port));
        Key {
            transport: self.transport,
            port: (!is_chosen).then_some(port),
            address: kind(self.local.ip()),
            owner,
        }
    }
}

fn kind(address: IpAddr) -> &'static str {
    match address {
        _ if address.is_unspecified() => "any",
        _ if address.is_loopback() => "loopback",
        _ => "specific",
    }
}

fn push(counts: &BTreeMap<Key<'_>, u64>, out: &mut Batch) {
    let mut other = BTreeMap::<Transport, u64>::new();
    for (index, (key, count)) in counts.iter().enumerate() {
        if index >= SERIES_MAX {
            *other.entry(key.transport).or_default() += count;
            continue;
        }
        let port = key.port.map_or("ephemeral".to_owned(), |port| port.to_string());
        let (program, unit) = key.owner.map_or(("", ""), |owner| (&owner.program, &owner.unit));
        out.push(&SOCKETS, &[key.transport.as_str(), key.address, &port, program, unit], *count as f64);
    }
    for (transport, count) in other {
        out.push(&SOCKETS, &[transport.as_str(), OTHER, OTHER, OTHER, OTHER], count as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Tree};
    use expect_test::expect;

    fn shown(listeners: &mut Listeners, mut host: Host) -> String {
        let mut out = Batch::new();
        let result = listeners.collect(&mut host, &mut out);
        testing::shown(&out, result)
    }

    const HEAD: &str = "  sl  local_address rem_address\n";

    #[cfg(target_endian = "little")]
    #[test]
    fn sockets_and_their_owners() {
        let tcp = format!(
            "{HEAD}0: 0100007F:0CEA 00000000:0000 0A 0:0 0:0 0 0 0 10 1\n1: 00000000:0016 00000000:0000 0A 0:0 0:0 0 0 0 11 1\n\
             2: 0200000A:0016 070200C0:C1B4 01 0:0 0:0 0 0 0 12 1\n"
        );
        let tcp6 =
            format!("{HEAD}0: {}:0016 {}:0000 0A 0:0 0:0 0 0 0 13 1\n", "0".repeat(32), "0".repeat(32));
        let udp = format!(
            "{HEAD}0: 0200000A:007B 00000000:0000 07 0:0 0:0 0 0 0 14 1\n1: 00000000:D431 00000000:0000 07 0:0 0:0 0 0 0 15 1\n\
             2: 00000000:D432 00000000:0000 07 0:0 0:0 0 0 0 16 1\n3: 00000000:D433 070200C0:0035 01 0:0 0:0 0 0 0 17 1\n"
        );
        let tree = Tree::new(&[
            ("/proc/net/tcp", &tcp),
            ("/proc/net/tcp6", &tcp6),
            ("/proc/net/udp", &udp),
            ("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"),
            ("/proc/1/comm", "systemd\n"),
            ("/proc/1/cgroup", "0::/init.scope\n"),
            ("/proc/77/comm", "sshd\n"),
            ("/proc/77/cgroup", "1:name=systemd:/system.slice/ssh.service\n"),
        ]);
        for (pid, fd, inode) in [(1, 3, 99), (77, 3, 11), (77, 4, 13), (77, 5, 12)] {
            tree.link(&format!("/proc/{pid}/fd/{fd}"), &format!("socket:[{inode}]"));
        }
        let mut listeners = Listeners::default();
        expect![[r#"
            hostward_listening_sockets{protocol="tcp",address="any",port="22",program="sshd",unit="ssh.service"} 2
            hostward_listening_sockets{protocol="tcp",address="loopback",port="3306",program="",unit=""} 1
            hostward_listening_sockets{protocol="udp",address="any",port="ephemeral",program="",unit=""} 2
            hostward_listening_sockets{protocol="udp",address="specific",port="123",program="",unit=""} 1
        "#]]
        .assert_eq(&shown(&mut listeners, tree.host()));
        // The server hands a socket on and ends.
        std::fs::rename(tree.path("/proc/77"), tree.path("/proc/78")).unwrap();
        tree.write("/proc/78/comm", "sshd-new\n");
        let again = shown(&mut listeners, tree.host());
        assert!(again.contains(r#"port="22",program="sshd-new""#), "{again}");
    }

    #[test]
    fn many_ports_are_summed_and_a_missing_table_hides_nothing() {
        let line = |n: u32| format!("{n}: 0100007F:{n:04X} 00000000:0000 0A 0:0 0:0 0 0 0 {n} 1\n");
        let tcp: String = std::iter::once(HEAD.to_owned()).chain((1..1000).map(line)).collect();
        let shown = shown(&mut Listeners::default(), Tree::new(&[("/proc/net/tcp", &tcp)]).host());
        assert_eq!(shown.lines().count(), SERIES_MAX + 2);
        expect![[r#"
            hostward_listening_sockets{protocol="tcp",address="other",port="other",program="other",unit="other"} 799
            fault missing: /proc/net/udp: not on this host"#]]
        .assert_eq(&shown.lines().skip(SERIES_MAX).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn own_listener_on_the_live_host() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let shown = shown(&mut Listeners::default(), Host::new("/"));
        let own = format!(
            r#"hostward_listening_sockets{{protocol="tcp",address="loopback",port="{port}",program=""#
        );
        let line = shown.lines().find(|line| line.starts_with(&own)).unwrap_or_else(|| panic!("{shown}"));
        assert!(!line.contains(r#"program="""#), "{line}");
    }
}

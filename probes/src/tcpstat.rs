//! TCP connections by state.

use crate::inet::{ALL_STATES, Transport, sockets};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static STATES: Metric = Metric::gauge(
    "node_tcp_connection_states",
    "TCP sockets by state; under rx_queued_bytes and tx_queued_bytes, what waits in the queues of all.",
    &["state"],
);

/// In the order of the kernel's numbers, from 1 on. Its twelfth state, a connection that is only half accepted, is
/// listed as `SYN_RECV`.
const NAMES: [&str; 11] = [
    "established",
    "syn_sent",
    "syn_recv",
    "fin_wait1",
    "fin_wait2",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "listen",
    "closing",
];

pub static SPEC: Spec = Spec {
    name: "tcpstat",
    about: "TCP sockets by state",
    doc: "sock_diag(7)",
    reads: &["/proc/net/tcp", "/proc/net/tcp6"],
    metrics: &[&STATES],
    every_ms: 5_000,
    enabled: false,
    start: |_| Box::new(collect),
    // The list is long on a busy host.
    ..Spec::ASIDE
};

#[derive(Default)]
struct Counts {
    states: [u64; NAMES.len()],
    unknown: u64,
    sending_bytes: u64,
    receiving_bytes: u64,
}

/// A count that is not complete is not given.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let mut counts = Counts::default();
    sockets(host, Transport::Tcp, ALL_STATES, &mut |socket| {
        let state = usize::from(socket.state).checked_sub(1).and_then(|at| counts.states.get_mut(at));
        *state.unwrap_or(&mut counts.unknown) += 1;
        counts.sending_bytes += socket.sending_bytes;
        counts.receiving_bytes += socket.receiving_bytes;
    })?;
    for (name, count) in NAMES.iter().zip(counts.states) {
        out.push(&STATES, &[name], count as f64);
    }
    if counts.unknown > 0 {
        out.push(&STATES, &["unknown"], counts.unknown as f64);
    }
    out.push(&STATES, &["rx_queued_bytes"], counts.receiving_bytes as f64);
    out.push(&STATES, &["tx_queued_bytes"], counts.sending_bytes as f64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;
    use expect_test::expect;
    use std::net::TcpListener;

    fn shown(tcp: &str) -> String {
        Tree::new(&[("/proc/net/tcp", tcp)]).shown(&SPEC)
    }

    #[test]
    fn a_captured_host() {
        expect![[r#"
            node_tcp_connection_states{state="established"} 1
            node_tcp_connection_states{state="syn_sent"} 0
            node_tcp_connection_states{state="syn_recv"} 0
            node_tcp_connection_states{state="fin_wait1"} 0
            node_tcp_connection_states{state="fin_wait2"} 0
            node_tcp_connection_states{state="time_wait"} 0
            node_tcp_connection_states{state="close"} 0
            node_tcp_connection_states{state="close_wait"} 0
            node_tcp_connection_states{state="last_ack"} 0
            node_tcp_connection_states{state="listen"} 1
            node_tcp_connection_states{state="closing"} 0
            node_tcp_connection_states{state="rx_queued_bytes"} 1
            node_tcp_connection_states{state="tx_queued_bytes"} 21
        "#]]
        .assert_eq(&shown(
            "  sl  local_address\n   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:0 0 0 0 2740 1\n\
             1: 00000000:0016 00000000:0001 01 00000015:00000001 00:0 0 0 0 2741 1\n",
        ));
    }

    #[test]
    fn a_count_that_is_not_complete_is_not_given() {
        expect![[r#"
            fault malformed: /proc/net/tcp:2: expected the fields of a socket, found "0: 0016"
        "#]]
        .assert_eq(&shown("  sl  local_address\n0: 0016\n"));
    }

    #[test]
    fn the_live_host() {
        let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut out = Batch::new();
        collect(&mut Host::new("/"), &mut out).unwrap();
        let listening = out.samples().find(|sample| sample.labels().next() == Some("listen")).unwrap();
        assert!(listening.value >= 1.0);
    }
}

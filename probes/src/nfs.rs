//! The NFS client: calls by procedure.

mod procedures;

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
pub use procedures::{V2, V3, V4_OPERATIONS};

static PACKETS: Metric = Metric::counter(
    "node_nfs_packets_total",
    "Packets of the NFS client, sent and received, by protocol.",
    &["protocol"],
);
static CONNECTIONS: Metric =
    Metric::counter("node_nfs_connections_total", "TCP connections of the NFS client.", &[]);
static RPCS: Metric = Metric::counter("node_nfs_rpcs_total", "Total number of RPCs performed.", &[]);
static RETRANSMISSIONS: Metric =
    Metric::counter("node_nfs_rpc_retransmissions_total", "RPCs that were sent again.", &[]);
static REFRESHES: Metric = Metric::counter(
    "node_nfs_rpc_authentication_refreshes_total",
    "Number of RPC authentication refreshes performed.",
    &[],
);
static REQUESTS: Metric =
    Metric::counter("node_nfs_requests_total", "Number of NFS procedures invoked.", &["method", "proto"]);

const PATH: &str = "/proc/net/rpc/nfs";

pub static SPEC: Spec = Spec {
    name: "nfs",
    about: "the NFS client: calls by procedure",
    doc: "nfsstat(8)",
    reads: &[PATH],
    metrics: &[&PACKETS, &CONNECTIONS, &RPCS, &RETRANSMISSIONS, &REFRESHES, &REQUESTS],
    start: |_| Box::new(|host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, out)),
    ..Spec::INLINE
};

/// One line that makes no sense does not hide the others.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let result = lines(PATH, text).map(|line| parse_line(line, out)).fold(Ok(()), Result::and);
    result.and(not_empty(PATH, before, out, "counters of the NFS client"))
}

fn parse_line(mut line: Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    match line.word() {
        Some("net") => parse_net(line, [("udp", &PACKETS), ("tcp", &PACKETS)], &CONNECTIONS, out),
        Some("rpc") => {
            for metric in [&RPCS, &RETRANSMISSIONS, &REFRESHES] {
                out.push(metric, &[], line.count()?);
            }
            Ok(())
        }
        Some("proc2") => parse_procedures(line, &V2, "2", &REQUESTS, out),
        Some("proc3") => parse_procedures(line, &V3, "3", &REQUESTS, out),
        Some("proc4") => parse_procedures(line, &procedures::V4_CLIENT, "4", &REQUESTS, out),
        _ => Ok(()),
    }
}

/// `net 18628 0 18628 6`: packets in all, by UDP and by TCP, and TCP connections.
pub fn parse_net(
    mut line: Line<'_>,
    packets: [(&str, &'static Metric); 2],
    connections: &'static Metric,
    out: &mut Batch,
) -> Result<(), Fault> {
    line.count()?;
    for (protocol, metric) in packets {
        out.push(metric, &[protocol], line.count()?);
    }
    out.push(connections, &[], line.count()?);
    Ok(())
}

/// `proc3 22 0 5 …`: how many procedures there are, then how often each was called. A procedure that this kernel
/// does not know gives no sample; one that we do not know (an empty name, or past the end) neither.
pub fn parse_procedures(
    mut line: Line<'_>,
    names: &[&str],
    version: &str,
    metric: &'static Metric,
    out: &mut Batch,
) -> Result<(), Fault> {
    line.count()?;
    for name in names {
        let Some(count) = line.next_count() else { break };
        if !name.is_empty() {
            out.push(metric, &[name, version], count?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn every_line() {
        check(
            parse,
            "net 70 70 69 45\nrpc 1218785755 374636 1218815394\nproc2 3 16 57 74\nproc3 2 0 1061909262\nproc4 1 98\nproc9 1 1\n",
            expect![[r#"
                node_nfs_packets_total{protocol="udp"} 70
                node_nfs_packets_total{protocol="tcp"} 69
                node_nfs_connections_total 45
                node_nfs_rpcs_total 1218785755
                node_nfs_rpc_retransmissions_total 374636
                node_nfs_rpc_authentication_refreshes_total 1218815394
                node_nfs_requests_total{method="Null",proto="2"} 16
                node_nfs_requests_total{method="GetAttr",proto="2"} 57
                node_nfs_requests_total{method="SetAttr",proto="2"} 74
                node_nfs_requests_total{method="Null",proto="3"} 0
                node_nfs_requests_total{method="GetAttr",proto="3"} 1061909262
                node_nfs_requests_total{method="Null",proto="4"} 98
            "#]],
        );
    }

    #[test]
    fn more_procedures_than_are_known_are_no_fault() {
        let line = format!("proc4 200{}\n", " 7".repeat(200));
        let mut out = hostward_model::Batch::new();
        parse(&line, &mut out).unwrap();
        assert_eq!(out.len(), super::procedures::V4_CLIENT.len());
    }

    #[test]
    fn nonsense_is_named_and_hides_nothing() {
        check(
            parse,
            "rpc many\nproc4 1 98\nnet 1 2\n",
            expect![[r#"
                node_nfs_requests_total{method="Null",proto="4"} 98
                node_nfs_packets_total{protocol="udp"} 2
                fault malformed: /proc/net/rpc/nfs:1: expected a whole number, found "many"
            "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
                fault malformed: /proc/net/rpc/nfs:1: expected counters of the NFS client, found ""
            "#]],
        );
    }
}

//! The NFS server: calls by operation, reply cache, bytes.

use crate::nfs::{V2, V3, V4_OPERATIONS, parse_net, parse_procedures};
use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static CACHE_HITS: Metric = Metric::counter(
    "node_nfsd_reply_cache_hits_total",
    "Requests that were answered from the reply cache, because the client had lost the answer.",
    &[],
);
static CACHE_MISSES: Metric = Metric::counter(
    "node_nfsd_reply_cache_misses_total",
    "Requests whose answer had to be put into the reply cache.",
    &[],
);
static CACHE_UNUSED: Metric = Metric::counter(
    "node_nfsd_reply_cache_nocache_total",
    "Requests whose answer need not be put into the reply cache.",
    &[],
);
static STALE: Metric =
    Metric::counter("node_nfsd_file_handles_stale_total", "Total number of NFSd stale file handles", &[]);
static READ: Metric = Metric::counter("node_nfsd_disk_bytes_read_total", "Total NFSd bytes read.", &[]);
static WRITTEN: Metric =
    Metric::counter("node_nfsd_disk_bytes_written_total", "Total NFSd bytes written.", &[]);
static THREADS: Metric =
    Metric::gauge("node_nfsd_server_threads", "Total number of NFSd kernel threads that are running.", &[]);
static READ_AHEAD_SIZE: Metric = Metric::gauge(
    "node_nfsd_read_ahead_cache_size_blocks",
    "How large the read ahead cache is in blocks.",
    &[],
);
static READ_AHEAD_MISSES: Metric = Metric::counter(
    "node_nfsd_read_ahead_cache_not_found_total",
    "Reads that the read ahead cache did not hold.",
    &[],
);
static PACKETS: Metric = Metric::counter(
    "node_nfsd_packets_total",
    "Total NFSd network packets (sent+received) by protocol type.",
    &["proto"],
);
static CONNECTIONS: Metric =
    Metric::counter("node_nfsd_connections_total", "Total number of NFSd TCP connections.", &[]);
static RPCS: Metric = Metric::counter("node_nfsd_server_rpcs_total", "Total number of NFSd RPCs.", &[]);
static ERRORS: Metric = Metric::counter(
    "node_nfsd_rpc_errors_total",
    "Total number of NFSd RPC errors by error type.",
    &["error"],
);
static REQUESTS: Metric = Metric::counter(
    "node_nfsd_requests_total",
    "Total number NFSd Requests by method and protocol.",
    &["method", "proto"],
);

const PATH: &str = "/proc/net/rpc/nfsd";

pub static SPEC: Spec = Spec {
    name: "nfsd",
    about: "the NFS server: calls by operation, reply cache, bytes",
    doc: "nfsstat(8)",
    reads: &[PATH],
    metrics: &[
        &CACHE_HITS,
        &CACHE_MISSES,
        &CACHE_UNUSED,
        &STALE,
        &READ,
        &WRITTEN,
        &THREADS,
        &READ_AHEAD_SIZE,
        &READ_AHEAD_MISSES,
        &PACKETS,
        &CONNECTIONS,
        &RPCS,
        &ERRORS,
        &REQUESTS,
    ],
    start: |_| Box::new(|host: &mut Host, out: &mut Batch| parse(host.read(PATH)?, out)),
    ..Spec::INLINE
};

/// One line that makes no sense does not hide the others.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let result = lines(PATH, text).map(|line| parse_line(line, out)).fold(Ok(()), Result::and);
    result.and(not_empty(PATH, before, out, "counters of the NFS server"))
}

fn parse_line(mut line: Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    match line.word() {
        Some("rc") => push_all(line, &[&CACHE_HITS, &CACHE_MISSES, &CACHE_UNUSED], out),
        Some("fh") => push_all(line, &[&STALE], out),
        Some("io") => push_all(line, &[&READ, &WRITTEN], out),
        Some("th") => push_all(line, &[&THREADS], out),
        Some("ra") => parse_read_ahead(line, out),
        Some("net") => parse_net(line, [("udp", &PACKETS), ("tcp", &PACKETS)], &CONNECTIONS, out),
        Some("rpc") => parse_rpc(line, out),
        Some("proc2") => parse_procedures(line, &without_null(&V2), "2", &REQUESTS, out),
        Some("proc3") => parse_procedures(line, &without_null(&V3), "3", &REQUESTS, out),
        Some("proc4ops") => parse_procedures(line, &V4_OPERATIONS, "4", &REQUESTS, out),
        Some("wdeleg_getattr") => {
            out.push(&REQUESTS, &["WdelegGetattr", "4"], line.count()?);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Calls of the procedure that does nothing are not given for the server.
fn without_null<const N: usize>(names: &[&'static str; N]) -> [&'static str; N] {
    let mut names = *names;
    names[0] = "";
    names
}

fn push_all(mut line: Line<'_>, metrics: &[&'static Metric], out: &mut Batch) -> Result<(), Fault> {
    for metric in metrics {
        out.push(metric, &[], line.count()?);
    }
    Ok(())
}

/// `ra 32 0 0 0 0 0 0 0 0 0 0 0`: size, hits by depth in ten steps, misses. Gone since Linux 5.4.
fn parse_read_ahead(mut line: Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    out.push(&READ_AHEAD_SIZE, &[], line.count()?);
    for _depth in 0..10 {
        line.count()?;
    }
    out.push(&READ_AHEAD_MISSES, &[], line.count()?);
    Ok(())
}

/// `rpc 18628 3 1 2 0`: calls, bad calls in all, then by what was bad.
fn parse_rpc(mut line: Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    out.push(&RPCS, &[], line.count()?);
    line.count()?;
    for error in ["fmt", "auth", "cInt"] {
        out.push(&ERRORS, &[error], line.count()?);
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
            "rc 0 6 18622\nfh 1 0 0 0 0\nio 157286400 72864\nth 8 0 0.000 0.000\nra 32 0 0 0 0 0 0 0 0 0 0 5\n\
             net 972 55 917 1\nrpc 18628 3 1 2 0\nproc2 2 2 69\nproc3 2 2 112\nproc4 2 2 10853\n\
             proc4ops 5 0 0 0 1098 2\nwdeleg_getattr 15\n",
            expect![[r#"
                node_nfsd_reply_cache_hits_total 0
                node_nfsd_reply_cache_misses_total 6
                node_nfsd_reply_cache_nocache_total 18622
                node_nfsd_file_handles_stale_total 1
                node_nfsd_disk_bytes_read_total 157286400
                node_nfsd_disk_bytes_written_total 72864
                node_nfsd_server_threads 8
                node_nfsd_read_ahead_cache_size_blocks 32
                node_nfsd_read_ahead_cache_not_found_total 5
                node_nfsd_packets_total{proto="udp"} 55
                node_nfsd_packets_total{proto="tcp"} 917
                node_nfsd_connections_total 1
                node_nfsd_server_rpcs_total 18628
                node_nfsd_rpc_errors_total{error="fmt"} 1
                node_nfsd_rpc_errors_total{error="auth"} 2
                node_nfsd_rpc_errors_total{error="cInt"} 0
                node_nfsd_requests_total{method="GetAttr",proto="2"} 69
                node_nfsd_requests_total{method="GetAttr",proto="3"} 112
                node_nfsd_requests_total{method="Access",proto="4"} 1098
                node_nfsd_requests_total{method="Close",proto="4"} 2
                node_nfsd_requests_total{method="WdelegGetattr",proto="4"} 15
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named_and_hides_nothing() {
        check(
            parse,
            "io 1\nth eight\nfh 7 0 0 0 0\n",
            expect![[r#"
                node_nfsd_disk_bytes_read_total 1
                node_nfsd_file_handles_stale_total 7
                fault malformed: /proc/net/rpc/nfsd:1: expected a whole number, found ""
            "#]],
        );
    }
}

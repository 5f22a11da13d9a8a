//! Sockets in use by protocol.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use nix::unistd::{SysconfVar, sysconf};

/// As with the rest of memory, less does not matter. Pages are taken for those of 4 KiB; where they are larger the metric in bytes holds the bound.
const MATTERS_FROM: f64 = 64.0 * 1024.0 * 1024.0;

static USED: Metric = Metric::gauge("node_sockstat_sockets_used", "Number of IPv4 sockets in use.", &[]);
static IN_USE: Metric = Metric::gauge("node_sockstat_*_inuse", "Number of sockets in state inuse.", &[]);
static ORPHAN: Metric = Metric::gauge("node_sockstat_*_orphan", "Number of sockets in state orphan.", &[]);
static TIME_WAIT: Metric = Metric::gauge("node_sockstat_*_tw", "Number of sockets in state tw.", &[]);
static ALLOCATED: Metric = Metric::gauge("node_sockstat_*_alloc", "Number of sockets in state alloc.", &[]);
static PAGES: Metric =
    Metric::gauge("node_sockstat_*_mem", "Pages of memory that buffers of sockets hold.", &[])
        .matters_from(MATTERS_FROM / 4096.0);
static PAGE_BYTES: Metric =
    Metric::gauge("node_sockstat_*_mem_bytes", "Bytes of memory that buffers of sockets hold.", &[])
        .matters_from(MATTERS_FROM);
static MEMORY: Metric =
    Metric::gauge("node_sockstat_*_memory", "Bytes of memory that the reassembly of fragments holds.", &[])
        .matters_from(MATTERS_FROM);

const PATH: &str = "/proc/net/sockstat";
const PATH6: &str = "/proc/net/sockstat6";

pub static SPEC: Spec = Spec {
    name: "sockstat",
    about: "sockets in use by protocol, IPv4 and IPv6",
    doc: "proc_pid_net(5)",
    reads: &[PATH, PATH6],
    metrics: &[&USED, &IN_USE, &ORPHAN, &TIME_WAIT, &ALLOCATED, &PAGES, &PAGE_BYTES, &MEMORY],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// A kernel without IPv6 has no second file, and that is no fault.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let page_bytes = page_bytes();
    parse(PATH, host.read(PATH)?, page_bytes, out)?;
    host.read_if_there(PATH6)?.map_or(Ok(()), |text| parse(PATH6, text, page_bytes, out))
}

/// The size of a page here; a captured host is taken to have the same, because its files do not say.
fn page_bytes() -> Option<f64> {
    sysconf(SysconfVar::PAGE_SIZE).ok().flatten().map(|bytes| bytes as f64)
}

fn parse(file: &str, text: &str, page_bytes: Option<f64>, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(file, text) {
        if let Some(word) = line.word() {
            let protocol =
                word.strip_suffix(':').ok_or_else(|| line.fault(word, "a protocol and a colon"))?;
            parse_protocol(protocol, &mut line, page_bytes, out)?;
        }
    }
    not_empty(file, before, out, "sockets by protocol")
}

/// `TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1`
fn parse_protocol(
    protocol: &str,
    line: &mut Line<'_>,
    page_bytes: Option<f64>,
    out: &mut Batch,
) -> Result<(), Fault> {
    while let Some(state) = line.word() {
        let value = line.count()?;
        let metric = metric_of(state).ok_or_else(|| line.fault(state, "a state of sockets"))?;
        out.push_named(metric, protocol, &[], value);
        if let (true, Some(page_bytes)) = (state == "mem", page_bytes) {
            out.push_named(&PAGE_BYTES, protocol, &[], value * page_bytes);
        }
    }
    Ok(())
}

fn metric_of(state: &str) -> Option<&'static Metric> {
    match state {
        "used" => Some(&USED),
        "inuse" => Some(&IN_USE),
        "orphan" => Some(&ORPHAN),
        "tw" => Some(&TIME_WAIT),
        "alloc" => Some(&ALLOCATED),
        "mem" => Some(&PAGES),
        "memory" => Some(&MEMORY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{PATH, PATH6};
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse(PATH, text, Some(4096.0), out)
    }

    #[test]
    fn every_protocol() {
        check(
            parse,
            "sockets: used 229\nTCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1\nUDP: inuse 0 mem 0\nFRAG: inuse 0 memory 7\n",
            expect![[r#"
                node_sockstat_sockets_used 229
                node_sockstat_TCP_inuse 4
                node_sockstat_TCP_orphan 0
                node_sockstat_TCP_tw 4
                node_sockstat_TCP_alloc 17
                node_sockstat_TCP_mem 1
                node_sockstat_TCP_mem_bytes 4096
                node_sockstat_UDP_inuse 0
                node_sockstat_UDP_mem 0
                node_sockstat_UDP_mem_bytes 0
                node_sockstat_FRAG_inuse 0
                node_sockstat_FRAG_memory 7
            "#]],
        );
    }

    #[test]
    fn without_the_size_of_a_page_there_are_no_bytes() {
        check(
            |text, out| super::parse(PATH6, text, None, out),
            "TCP6: inuse 17 mem 2\n",
            expect![[r#"
                node_sockstat_TCP6_inuse 17
                node_sockstat_TCP6_mem 2
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "TCP: inuse 4 asleep 3\n",
            expect![[r#"
                node_sockstat_TCP_inuse 4
                fault malformed: /proc/net/sockstat:1: expected a state of sockets, found "asleep"
            "#]],
        );
        check(
            parse,
            "sockets: used 1\nTCP: inuse\n",
            expect![[r#"
                node_sockstat_sockets_used 1
                fault malformed: /proc/net/sockstat:2: expected a whole number, found ""
            "#]],
        );
        check(
            parse,
            "TCP inuse 1\n",
            expect![[r#"
                fault malformed: /proc/net/sockstat:1: expected a protocol and a colon, found "TCP"
            "#]],
        );
    }
}

//! Memory by NUMA node: how it is used, and how often it came from the node that was asked for.

use crate::words::{Line, lines};
use crate::{Fault, Host, Spec, attributes};
use hostward_model::{Batch, Metric};

const NODE: &[&str] = &["node"];

static FIELD: Metric = Metric::gauge(
    "node_memory_numa_*",
    "Memory information field of the node: bytes, or a number of huge pages.",
    NODE,
);
static COUNT: Metric =
    Metric::counter("node_memory_numa_*_total", "Pages that were taken from the node, by why it was.", NODE);

const DIRECTORY: &str = "/sys/devices/system/node";

pub static SPEC: Spec = Spec {
    name: "meminfo_numa",
    about: "memory by NUMA node",
    doc: "admin-guide/numastat.rst",
    reads: &[DIRECTORY],
    metrics: &[&FIELD, &COUNT],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let nodes = attributes::numbered(host, DIRECTORY, "node", out)?;
    nodes.iter().map(|node| collect_node(host, node, out)).fold(Ok(()), Result::and)
}

fn collect_node(host: &mut Host, node: &str, out: &mut Batch) -> Result<(), Fault> {
    let meminfo = format!("{DIRECTORY}/node{node}/meminfo");
    let usage = match host.attribute(format_args!("{meminfo}"))? {
        Some(text) => parse_meminfo(&meminfo, node, text, out),
        None => Ok(()),
    };
    let numastat = format!("{DIRECTORY}/node{node}/numastat");
    let counts = match host.attribute(format_args!("{numastat}"))? {
        Some(text) => parse_numastat(&numastat, node, text, out),
        None => Ok(()),
    };
    usage.and(counts)
}

fn parse_meminfo(file: &str, node: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    lines(file, text).try_for_each(|mut line| parse_field(node, &mut line, out))
}

/// `Node 0 MemTotal:       134182340 kB`; huge pages have no unit.
fn parse_field(node: &str, line: &mut Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    // The line is empty, or begins with "Node" and its number.
    let Some(word) = line.word().and_then(|_| line.word()).and_then(|_| line.word()) else { return Ok(()) };
    let field = word.strip_suffix(':').ok_or_else(|| line.fault(word, "a field and a colon"))?;
    let value = line.count()?;
    // Active(anon) is Active_anon: what is unusual becomes an underscore, but not at the end.
    let field = field.trim_end_matches(')');
    match line.word() {
        Some("kB") => out.push_named(&FIELD, field, &[node], value * 1024.0),
        None => out.push_named(&FIELD, field, &[node], value),
        Some(unit) => return Err(line.fault(unit, "kB or nothing")),
    }
    Ok(())
}

/// `numa_hit 193460335812`
fn parse_numastat(file: &str, node: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    for mut line in lines(file, text) {
        if let Some(name) = line.word() {
            out.push_named(&COUNT, name, &[node], line.count()?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SPEC;
    use crate::testing::check_host;
    use expect_test::expect;

    #[test]
    fn a_node() {
        let meminfo = "\nNode 1 MemTotal:       134182340 kB\nNode 1 Active(anon):  1 kB\nNode 1 HugePages_Free:      3\n";
        let files = [
            ("/sys/devices/system/node/node1/meminfo", meminfo),
            ("/sys/devices/system/node/node1/numastat", "numa_hit 193460335812\nother_node 18\n"),
            ("/sys/devices/system/node/has_cpu", "1\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_memory_numa_MemTotal{node="1"} 137402716160
            node_memory_numa_Active_anon{node="1"} 1024
            node_memory_numa_HugePages_Free{node="1"} 3
            node_memory_numa_numa_hit_total{node="1"} 193460335812
            node_memory_numa_other_node_total{node="1"} 18
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named_and_hides_nothing_else() {
        let files = [
            ("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal 1 kB\n"),
            ("/sys/devices/system/node/node0/numastat", "numa_hit 1\nnuma_miss none\n"),
            ("/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 1 MB\n"),
            ("/sys/devices/system/node/node1/numastat", "numa_hit 2\n"),
        ];
        check_host(
            &SPEC,
            &[],
            &files,
            expect![[r#"
            node_memory_numa_numa_hit_total{node="0"} 1
            node_memory_numa_numa_hit_total{node="1"} 2
            fault malformed: /sys/devices/system/node/node0/meminfo:1: expected a field and a colon, found "MemTotal"
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /sys/devices/system/node: not on this host
        "#]],
        );
    }
}

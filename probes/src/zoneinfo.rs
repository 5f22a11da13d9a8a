//! Memory by NUMA node and zone: watermarks, use, and where pages came from.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

const ZONE: &[&str] = &["node", "zone"];

static PAGES: Metric = Metric::gauge(
    "node_zoneinfo_*_pages",
    "Pages of the zone, by use or as a watermark; uses that are counted by node stand at its first zone.",
    ZONE,
);
static TOTAL: Metric = Metric::counter(
    "node_zoneinfo_*_total",
    "Pages of the zone that were dirtied, written, or taken for a reason, since the system booted.",
    ZONE,
);
static HUGE: Metric = Metric::gauge(
    "node_zoneinfo_nr_anon_transparent_hugepages",
    "Transparent huge pages of programs' own memory.",
    ZONE,
);
static STACKS: Metric =
    Metric::gauge("node_zoneinfo_nr_kernel_stacks", "Kilobytes of stacks of threads in the kernel.", ZONE);
static PROTECTION: Metric = Metric::gauge(
    "node_zoneinfo_protection_*",
    "Pages that are kept from an allocation which would rather have had the zone of that number.",
    ZONE,
);

/// Lines that count pages; the ending `_pages` is the same for all.
const PAGES_OF: [&str; 24] = [
    "min",
    "low",
    "high",
    "scanned",
    "spanned",
    "present",
    "managed",
    "nr_free_pages",
    "nr_active_anon",
    "nr_inactive_anon",
    "nr_isolated_anon",
    "nr_anon_pages",
    "nr_active_file",
    "nr_inactive_file",
    "nr_isolated_file",
    "nr_file_pages",
    "nr_slab_reclaimable",
    "nr_slab_unreclaimable",
    "nr_mlock_stack",
    "nr_mapped",
    "nr_dirty",
    "nr_writeback",
    "nr_unevictable",
    "nr_shmem",
];
const TOTALS_OF: [&str; 8] = [
    "nr_dirtied",
    "nr_written",
    "numa_hit",
    "numa_miss",
    "numa_foreign",
    "numa_interleave",
    "numa_local",
    "numa_other",
];

const PATH: &str = "/proc/zoneinfo";

pub static SPEC: Spec = Spec {
    name: "zoneinfo",
    about: "memory by NUMA node and zone",
    doc: "proc_zoneinfo(5)",
    reads: &[PATH],
    metrics: &[&PAGES, &TOTAL, &HUGE, &STACKS, &PROTECTION],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

/// A line `Node 0, zone DMA`, and below it lines of a word and a number.
fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let mut zone = None;
    for mut line in lines(PATH, text) {
        match line.word() {
            Some("Node") => zone = Some(parse_head(&mut line)?),
            Some(word) => {
                let zone = zone.ok_or_else(|| line.fault(word, "a node and a zone"))?;
                parse_line(word, &mut line, &zone, out)?;
            }
            None => {}
        }
    }
    not_empty(PATH, before, out, "zones of memory")
}

fn parse_head<'a>(line: &mut Line<'a>) -> Result<[&'a str; 2], Fault> {
    let node = line.word().unwrap_or("").trim_end_matches(',');
    let zone = (line.word(), line.word());
    let (Some("zone"), Some(zone)) = zone else { return Err(line.fault(node, "a node and a zone")) };
    Ok([node, zone])
}

/// Most of the lines are about caches of single CPUs, and are passed over.
fn parse_line(word: &str, line: &mut Line<'_>, zone: &[&str; 2], out: &mut Batch) -> Result<(), Fault> {
    match word {
        "protection:" => parse_protection(line, zone, out)?,
        "nr_anon_transparent_hugepages" => out.push(&HUGE, zone, line.count()?),
        "nr_kernel_stack" => out.push(&STACKS, zone, line.count()?),
        _ if PAGES_OF.contains(&word) => {
            let fill = word.strip_suffix("_pages").unwrap_or(word);
            out.push_named(&PAGES, fill, zone, line.count()?);
        }
        _ if TOTALS_OF.contains(&word) => out.push_named(&TOTAL, word, zone, line.count()?),
        _ => {}
    }
    Ok(())
}

/// `protection: (0, 2039, 31932)`
fn parse_protection(line: &mut Line<'_>, zone: &[&str; 2], out: &mut Batch) -> Result<(), Fault> {
    for number in ["0", "1", "2", "3", "4", "5", "6", "7"] {
        let Some(word) = line.word() else { break };
        let pages = line.as_count(word.trim_matches(['(', ',', ')']))?;
        out.push_named(&PROTECTION, number, zone, pages);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn two_zones_of_a_node() {
        check(
            parse,
            "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 95612\n      nr_file_pages 1740118\n\
             \x20     nr_anon_transparent_hugepages 0\n      nr_dirtied   1189097\n  pages free     2949\n        min      8\n\
             \x20       high     14\n        protection: (0, 2039)\n      nr_free_pages 2949\n      nr_kernel_stack 16\n\
             \x20     numa_hit     1\n  pagesets\n    cpu: 0\n              count: 0\n              high:  0\n\
             Node 0, zone  Device\n  pages free     0\n        min      0\n        protection: (0, 0)\n",
            expect![[r#"
                node_zoneinfo_nr_inactive_anon_pages{node="0",zone="DMA"} 95612
                node_zoneinfo_nr_file_pages{node="0",zone="DMA"} 1740118
                node_zoneinfo_nr_anon_transparent_hugepages{node="0",zone="DMA"} 0
                node_zoneinfo_nr_dirtied_total{node="0",zone="DMA"} 1189097
                node_zoneinfo_min_pages{node="0",zone="DMA"} 8
                node_zoneinfo_high_pages{node="0",zone="DMA"} 14
                node_zoneinfo_protection_0{node="0",zone="DMA"} 0
                node_zoneinfo_protection_1{node="0",zone="DMA"} 2039
                node_zoneinfo_nr_free_pages{node="0",zone="DMA"} 2949
                node_zoneinfo_nr_kernel_stacks{node="0",zone="DMA"} 16
                node_zoneinfo_numa_hit_total{node="0",zone="DMA"} 1
                node_zoneinfo_min_pages{node="0",zone="Device"} 0
                node_zoneinfo_protection_0{node="0",zone="Device"} 0
                node_zoneinfo_protection_1{node="0",zone="Device"} 0
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "Node 0, zone DMA\n min 1\n low few\n",
            expect![[r#"
            node_zoneinfo_min_pages{node="0",zone="DMA"} 1
            fault malformed: /proc/zoneinfo:3: expected a whole number, found "few"
        "#]],
        );
        check(
            parse,
            "Node 0, zone DMA\n protection: (0, x)\n",
            expect![[r#"
            node_zoneinfo_protection_0{node="0",zone="DMA"} 0
            fault malformed: /proc/zoneinfo:2: expected a whole number, found "x"
        "#]],
        );
        check(
            parse,
            " min 1\n",
            expect![[r#"
            fault malformed: /proc/zoneinfo:1: expected a node and a zone, found "min"
        "#]],
        );
        check(
            parse,
            "Node 0, region DMA\n",
            expect![[r#"
            fault malformed: /proc/zoneinfo:1: expected a node and a zone, found "0"
        "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
            fault malformed: /proc/zoneinfo:1: expected zones of memory, found ""
        "#]],
        );
    }
}

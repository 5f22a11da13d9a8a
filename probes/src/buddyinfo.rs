//! Free memory by size of its pieces: how fragmented it is.

use crate::words::{Line, lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static BLOCKS: Metric = Metric::gauge(
    "node_buddyinfo_blocks",
    "Free blocks of 2^size pages that lie together.",
    &["node", "zone", "size"],
);

const PATH: &str = "/proc/buddyinfo";
/// Sizes that a kernel can be built for (`CONFIG_ARCH_FORCE_MAX_ORDER` is below).
const SIZES: [&str; 20] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18",
    "19",
];

pub static SPEC: Spec = Spec {
    name: "buddyinfo",
    about: "free memory by the size of its pieces",
    doc: "proc_buddyinfo(5)",
    reads: &[PATH],
    metrics: &[&BLOCKS],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse(host.read(PATH)?, out)
}

fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    for mut line in lines(PATH, text) {
        if let Some(word) = line.word() {
            parse_zone(word, &mut line, out)?;
        }
    }
    not_empty(PATH, before, out, "free blocks by zone")
}

/// `Node 0, zone      DMA      1      0      1`
fn parse_zone(first: &str, line: &mut Line<'_>, out: &mut Batch) -> Result<(), Fault> {
    let node = line.word().unwrap_or("").trim_end_matches(',');
    let word = line.word().unwrap_or("");
    let zone = line.word().filter(|_| first == "Node" && word == "zone");
    let zone = zone.ok_or_else(|| line.fault(first, "Node, a number, zone and a name"))?;
    for size in SIZES {
        let Some(blocks) = line.next_count() else { return Ok(()) };
        out.push(&BLOCKS, &[node, zone, size], blocks?);
    }
    line.word().map_or(Ok(()), |word| Err(line.fault(word, "at most 20 sizes")))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn zones_of_two_nodes() {
        check(
            parse,
            "Node 0, zone      DMA      1      0      1 \nNode 1, zone   Normal   4381   1093\n",
            expect![[r#"
                node_buddyinfo_blocks{node="0",zone="DMA",size="0"} 1
                node_buddyinfo_blocks{node="0",zone="DMA",size="1"} 0
                node_buddyinfo_blocks{node="0",zone="DMA",size="2"} 1
                node_buddyinfo_blocks{node="1",zone="Normal",size="0"} 4381
                node_buddyinfo_blocks{node="1",zone="Normal",size="1"} 1093
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "Node 0, zone DMA 1 -1\n",
            expect![[r#"
            node_buddyinfo_blocks{node="0",zone="DMA",size="0"} 1
            fault malformed: /proc/buddyinfo:1: expected a whole number, found "-1"
        "#]],
        );
        check(
            parse,
            "Node 0 DMA 1 2\n",
            expect![[r#"
            fault malformed: /proc/buddyinfo:1: expected Node, a number, zone and a name, found "Node"
        "#]],
        );
        check(
            parse,
            &format!("Node 0, zone DMA{}\n", " 1".repeat(21)),
            expect![[r#"
            node_buddyinfo_blocks{node="0",zone="DMA",size="0"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="1"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="2"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="3"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="4"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="5"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="6"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="7"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="8"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="9"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="10"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="11"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="12"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="13"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="14"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="15"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="16"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="17"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="18"} 1
            node_buddyinfo_blocks{node="0",zone="DMA",size="19"} 1
            fault malformed: /proc/buddyinfo:1: expected at most 20 sizes, found "1"
        "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
            fault malformed: /proc/buddyinfo:1: expected free blocks by zone, found ""
        "#]],
        );
    }
}

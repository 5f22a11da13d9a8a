//! Statistics of the kernel's network caches: neighbours, connection tracking.

use crate::words::{lines, not_empty};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};
use std::fmt::Write;

static STATISTIC: Metric = Metric::counter(
    "node_lnstat_*_total",
    "Statistic of a network cache, as lnstat(8) shows it.",
    &["subsystem", "cpu"],
);

const DIRECTORY: &str = "/proc/net/stat";
/// More caches than this are left out, and a gap says so; a kernel has about five.
const CACHES_MAX: usize = 64;

pub static SPEC: Spec = Spec {
    name: "lnstat",
    about: "statistics of the kernel's network caches by CPU",
    doc: "lnstat(8)",
    reads: &[DIRECTORY],
    metrics: &[&STATISTIC],
    every_ms: 10_000,
    enabled: false,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// One cache whose file makes no sense does not hide the others.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let caches = host.names(DIRECTORY, CACHES_MAX)?;
    if caches.len() == CACHES_MAX {
        out.push_gap(DIRECTORY, "the first 64 caches are watched, the others are not", "");
    }
    caches.iter().map(|cache| collect_cache(host, cache, out)).fold(Ok(()), Result::and)
}

fn collect_cache(host: &mut Host, cache: &str, out: &mut Batch) -> Result<(), Fault> {
    let path = format!("{DIRECTORY}/{cache}");
    parse(&path, cache, host.read(&path)?, out)
}

/// A line of names, then a line of hexadecimal numbers for each CPU.
fn parse(file: &str, cache: &str, text: &str, out: &mut Batch) -> Result<(), Fault> {
    let before = out.len();
    let (names, mut label) = (text.lines().next().unwrap_or(""), String::new());
    for (cpu, mut line) in lines(file, text).skip(1).enumerate() {
        label.clear();
        let _ = write!(label, "{cpu}");
        for name in names.split_whitespace() {
            let word = line.word().unwrap_or("");
            out.push_named(&STATISTIC, name, &[cache, &label], line.as_hex(word)? as f64);
        }
    }
    not_empty(file, before, out, "a line of names and one for each CPU")
}

#[cfg(test)]
mod tests {
    use crate::Fault;
    use crate::testing::check;
    use expect_test::expect;
    use hostward_model::Batch;

    fn parse(text: &str, out: &mut Batch) -> Result<(), Fault> {
        super::parse("/proc/net/stat/arp_cache", "arp_cache", text, out)
    }

    #[test]
    fn a_cache_by_cpu() {
        check(
            parse,
            "entries  allocs\n00000014  00000001\n00000014  0000000d\n",
            expect![[r#"
                node_lnstat_entries_total{subsystem="arp_cache",cpu="0"} 20
                node_lnstat_allocs_total{subsystem="arp_cache",cpu="0"} 1
                node_lnstat_entries_total{subsystem="arp_cache",cpu="1"} 20
                node_lnstat_allocs_total{subsystem="arp_cache",cpu="1"} 13
            "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse,
            "entries allocs\n00000014\n",
            expect![[r#"
                node_lnstat_entries_total{subsystem="arp_cache",cpu="0"} 20
                fault malformed: /proc/net/stat/arp_cache:2: expected a hexadecimal number, found ""
            "#]],
        );
        check(
            parse,
            "entries\n",
            expect![[r#"
                fault malformed: /proc/net/stat/arp_cache:1: expected a line of names and one for each CPU, found ""
            "#]],
        );
    }
}

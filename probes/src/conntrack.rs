//! The table in which the firewall tracks connections.

use crate::words::{Line, lines, only_line};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static ENTRIES: Metric = Metric::gauge(
    "node_nf_conntrack_entries",
    "Number of currently allocated flow entries for connection tracking.",
    &[],
);
static LIMIT: Metric =
    Metric::gauge("node_nf_conntrack_entries_limit", "Maximum size of connection tracking table.", &[]);
static FOUND: Metric =
    count("node_nf_conntrack_stat_found", "Number of searched entries which were successful.");
static INVALID: Metric =
    count("node_nf_conntrack_stat_invalid", "Number of packets seen which can not be tracked.");
static IGNORE: Metric = count(
    "node_nf_conntrack_stat_ignore",
    "Number of packets seen which are already connected to a conntrack entry.",
);
static INSERT: Metric = count("node_nf_conntrack_stat_insert", "Number of entries inserted into the list.");
static INSERT_FAILED: Metric = count(
    "node_nf_conntrack_stat_insert_failed",
    "Number of entries for which list insertion was attempted but failed.",
);
static DROP: Metric =
    count("node_nf_conntrack_stat_drop", "Number of packets dropped due to conntrack failure.");
static EARLY_DROP: Metric = count(
    "node_nf_conntrack_stat_early_drop",
    "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.",
);
static SEARCH_RESTART: Metric = count(
    "node_nf_conntrack_stat_search_restart",
    "Number of conntrack table lookups which had to be restarted due to hashtable resizes.",
);

/// node_exporter has these as gauges, though they count.
const fn count(name: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, help, &[]).growing_but(&[])
}

static STATS: [(&str, &Metric); 8] = [
    ("found", &FOUND),
    ("invalid", &INVALID),
    ("ignore", &IGNORE),
    ("insert", &INSERT),
    ("insert_failed", &INSERT_FAILED),
    ("drop", &DROP),
    ("early_drop", &EARLY_DROP),
    ("search_restart", &SEARCH_RESTART),
];

const COUNT_PATH: &str = "/proc/sys/net/netfilter/nf_conntrack_count";
const LIMIT_PATH: &str = "/proc/sys/net/netfilter/nf_conntrack_max";
const STAT_PATH: &str = "/proc/net/stat/nf_conntrack";

pub static SPEC: Spec = Spec {
    name: "conntrack",
    about: "the firewall's table of connections",
    doc: "networking/nf_conntrack-sysctl",
    reads: &[COUNT_PATH, LIMIT_PATH, STAT_PATH],
    metrics: &[
        &ENTRIES,
        &LIMIT,
        &FOUND,
        &INVALID,
        &IGNORE,
        &INSERT,
        &INSERT_FAILED,
        &DROP,
        &EARLY_DROP,
        &SEARCH_RESTART,
    ],
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// The table exists as soon as a firewall rule needs it; its statistics only with `CONFIG_NF_CONNTRACK_PROCFS`.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    parse_one(COUNT_PATH, host.read(COUNT_PATH)?, &ENTRIES, out)?;
    parse_one(LIMIT_PATH, host.read(LIMIT_PATH)?, &LIMIT, out)?;
    match host.read(STAT_PATH) {
        Ok(text) => parse_stat(text, out),
        Err(Fault::Missing { .. }) => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn parse_one(file: &str, text: &str, metric: &'static Metric, out: &mut Batch) -> Result<(), Fault> {
    out.push(metric, &[], only_line(file, text).count()?);
    Ok(())
}

/// A line of names, then a line of hexadecimal numbers for each CPU, which are summed.
///
/// Names come and go with kernels, so a name that is absent gives no sample.
fn parse_stat(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut rest = lines(STAT_PATH, text);
    let Some(names) = rest.next() else {
        return Err(Fault::malformed(STAT_PATH, 1, "", "names of counters"));
    };
    let columns = columns_of(names);
    let mut sums = [0u64; STATS.len()];
    for line in rest {
        add(line, &columns, &mut sums)?;
    }
    for ((_, metric), (column, sum)) in STATS.iter().zip(columns.iter().zip(sums)) {
        if column.is_some() {
            out.push(metric, &[], sum as f64);
        }
    }
    Ok(())
}

fn columns_of(mut names: Line<'_>) -> [Option<usize>; STATS.len()] {
    let mut columns = [None; STATS.len()];
    for at in 0.. {
        let Some(name) = names.word() else { break };
        if let Some(stat) = STATS.iter().position(|(known, _)| *known == name) {
            columns[stat] = Some(at);
        }
    }
    columns
}

fn add(mut line: Line<'_>, columns: &[Option<usize>], sums: &mut [u64]) -> Result<(), Fault> {
    let mut seen = 0;
    while let Some(word) = line.word() {
        if let Some(stat) = columns.iter().position(|column| *column == Some(seen)) {
            let value =
                u64::from_str_radix(word, 16).map_err(|_| line.fault(word, "a hexadecimal number"))?;
            sums[stat] = sums[stat].wrapping_add(value);
        }
        seen += 1;
    }
    match columns.iter().flatten().max() {
        Some(last) if seen <= *last => Err(line.fault("", "as many numbers as names")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;
    use expect_test::expect;

    #[test]
    fn cpus_are_summed() {
        check(
            parse_stat,
            "entries  searched found new invalid ignore drop\n00000021 0 0 0 00000003 0000588a 1\n00000021 0 0 0 0000002f 000056a4 2\n",
            expect![[r#"
                node_nf_conntrack_stat_found 0
                node_nf_conntrack_stat_invalid 50
                node_nf_conntrack_stat_ignore 44846
                node_nf_conntrack_stat_drop 3
            "#]],
        );
    }

    #[test]
    fn entries() {
        check(
            |text, out| parse_one(COUNT_PATH, text, &ENTRIES, out),
            "123\n",
            expect![[r#"
            node_nf_conntrack_entries 123
        "#]],
        );
        check(
            |text, out| parse_one(LIMIT_PATH, text, &LIMIT, out),
            "lots\n",
            expect![[r#"
            fault malformed: /proc/sys/net/netfilter/nf_conntrack_max:1: expected a whole number, found "lots"
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse_stat,
            "",
            expect![[r#"
            fault malformed: /proc/net/stat/nf_conntrack:1: expected names of counters, found ""
        "#]],
        );
        check(
            parse_stat,
            "entries found\n1 2\n1 zwei\n",
            expect![[r#"
            fault malformed: /proc/net/stat/nf_conntrack:3: expected a hexadecimal number, found "zwei"
        "#]],
        );
        check(
            parse_stat,
            "entries found\n1\n",
            expect![[r#"
            fault malformed: /proc/net/stat/nf_conntrack:2: expected as many numbers as names, found ""
        "#]],
        );
    }
}

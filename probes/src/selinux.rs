//! SELinux: whether it is on, what it enforces, and how its cache of decisions does.

use crate::words::{lines, only_line};
use crate::{Fault, Host, Spec};
use hostward_model::{Batch, Metric};

static ENABLED: Metric = Metric::gauge("node_selinux_enabled", "Whether SELinux is on; 0 or 1.", &[]);
static CONFIGURED: Metric = Metric::gauge(
    "node_selinux_config_mode",
    "What SELinux does after a start: 1 enforcing, 0 permissive, -1 off.",
    &[],
);
static CURRENT: Metric =
    Metric::gauge("node_selinux_current_mode", "What SELinux does now: 1 enforcing, 0 permissive.", &[]);
static LOOKUPS: Metric =
    Metric::counter("node_selinux_avc_lookups_total", "Lookups in the cache of decisions.", &[]);
static HITS: Metric =
    Metric::counter("node_selinux_avc_hits_total", "Lookups that found a decision in the cache.", &[]);
static MISSES: Metric =
    Metric::counter("node_selinux_avc_misses_total", "Lookups that found no decision in the cache.", &[]);
static ALLOCATIONS: Metric =
    Metric::counter("node_selinux_avc_allocations_total", "Decisions that were put into the cache.", &[]);
static RECLAIMS: Metric =
    Metric::counter("node_selinux_avc_reclaims_total", "Decisions that had to go to make room.", &[]);
static FREES: Metric =
    Metric::counter("node_selinux_avc_frees_total", "Decisions that were taken out of the cache.", &[]);
static ENTRIES: Metric =
    Metric::gauge("node_selinux_avc_hash_entries", "Decisions that are in the cache.", &[]);
static BUCKETS: Metric =
    Metric::gauge("node_selinux_avc_hash_buckets_available", "Buckets that the cache has.", &[]);
static BUCKETS_USED: Metric =
    Metric::gauge("node_selinux_avc_hash_buckets_used", "Buckets of the cache that hold a decision.", &[]);
static CHAIN: Metric = Metric::gauge(
    "node_selinux_avc_hash_longest_chain",
    "Decisions in the fullest bucket of the cache.",
    &[],
);
static THRESHOLD: Metric =
    Metric::gauge("node_selinux_avc_threshold", "Decisions that the cache may hold.", &[]);

/// The columns of the statistics of the cache.
static COLUMNS: [&Metric; 6] = [&LOOKUPS, &HITS, &MISSES, &ALLOCATIONS, &RECLAIMS, &FREES];

const FILESYSTEMS: &str = "/proc/filesystems";
const MODE: &str = "/sys/fs/selinux/enforce";
const CONFIG: &str = "/etc/selinux/config";
const CACHE: &str = "/sys/fs/selinux/avc/cache_stats";
const HASH: &str = "/sys/fs/selinux/avc/hash_stats";
const LIMIT: &str = "/sys/fs/selinux/avc/cache_threshold";

pub static SPEC: Spec = Spec {
    name: "selinux",
    about: "whether SELinux is on, what it enforces, and its cache of decisions",
    doc: "selinux(8)",
    reads: &[FILESYSTEMS, MODE, CONFIG, CACHE, HASH, LIMIT],
    metrics: &[
        &ENABLED,
        &CONFIGURED,
        &CURRENT,
        &LOOKUPS,
        &HITS,
        &MISSES,
        &ALLOCATIONS,
        &RECLAIMS,
        &FREES,
        &ENTRIES,
        &BUCKETS,
        &BUCKETS_USED,
        &CHAIN,
        &THRESHOLD,
    ],
    every_ms: 10_000,
    start: |_| Box::new(collect),
    ..Spec::INLINE
};

/// A kernel that runs without SELinux does not know its filesystem.
fn collect(host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
    let known = host.read(FILESYSTEMS)?.split_whitespace().any(|word| word == "selinuxfs");
    let mode = host.number(format_args!("{MODE}"))?.filter(|_| known);
    let Some(mode) = mode else {
        out.push(&ENABLED, &[], 0.0);
        return Ok(());
    };
    out.push(&ENABLED, &[], 1.0);
    out.push(&CURRENT, &[], mode);
    if let Ok(config) = host.bytes(CONFIG) {
        push_configured(&String::from_utf8_lossy(&config), out);
    }
    if let Some(limit) = host.number(format_args!("{LIMIT}"))? {
        out.push(&THRESHOLD, &[], limit);
    }
    let cache = host.attribute(format_args!("{CACHE}"))?.map_or(Ok(()), |text| parse_cache(text, out));
    let hash = host.attribute(format_args!("{HASH}"))?.map_or(Ok(()), |text| parse_hash(text, out));
    cache.and(hash)
}

fn push_configured(config: &str, out: &mut Batch) {
    let mode = match config.lines().find_map(|line| line.strip_prefix("SELINUX=")).map(str::trim) {
        Some("enforcing") => 1.0,
        Some("permissive") => 0.0,
        Some("disabled") => -1.0,
        _ => return,
    };
    out.push(&CONFIGURED, &[], mode);
}

/// A head line, then a line for each CPU; the sums are told.
fn parse_cache(text: &str, out: &mut Batch) -> Result<(), Fault> {
    let mut sums = [0.0; COLUMNS.len()];
    for mut line in lines(CACHE, text).skip(1) {
        for sum in &mut sums {
            *sum += line.count()?;
        }
    }
    COLUMNS.iter().zip(sums).for_each(|(metric, sum)| out.push(metric, &[], sum));
    Ok(())
}

/// `entries: 503`, `buckets used: 283/512`, `longest chain: 7`
fn parse_hash(text: &str, out: &mut Batch) -> Result<(), Fault> {
    for line in text.lines() {
        let line_of = only_line(HASH, line);
        let (name, value) = line.split_once(':').ok_or_else(|| line_of.fault(line, "a name and a colon"))?;
        match (name, value.trim().split_once('/')) {
            ("buckets used", Some((used, all))) => {
                out.push(&BUCKETS_USED, &[], line_of.as_count(used)?);
                out.push(&BUCKETS, &[], line_of.as_count(all)?);
            }
            ("entries", _) => out.push(&ENTRIES, &[], line_of.as_count(value.trim())?),
            ("longest chain", _) => out.push(&CHAIN, &[], line_of.as_count(value.trim())?),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_host};
    use expect_test::expect;

    const FILES: [(&str, &str); 6] = [
        (FILESYSTEMS, "nodev\tsysfs\nnodev\tselinuxfs\n\text4\n"),
        (MODE, "1"),
        (CONFIG, "# a remark\nSELINUX=permissive\nSELINUXTYPE=targeted\n"),
        (CACHE, "lookups hits misses allocations reclaims frees\n10 9 1 1 0 2\n5 4 1 1 0 0\n"),
        (HASH, "entries: 503\nbuckets used: 283/512\nlongest chain: 7\n"),
        (LIMIT, "512\n"),
    ];

    #[test]
    fn it_is_on() {
        check_host(
            &SPEC,
            &[],
            &FILES,
            expect![[r#"
            node_selinux_enabled 1
            node_selinux_current_mode 1
            node_selinux_config_mode 0
            node_selinux_avc_threshold 512
            node_selinux_avc_lookups_total 15
            node_selinux_avc_hits_total 13
            node_selinux_avc_misses_total 2
            node_selinux_avc_allocations_total 2
            node_selinux_avc_reclaims_total 0
            node_selinux_avc_frees_total 2
            node_selinux_avc_hash_entries 503
            node_selinux_avc_hash_buckets_used 283
            node_selinux_avc_hash_buckets_available 512
            node_selinux_avc_hash_longest_chain 7
        "#]],
        );
    }

    #[test]
    fn it_is_off_or_not_known_to_the_kernel() {
        check_host(
            &SPEC,
            &[],
            &FILES[..1],
            expect![[r#"
            node_selinux_enabled 0
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[(FILESYSTEMS, "nodev\tsysfs\n")],
            expect![[r#"
            node_selinux_enabled 0
        "#]],
        );
        check_host(
            &SPEC,
            &[],
            &[],
            expect![[r#"
            fault missing: /proc/filesystems: not on this host
        "#]],
        );
    }

    #[test]
    fn nonsense_is_named() {
        check(
            parse_cache,
            "lookups hits\n1 2\n",
            expect![[r#"
            fault malformed: /sys/fs/selinux/avc/cache_stats:2: expected a whole number, found ""
        "#]],
        );
        check(
            parse_hash,
            "entries: all\n",
            expect![[r#"
            fault malformed: /sys/fs/selinux/avc/hash_stats:1: expected a whole number, found "all"
        "#]],
        );
        check(
            parse_hash,
            "entries\n",
            expect![[r#"
            fault malformed: /sys/fs/selinux/avc/hash_stats:1: expected a name and a colon, found "entries"
        "#]],
        );
    }
}

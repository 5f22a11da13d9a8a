//! Caches of bcache and the devices behind them.

mod human;

use crate::attributes;
use crate::{Fault, Host, Preset, Probe, Setting, Spec};
use hostward_model::{Batch, Metric};

const UUID: &[&str] = &["uuid"];
const BACKING: &[&str] = &["backing_device", "uuid"];
const CACHE: &[&str] = &["cache_device", "uuid"];

static KEY_SIZE: Metric = Metric::gauge(
    "node_bcache_average_key_size_sectors",
    "Data for each key of the B-tree, in sectors, on average.",
    UUID,
);
static TREE_CACHE: Metric =
    Metric::gauge("node_bcache_btree_cache_size_bytes", "Memory that caches the B-tree.", UUID);
static AVAILABLE: Metric = Metric::gauge(
    "node_bcache_cache_available_percent",
    "Share of the cache that holds no dirty data; clean data may be there.",
    UUID,
);
static CONGESTED: Metric = Metric::gauge("node_bcache_congested", "Congestion of the cache.", UUID);
static ROOT_USAGE: Metric = Metric::gauge(
    "node_bcache_root_usage_percent",
    "Share of the root node of the B-tree that is in use; when it is full the tree grows.",
    UUID,
);
static DEPTH: Metric = Metric::gauge("node_bcache_tree_depth", "Depth of the B-tree.", UUID);
static JOURNAL: Metric = Metric::gauge(
    "node_bcache_active_journal_entries",
    "Entries of the journal that are newer than the index.",
    UUID,
);
static NODES: Metric = Metric::gauge("node_bcache_btree_nodes", "Nodes of the B-tree.", UUID);
static READ_TIME: Metric = Metric::gauge(
    "node_bcache_btree_read_average_duration_seconds",
    "Time to read the B-tree, on average, as node_exporter computes it.",
    UUID,
);
static RACES: Metric = Metric::counter(
    "node_bcache_cache_read_races_total",
    "Reads from the cache whose bucket was used for something else in the meantime.",
    UUID,
);
static BYPASSED: Metric =
    Metric::counter("node_bcache_bypassed_bytes_total", "Bytes that went past the cache.", BACKING);
static HITS: Metric =
    Metric::counter("node_bcache_cache_hits_total", "Requests that the cache served.", BACKING);
static MISSES: Metric =
    Metric::counter("node_bcache_cache_misses_total", "Requests that the cache could not serve.", BACKING);
static BYPASS_HITS: Metric = Metric::counter(
    "node_bcache_cache_bypass_hits_total",
    "Requests meant to go past the cache that it served.",
    BACKING,
);
static BYPASS_MISSES: Metric = Metric::counter(
    "node_bcache_cache_bypass_misses_total",
    "Requests meant to go past the cache that did.",
    BACKING,
);
static COLLISIONS: Metric = Metric::counter(
    "node_bcache_cache_miss_collisions_total",
    "Data to be cached after a miss that a write had put there already.",
    BACKING,
);
static READAHEADS: Metric =
    Metric::counter("node_bcache_cache_readaheads_total", "Times that was read ahead.", BACKING);
static DIRTY: Metric = Metric::gauge(
    "node_bcache_dirty_data_bytes",
    "Dirty data in the cache that belongs to the device behind it.",
    BACKING,
);
static TARGET: Metric =
    Metric::gauge("node_bcache_dirty_target_bytes", "Dirty data that the write-back aims at.", BACKING);
static RATE: Metric =
    Metric::gauge("node_bcache_writeback_rate", "Rate of the write-back in bytes a second.", BACKING);
static PROPORTIONAL: Metric = Metric::gauge(
    "node_bcache_writeback_rate_proportional_term",
    "Proportional part of the rate of the write-back.",
    BACKING,
);
static INTEGRAL: Metric = Metric::gauge(
    "node_bcache_writeback_rate_integral_term",
    "Integral part of the rate of the write-back.",
    BACKING,
);
static CHANGE: Metric =
    Metric::gauge("node_bcache_writeback_change", "Last change of the rate of the write-back.", BACKING);
static IO_ERRORS: Metric =
    Metric::gauge("node_bcache_io_errors", "Errors, halved after each io_error_halflife.", CACHE);
static METADATA: Metric = Metric::counter(
    "node_bcache_metadata_written_bytes_total",
    "Bytes of the B-tree and other metadata written to the cache.",
    CACHE,
);
static WRITTEN: Metric =
    Metric::counter("node_bcache_written_bytes_total", "Bytes of data written to the cache.", CACHE);
static UNUSED: Metric = Metric::gauge(
    "node_bcache_priority_stats_unused_percent",
    "Share of the cache that holds nothing.",
    CACHE,
);
static OVERHEAD: Metric = Metric::gauge(
    "node_bcache_priority_stats_metadata_percent",
    "Share of the cache that metadata takes.",
    CACHE,
);

/// A file, the metric of its number, and what the number is multiplied by.
type Files = [(&'static str, &'static Metric, f64)];

/// node_exporter takes the microseconds of the last but two for nanoseconds, and so do the dashboards.
static OF_SET: &Files = &[
    ("average_key_size", &KEY_SIZE, 1.0),
    ("btree_cache_size", &TREE_CACHE, 1.0),
    ("cache_available_percent", &AVAILABLE, 1.0),
    ("congested", &CONGESTED, 1.0),
    ("root_usage_percent", &ROOT_USAGE, 1.0),
    ("tree_depth", &DEPTH, 1.0),
    ("internal/active_journal_entries", &JOURNAL, 1.0),
    ("internal/btree_read_average_duration_us", &READ_TIME, 1e-9),
    ("internal/btree_nodes", &NODES, 1.0),
    ("internal/cache_read_races", &RACES, 1.0),
];
static OF_BACKING: &Files = &[
    ("dirty_data", &DIRTY, 1.0),
    ("stats_total/bypassed", &BYPASSED, 1.0),
    ("stats_total/cache_hits", &HITS, 1.0),
    ("stats_total/cache_misses", &MISSES, 1.0),
    ("stats_total/cache_bypass_hits", &BYPASS_HITS, 1.0),
    ("stats_total/cache_bypass_misses", &BYPASS_MISSES, 1.0),
    ("stats_total/cache_miss_collisions", &COLLISIONS, 1.0),
    ("stats_total/cache_readaheads", &READAHEADS, 1.0),
];
static OF_CACHE: &Files =
    &[("io_errors", &IO_ERRORS, 1.0), ("metadata_written", &METADATA, 1.0), ("written", &WRITTEN, 1.0)];

/// Lines of `writeback_rate_debug` and `priority_stats`.
static WRITEBACK: [(&str, &Metric); 5] = [
    ("rate", &RATE),
    ("target", &TARGET),
    ("proportional", &PROPORTIONAL),
    ("integral", &INTEGRAL),
    ("change", &CHANGE),
];
static PRIORITY: [(&str, &Metric); 2] = [("Unused", &UNUSED), ("Metadata", &OVERHEAD)];

const DIRECTORY: &str = "/sys/fs/bcache";
const SETS_MAX: usize = 256;
/// Names in the directory of a set; some forty are attributes.
const NAMES_MAX: usize = 512;

pub static SPEC: Spec = Spec {
    name: "bcache",
    about: "hits, misses, dirty data and write-back of bcache",
    doc: "admin-guide/bcache",
    reads: &[DIRECTORY],
    metrics: &[
        &KEY_SIZE,
        &TREE_CACHE,
        &AVAILABLE,
        &CONGESTED,
        &ROOT_USAGE,
        &DEPTH,
        &JOURNAL,
        &NODES,
        &READ_TIME,
        &RACES,
        &BYPASSED,
        &HITS,
        &MISSES,
        &BYPASS_HITS,
        &BYPASS_MISSES,
        &COLLISIONS,
        &READAHEADS,
        &DIRTY,
        &TARGET,
        &RATE,
        &PROPORTIONAL,
        &INTEGRAL,
        &CHANGE,
        &IO_ERRORS,
        &METADATA,
        &WRITTEN,
        &UNUSED,
        &OVERHEAD,
    ],
    every_ms: 10_000,
    settings: &[Setting {
        name: "priority_stats",
        about: "Whether shares of the cache are read, for which the kernel walks all buckets.",
        default: Preset::Flag(false),
    }],
    start: |settings| Box::new(Bcache { priority_stats: settings.flag("priority_stats") }),
    ..Spec::ASIDE
};

struct Bcache {
    priority_stats: bool,
}

impl Probe for Bcache {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let sets = attributes::names(host, DIRECTORY, SETS_MAX, |name| name.contains('-'), out)?;
        sets.iter().map(|uuid| self.push_set(host, uuid, out)).fold(Ok(()), Result::and)
    }
}

impl Bcache {
    fn push_set(&self, host: &mut Host, uuid: &str, out: &mut Batch) -> Result<(), Fault> {
        let directory = format!("{DIRECTORY}/{uuid}");
        let mut result = push_files(host, &directory, OF_SET, &[uuid], out);
        for name in attributes::names(host, &directory, NAMES_MAX, is_device, out)? {
            let (own, labels) = (format!("{directory}/{name}"), [name.as_str(), uuid]);
            result = result.and(if name.starts_with("bdev") {
                push_backing(host, &own, &labels, out)
            } else {
                self.push_cache(host, &own, &labels, out)
            });
        }
        result
    }

    fn push_cache(&self, host: &mut Host, own: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
        let result = push_files(host, own, OF_CACHE, labels, out);
        if !self.priority_stats {
            return result;
        }
        result.and(push_lines(host, &format!("{own}/priority_stats"), &PRIORITY, labels, out))
    }
}

/// A link `bdev0` or `cache0`; `cache_available_percent` is none.
fn is_device(name: &str) -> bool {
    let number = name.strip_prefix("bdev").or_else(|| name.strip_prefix("cache"));
    number.is_some_and(|number| number.starts_with(|first: char| first.is_ascii_digit()))
}

fn push_backing(host: &mut Host, own: &str, labels: &[&str], out: &mut Batch) -> Result<(), Fault> {
    let files = push_files(host, own, OF_BACKING, labels, out);
    files.and(push_lines(host, &format!("{own}/writeback_rate_debug"), &WRITEBACK, labels, out))
}

/// Numbers that bcache writes for people: `20.4G`.
fn push_files(
    host: &mut Host,
    directory: &str,
    files: &'static Files,
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    let mut push = |(file, metric, factor): &(&str, &'static Metric, f64)| {
        let path = format!("{directory}/{file}");
        let Some(text) = host.attribute(format_args!("{path}"))? else { return Ok(()) };
        out.push(metric, labels, human::bytes(&path, 1, text)? * factor);
        Ok(())
    };
    files.iter().map(&mut push).fold(Ok(()), Result::and)
}

/// `rate: 1.1M/sec`, `Unused: 99%`
fn push_lines(
    host: &mut Host,
    path: &str,
    known: &[(&str, &'static Metric)],
    labels: &[&str],
    out: &mut Batch,
) -> Result<(), Fault> {
    let Some(text) = host.attribute(format_args!("{path}"))? else { return Ok(()) };
    for (line, number) in text.lines().zip(1..) {
        let Some((key, value)) = line.split_once(':') else { continue };
        if let Some((_, metric)) = known.iter().find(|(name, _)| *name == key) {
            let value = value.trim().trim_end_matches("/sec").trim_end_matches('%');
            out.push(metric, labels, human::bytes(path, number, value)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

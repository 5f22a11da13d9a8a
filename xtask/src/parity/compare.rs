//! Two expositions beside each other: names, labels, types and values.

use crate::{Outcome, table};
use hostward_formats::exposition::{Family, Format, Type, read};
use std::collections::BTreeMap;

/// Families that depend on the machine that runs the test or on the program, not on the captured files.
const NOT_COMPARED: [&str; 12] = [
    "go_",
    "process_",
    "promhttp_",
    "node_exporter_build_info",
    "node_scrape_collector_duration_seconds",
    "node_textfile_mtime_seconds",
    "node_time_seconds",
    "node_time_zone_offset_seconds",
    "node_network_receive_bytes_total",
    "node_network_receive_packets_total",
    "node_network_transmit_bytes_total",
    "node_network_transmit_packets_total",
];

/// We have more probes than node_exporter has collectors.
const MORE_IS_FINE: &str = "node_scrape_collector_success";

/// What is known to differ, by the beginning of its series, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "node_bcachefs_errors_total{error_type=\"extent_io_opts_not_set\"",
        "a count that runs into its time is read by node_exporter as one number",
    ),
    (
        "node_btrfs_commit_seconds_total{uuid=\"7f07",
        "the kernel has no commit_stats there; node_exporter prints 0",
    ),
    ("node_btrfs_commits_total{uuid=\"7f07", "the same"),
    ("node_btrfs_last_commit_seconds{uuid=\"7f07", "the same"),
    ("node_btrfs_max_commit_seconds{uuid=\"7f07", "the same"),
    ("node_md_degraded{device=\"md0\"", "RAID 0 has no such file; node_exporter prints 0"),
    (
        "node_network_receive_compressed_total{device=\"lo\"",
        "node_exporter asked its own machine; the capture has no /proc/net/dev",
    ),
    ("node_network_receive_drop_total{device=\"lo\"", "the same"),
    ("node_network_receive_errs_total{device=\"lo\"", "the same"),
    ("node_network_receive_fifo_total{device=\"lo\"", "the same"),
    ("node_network_receive_frame_total{device=\"lo\"", "the same"),
    ("node_network_receive_multicast_total{device=\"lo\"", "the same"),
    ("node_network_receive_nohandler_total{device=\"lo\"", "the same"),
    ("node_network_transmit_carrier_total{device=\"lo\"", "the same"),
    ("node_network_transmit_colls_total{device=\"lo\"", "the same"),
    ("node_network_transmit_compressed_total{device=\"lo\"", "the same"),
    ("node_network_transmit_drop_total{device=\"lo\"", "the same"),
    ("node_network_transmit_errs_total{device=\"lo\"", "the same"),
    ("node_network_transmit_fifo_total{device=\"lo\"", "the same"),
    ("node_softnet_backlog_len{", "that kernel has no such column; node_exporter prints 0"),
    (
        "node_mountstats_nfs_transport_connect_total{export=\"192.168.1.1:/srv/test\",mountaddr=\"192.168.1.1\",protocol=\"udp\"",
        "UDP has no such value; node_exporter prints 0",
    ),
    (
        "node_mountstats_nfs_transport_idle_time_seconds{export=\"192.168.1.1:/srv/test\",mountaddr=\"192.168.1.1\",protocol=\"udp\"",
        "the same",
    ),
    (
        "node_nfs_requests_total{method=\"Allocate\",proto=\"4\"",
        "that kernel does not count it; node_exporter prints 0",
    ),
    ("node_nfs_requests_total{method=\"BindConnToSession\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"Clone\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"DeAllocate\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"DestroyClientID\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"FreeStateID\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"GetDeviceList\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"LayoutStats\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"SecinfoNoName\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"Seek\",proto=\"4\"", "the same"),
    ("node_nfs_requests_total{method=\"TestStateID\",proto=\"4\"", "the same"),
    (
        "node_nfs_requests_total{method=\"GetDeviceInfo\",proto=\"4\"",
        "node_exporter has the next two swapped; ours are in the kernel's order",
    ),
    ("node_nfs_requests_total{method=\"LayoutGet\",proto=\"4\"", "the same"),
    ("node_scrape_collector_success{collector=\"netdev\"", "the capture has no /proc/net/dev"),
];

/// How two expositions compare, by group.
pub struct Comparison(BTreeMap<String, Group>);

#[derive(Default)]
struct Group {
    matched: usize,
    excepted: usize,
    missing: Vec<String>,
    differing: Vec<String>,
    more: Vec<String>,
}

/// A series with its family's type; labels are sorted.
type Series = BTreeMap<String, (Type, f64)>;

/// Compares what is `expected` with what is `ours`; series of families that only we have are no matter.
pub fn compare(expected: &str, ours: &str) -> Outcome<Comparison> {
    // Where its test had the files becomes where a host has them.
    let expected = expected.replace("collector/fixtures/sys", "/sys");
    let (expected, ours) = (series("expected", &expected)?, series("ours", ours)?);
    let mut groups = BTreeMap::<String, Group>::new();
    for (key, (kind, value)) in &expected {
        let group = groups.entry(group_of(key)).or_default();
        match ours.get(key) {
            Some((own, found)) if own == kind && (found == value || found.is_nan() && value.is_nan()) => {
                group.matched += 1
            }
            _ if EXCEPTIONS.iter().any(|(start, _)| key.starts_with(start)) => group.excepted += 1,
            Some((own, found)) => {
                group.differing.push(format!("{key} is {found} ({own:?}) instead of {value} ({kind:?})"));
            }
            None => group.missing.push(key.clone()),
        }
    }
    let families: std::collections::BTreeSet<&str> =
        expected.keys().map(|key| name_of(key)).filter(|name| *name != MORE_IS_FINE).collect();
    for key in ours.keys().filter(|key| families.contains(name_of(key)) && !expected.contains_key(*key)) {
        groups.entry(group_of(key)).or_default().more.push(key.clone());
    }
    Ok(Comparison(groups))
}

fn series(whose: &str, text: &str) -> Outcome<Series> {
    let families = read(text, Format::Text).map_err(|error| format!("{whose}: {error}"))?;
    let compared = |family: &&Family| !NOT_COMPARED.iter().any(|start| family.name.starts_with(start));
    let each = |family: &Family| {
        let kind = family.kind;
        family
            .samples
            .iter()
            .map(move |sample| {
                let mut labels: Vec<_> =
                    sample.labels.iter().filter(|(_, value)| !value.is_empty()).collect();
                labels.sort();
                let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
                (format!("{}{{{}}}", sample.name, labels.join(",")), (kind, sample.value))
            })
            .collect::<Vec<_>>()
    };
    Ok(families.iter().filter(compared).flat_map(each).collect())
}

fn name_of(key: &str) -> &str {
    key.split('{').next().unwrap_or(key)
}

/// `node_hwmon` of `node_hwmon_temp_celsius{…}`; a collector mostly has such a prefix.
fn group_of(key: &str) -> String {
    name_of(key).splitn(3, '_').take(2).collect::<Vec<_>>().join("_")
}

impl Comparison {
    /// A row for each group and one for all.
    pub fn table(&self) -> String {
        let row = |name: &str, counts: [usize; 5]| {
            std::iter::once(name.to_owned()).chain(counts.map(|count| count.to_string())).collect()
        };
        let mut rows: Vec<Vec<String>> =
            self.0.iter().map(|(name, group)| row(name, group.counts())).collect();
        let sum = self
            .0
            .values()
            .map(Group::counts)
            .fold([0; 5], |sum, counts| std::array::from_fn(|at| sum[at] + counts[at]));
        rows.push(row("all", sum));
        let reasons = EXCEPTIONS.iter().map(|(start, why)| format!("excepted: {start}…: {why}\n"));
        let table = table::markdown(&["group", "matched", "missing", "differing", "more", "excepted"], &rows);
        format!("{table}\n{}", reasons.collect::<String>())
    }

    /// Everything that is not as it should be, a line each.
    pub fn complaints(&self) -> Vec<String> {
        let lines = |group: &Group| {
            let missing = group.missing.iter().map(|key| format!("missing: {key}"));
            let differing = group.differing.iter().map(|line| format!("differs: {line}"));
            let more = group.more.iter().map(|key| format!("more: {key}"));
            missing.chain(differing).chain(more).collect::<Vec<_>>()
        };
        self.0.values().flat_map(lines).collect()
    }
}

impl Group {
    fn counts(&self) -> [usize; 5] {
        [self.matched, self.missing.len(), self.differing.len(), self.more.len(), self.excepted]
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn each_kind_of_difference_is_told() {
        let theirs = "# TYPE a_b counter\na_b{x=\"1\",y=\"2\"} 1\na_b{x=\"2\",y=\"\"} 2\na_b 3\n";
        let ours = "# TYPE a_b counter\na_b{y=\"2\",x=\"1\"} 1\na_b{x=\"2\"} 4\na_b{x=\"9\"} 1\n# TYPE z gauge\nz 1\n";
        let complaints = compare(theirs, ours).unwrap().complaints();
        assert_eq!(
            complaints,
            [
                "missing: a_b{}",
                "differs: a_b{x=\"2\"} is 4 (Counter) instead of 2 (Counter)",
                "more: a_b{x=\"9\"}"
            ]
        );
    }
}

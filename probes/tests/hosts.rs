//! Every probe over every captured host: the whole exposition against a golden file.
//!
//! A capture is a directory below `tests/hosts`; `UPDATE_EXPECT=1 cargo test` writes its `.prom` file anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::expect_file;
use hostward_model::{Batch, number, text};
use hostward_probes::{Host, PROBES, Pace, Spec};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root(capture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts").join(capture)
}

/// A line for each sample, each gap and the fault, below the name of the probe.
fn exposition(spec: &Spec, host: &mut Host) -> String {
    let mut batch = Batch::new();
    let result = (spec.start)().collect(host, &mut batch);
    let mut out = format!("# probe {}\n", spec.name);
    for sample in batch.samples() {
        let name = sample.metric.full_name(sample.fill());
        text::write_series(&mut out, &name, sample.metric.labels.iter().copied().zip(sample.labels()));
        out.push(' ');
        number::write(&mut out, sample.value);
        out.push('\n');
    }
    for gap in batch.gaps() {
        writeln!(out, "# gap {}: {} ({})", gap.what, gap.reason, gap.grant).unwrap();
    }
    if let Err(fault) = result {
        writeln!(out, "# fault {}: {fault}", fault.reason()).unwrap();
    }
    out
}

/// Probes whose answer is in the files alone; the others ask the kernel about mounts and processes.
fn of_text() -> impl Iterator<Item = &'static Spec> {
    PROBES.iter().copied().filter(|spec| spec.pace == Pace::Inline || spec.name == "netclass")
}

fn whole(capture: &str) -> String {
    let mut host = Host::new(root(capture));
    of_text().map(|spec| exposition(spec, &mut host)).collect()
}

#[test]
fn the_host_of_node_exporter() {
    expect_file!["hosts/ne.prom"].assert_eq(&whole("ne"));
}

#[test]
fn linux_6_18() {
    expect_file!["hosts/linux-6.18.prom"].assert_eq(&whole("linux-6.18"));
}

/// Series and value of each line.
fn values(exposition: &str) -> BTreeMap<&str, f64> {
    let lines = exposition.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(key, value)| (key, value.parse().unwrap()))
        .collect()
}

/// `ne.e2e` is what node_exporter's own end-to-end test expects of the same host, for the families that we have.
#[test]
fn node_exporter_says_the_same() {
    let theirs = std::fs::read_to_string(root("ne.e2e")).unwrap();
    let (ours, theirs) = (whole("ne"), values(&theirs));
    let ours = values(&ours);
    let differ: Vec<_> = ours.iter().filter(|(key, value)| theirs.get(*key) != Some(value)).collect();
    let missing: Vec<_> = theirs.keys().filter(|key| !ours.contains_key(*key)).collect();
    assert!(differ.is_empty() && missing.is_empty(), "differ: {differ:#?}\nmissing: {missing:#?}");
    assert!(ours.len() > 450, "{} series", ours.len());
}

/// No probe yields a metric that it did not declare, or the same series twice.
#[test]
fn probes_keep_to_their_declarations() {
    for (capture, spec) in
        ["ne", "linux-6.18"].iter().flat_map(|capture| of_text().map(move |s| (capture, s)))
    {
        let mut batch = Batch::new();
        let _ = (spec.start)().collect(&mut Host::new(root(capture)), &mut batch);
        let mut seen = BTreeMap::new();
        for sample in batch.samples() {
            let name = sample.metric.full_name(sample.fill());
            assert!(spec.metrics.contains(&sample.metric), "{}: {name} is not declared", spec.name);
            let series = (name, sample.labels().collect::<Vec<_>>().join("\u{1}"));
            assert_eq!(seen.insert(series.clone(), ()), None, "{}: {series:?} twice", spec.name);
        }
    }
}

/// Kernels without IPv6, interrupt pressure or conntrack statistics lack files, and their other files count.
#[test]
fn optional_files_may_be_absent() {
    let copy = std::env::temp_dir().join(format!("hostward-optional-{}", std::process::id()));
    let kept = ["net/sockstat", "net/netstat", "net/snmp", "pressure/cpu", "pressure/io", "pressure/memory"];
    let limits = ["sys/net/netfilter/nf_conntrack_count", "sys/net/netfilter/nf_conntrack_max"];
    for file in kept.iter().chain(&limits).map(|file| Path::new("proc").join(file)) {
        std::fs::create_dir_all(copy.join(&file).parent().unwrap()).unwrap();
        std::fs::copy(root("linux-6.18").join(&file), copy.join(&file)).unwrap();
    }
    let names = ["sockstat", "netstat", "pressure", "conntrack"];
    for spec in PROBES.iter().filter(|spec| names.contains(&spec.name)) {
        let mut batch = Batch::new();
        (spec.start)().collect(&mut Host::new(&copy), &mut batch).unwrap();
        assert!(!batch.is_empty() && batch.gaps().is_empty(), "{}", spec.name);
    }
    std::fs::remove_dir_all(&copy).unwrap();
}

/// On a host where nothing is found each probe says so, and gives no number.
#[test]
fn an_empty_root_gives_faults_and_no_numbers() {
    for spec in of_text().filter(|spec| !["time", "authlog"].contains(&spec.name)) {
        let mut batch = Batch::new();
        let result = (spec.start)().collect(&mut Host::new("/nonexistent"), &mut batch);
        assert_eq!(result.map_err(|fault| fault.reason()), Err("missing"), "{}", spec.name);
        assert!(batch.is_empty(), "{}", spec.name);
    }
}

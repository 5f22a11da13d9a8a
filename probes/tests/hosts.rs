//! Every probe over every captured host: the whole exposition against a golden file.
//!
//! A capture is a directory below `tests/hosts`; `UPDATE_EXPECT=1 cargo test` writes its `.prom` file anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::expect_file;
mod capture;

use hostward_model::{Batch, number, text};
use hostward_probes::{Host, PROBES, Pace, Spec};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// A line for each sample, each gap and the fault, below the name of the probe.
fn exposition(spec: &Spec, host: &mut Host) -> String {
    let mut batch = Batch::new();
    let result = spec.instance().collect(host, &mut batch);
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
    let mut host = Host::new(capture::hosts().join(capture));
    of_text().map(|spec| exposition(spec, &mut host)).collect()
}

#[test]
fn linux_6_18() {
    expect_file!["hosts/linux-6.18.prom"].assert_eq(&whole("linux-6.18"));
}

/// No probe yields a metric that it did not declare, or the same series twice.
#[test]
fn probes_keep_to_their_declarations() {
    let roots = [capture::node_exporter("declared"), capture::hosts().join("linux-6.18")];
    for (root, spec) in roots.iter().flat_map(|root| of_text().map(move |spec| (root, spec))) {
        let mut batch = Batch::new();
        let _ = spec.instance().collect(&mut Host::new(root), &mut batch);
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
        std::fs::copy(capture::hosts().join("linux-6.18").join(&file), copy.join(&file)).unwrap();
    }
    let names = ["sockstat", "netstat", "pressure", "conntrack"];
    for spec in PROBES.iter().filter(|spec| names.contains(&spec.name)) {
        let mut batch = Batch::new();
        spec.instance().collect(&mut Host::new(&copy), &mut batch).unwrap();
        assert!(!batch.is_empty() && batch.gaps().is_empty(), "{}", spec.name);
    }
    std::fs::remove_dir_all(&copy).unwrap();
}

/// On a host where nothing is found each probe says so, and gives no number.
#[test]
fn an_empty_root_gives_faults_and_no_numbers() {
    for spec in of_text().filter(|spec| !["time", "authlog"].contains(&spec.name)) {
        let mut batch = Batch::new();
        let result = spec.instance().collect(&mut Host::new("/nonexistent"), &mut batch);
        assert_eq!(result.map_err(|fault| fault.reason()), Err("missing"), "{}", spec.name);
        assert!(batch.is_empty(), "{}", spec.name);
    }
}

//! A probe that runs in each tick takes no memory anew once its buffers have grown.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod capture;

use allocation_counter::measure;
use hostward_model::Batch;
use hostward_probes::{Host, PROBES, Pace, Spec};

/// Memory that the third run takes, in pieces; nothing when the host does not have what the probe reads.
fn allocations(spec: &Spec, host: &mut Host) -> Option<u64> {
    let (mut batch, mut probe) = (Batch::new(), spec.instance());
    for _ in 0..2 {
        host.begin_tick();
        batch.clear();
        probe.collect(host, &mut batch).ok()?;
    }
    host.begin_tick();
    batch.clear();
    Some(measure(|| probe.collect(host, &mut batch).unwrap()).count_total)
}

/// Of a live host uname asks the kernel; the files that it reads of a captured one are another way.
fn is_measured(spec: &Spec) -> bool {
    spec.pace == Pace::Inline && spec.every_ms == 0 && spec.name != "uname"
}

#[test]
fn a_tick_takes_no_memory() {
    let roots = [capture::node_exporter("memory"), capture::hosts().join("linux-6.18")];
    let in_each_tick = || PROBES.iter().filter(|spec| is_measured(spec));
    let mut measured = 0;
    for (root, spec) in roots.iter().flat_map(|root| in_each_tick().map(move |spec| (root, spec))) {
        if let Some(allocations) = allocations(spec, &mut Host::new(root)) {
            assert_eq!(allocations, 0, "{} on {}", spec.name, root.display());
            measured += 1;
        }
    }
    assert!(measured > 20, "only {measured} runs were measured");
}

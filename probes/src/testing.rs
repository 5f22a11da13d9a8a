//! Text in, exposition out.

use crate::child::program;
use crate::{Fault, Host, Settings, Spec, Value};
use expect_test::Expect;
use hostward_model::{Batch, number, text};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A program that does what `script` says.
pub fn shell(script: &str) -> Command {
    let mut command = program("/bin/sh");
    command.args(["-c", script]);
    command
}

/// Parses `input` and compares the samples, gaps and the fault with what is expected.
pub fn check(parse: impl FnOnce(&str, &mut Batch) -> Result<(), Fault>, input: &str, expect: Expect) {
    let mut batch = Batch::new();
    let result = parse(input, &mut batch);
    expect.assert_eq(&shown(&batch, result));
}

/// Runs a probe with these settings over a host that has these files and no others: path and text.
pub fn check_host(spec: &Spec, set: &[(&str, Value)], files: &[(&str, &str)], expect: Expect) {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let unique = format!("{}-{}-{}", spec.name, std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let root = std::env::temp_dir().join(format!("hostward-host-{unique}"));
    for (path, text) in files {
        let path = root.join(path.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut settings = Settings::new(spec.settings);
    set.iter().for_each(|(name, value)| settings.set(name, value.clone()).unwrap());
    let mut batch = Batch::new();
    let result = (spec.start)(&settings).collect(&mut Host::new(&root), &mut batch);
    let _ = std::fs::remove_dir_all(&root);
    expect.assert_eq(&shown(&batch, result));
}

fn shown(batch: &Batch, result: Result<(), Fault>) -> String {
    let mut shown = exposition(batch);
    if let Err(fault) = result {
        shown += &format!("fault {}: {fault}\n", fault.reason());
    }
    shown
}

/// The samples of a batch, a line each, in the order in which they were pushed.
pub fn exposition(batch: &Batch) -> String {
    let mut out = String::new();
    for sample in batch.samples() {
        let name = sample.metric.full_name(sample.fill());
        text::write_series(&mut out, &name, sample.metric.labels.iter().copied().zip(sample.labels()));
        out.push(' ');
        number::write(&mut out, sample.value);
        out.push('\n');
    }
    for gap in batch.gaps() {
        out += &format!("gap {}: {} ({})\n", gap.what, gap.reason, gap.grant);
    }
    out
}

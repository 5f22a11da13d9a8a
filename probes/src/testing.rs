//! Text in, exposition out.

mod tree;

use crate::child::program;
use crate::{Fault, Settings, Spec, Value};
use expect_test::Expect;
use hostward_model::{Batch, number, text};
use std::process::Command;
pub use tree::Tree;

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
    let mut settings = Settings::new(spec.settings);
    set.iter().for_each(|(name, value)| settings.set(name, value.clone()).unwrap());
    let mut batch = Batch::new();
    let result = (spec.start)(&settings).collect(&mut Tree::new(files).host(), &mut batch);
    expect.assert_eq(&shown(&batch, result));
}

/// The samples, the gaps and the fault.
pub fn shown(batch: &Batch, result: Result<(), Fault>) -> String {
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

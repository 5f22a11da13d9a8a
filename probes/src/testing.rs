//! Text in, exposition out.

use crate::Fault;
use expect_test::Expect;
use hostward_model::{Batch, number, text};

/// Parses `input` and compares the samples, gaps and the fault with what is expected.
pub fn check(parse: impl FnOnce(&str, &mut Batch) -> Result<(), Fault>, input: &str, expect: Expect) {
    let mut batch = Batch::new();
    let result = parse(input, &mut batch);
    let mut shown = exposition(&batch);
    if let Err(fault) = result {
        shown += &format!("fault {}: {fault}\n", fault.reason());
    }
    expect.assert_eq(&shown);
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

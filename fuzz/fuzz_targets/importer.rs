//! What must hold of any importer: it ends, keeps its bounds, and what it gives is an exposition that the strict reader takes.

use hostward_formats::{Exit, Format, Limits, Output, exposition, sniff};

const TIGHT: Limits = Limits {
    output_bytes_max: 2000,
    series_max: 5,
    services_max: 3,
    labels_max: 3,
    name_bytes_max: 30,
    label_bytes_max: 12,
    text_bytes_max: 40,
    rejected_max: 2,
};

/// Reads the input; what stands before a zero byte was declared before.
pub fn check(format: Format, input: &[u8]) {
    let (declared, stdout) = match input.iter().position(|byte| *byte == 0) {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (&b""[..], input),
    };
    let output = Output { name: "plugin", stdout, stderr: b"", exit: Exit::Code(0), declared };
    sniff(&output);
    for limits in [Limits::default(), TIGHT] {
        let report = format.read(&output, &limits);
        let series = report.families.iter().map(|family| family.samples.len()).sum::<usize>();
        assert!(series <= limits.series_max && report.services.len() <= limits.services_max);
        assert!(report.rejected.len() == report.rejected_count.min(limits.rejected_max));
        let text = exposition::write(&report.families, exposition::Format::Text);
        let again = exposition::read(&text, exposition::Format::Text);
        assert!(again.is_ok(), "{again:?} of {text:?}");
    }
}

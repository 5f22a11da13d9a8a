//! What scanners write: findings, or an error with its place, whatever the bytes and whichever format they are read as.
#![no_main]

use hostward_harden::scanner::{FORMATS, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    // One more than there are: none, which is to find it out.
    let format = FORMATS.get(usize::from(choice) % (FORMATS.len() + 1)).copied();
    if let Ok(report) = import("fuzz", bytes, format) {
        assert_eq!(report.results, report.findings.len() + report.repeated + report.dropped);
        let steers = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
        for own in &report.findings {
            assert!(!steers(&own.title) && !steers(&own.evidence) && !steers(&own.location.to_string()));
        }
    }
});

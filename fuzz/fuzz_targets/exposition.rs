//! The reader of Prometheus' formats: it ends, and what it has read can be written and read again.
#![no_main]

use hostward_formats::exposition::{Format, read, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (bool, &str)| {
    let format = if input.0 { Format::OpenMetrics } else { Format::Text };
    if let Ok(families) = read(input.1, format) {
        let text = write(&families, format);
        let again = read(&text, format);
        assert!(again.is_ok(), "{again:?} of {text:?}");
    }
});

//! `collect[]` and `exclude[]` of a scrape: read, or refused with a reason.
#![no_main]

use hostward_agent::readers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| readers::query(input));

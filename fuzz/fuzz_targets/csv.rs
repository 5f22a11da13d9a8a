//! A file for `hostward detect`: whatever its bytes are, each line is a row or a fault that is told.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| hostward_agent::read_csv(input));

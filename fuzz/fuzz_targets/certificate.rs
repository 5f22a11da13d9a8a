//! A client's certificate: its names are found, or it has none.
#![no_main]

use hostward_agent::readers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| readers::certificate(input));

//! `web.config.yml`: read, or refused with the line and the reason.
#![no_main]

use hostward_agent::readers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| readers::web_config(input));

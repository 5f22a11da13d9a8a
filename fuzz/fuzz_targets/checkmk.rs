//! The importer of the format `checkmk`.
#![no_main]

mod importer;

use hostward_formats::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| importer::check(Format::Checkmk, input));

//! Fixes: data that is understood, or the reason why not; what is rendered is printable ASCII.
#![no_main]

use hostward_harden::fix::{Cause, Fix, Language};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

fuzz_target!(|input: (&str, String, BTreeMap<String, String>)| {
    let (text, id, values) = input;
    let cause = Cause { id: id.clone(), version: id.clone(), lines: vec![(id.clone(), id)] };
    let Ok(fix) = Fix::parse("fuzz.toml", text) else { return };
    for language in Language::ALL {
        if let Ok(script) = fix.script(language, &cause, &values) {
            assert!(script.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')));
        }
    }
});

//! Playbooks: front matter and code are understood, or the line that is wrong is told.
#![no_main]

use hostward_harden::render::{Header, Playbook};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

fuzz_target!(|input: (&str, BTreeMap<String, String>)| {
    let (text, labels) = input;
    match Playbook::parse("fuzz.sh", text) {
        Ok(playbook) => drop(playbook.render(&Header::default(), &labels)),
        Err(error) => assert!(error.to_string().contains("fuzz.sh"), "{error}"),
    }
});

//! The reader of `/etc/pam.d/su`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("pam", "/etc/pam.d/su", bytes));

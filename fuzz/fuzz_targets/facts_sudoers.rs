//! The reader of `/etc/sudoers`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("sudoers", "/etc/sudoers", bytes));

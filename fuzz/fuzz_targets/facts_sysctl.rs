//! The reader of `/etc/sysctl.d/own.conf`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("sysctl", "/etc/sysctl.d/own.conf", bytes));

//! The reader of `/etc/ssh/sshd_config`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("sshd", "/etc/ssh/sshd_config", bytes));

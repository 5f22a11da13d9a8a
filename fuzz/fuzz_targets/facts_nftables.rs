//! The reader of `/etc/nftables.conf`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("firewall", "/etc/nftables.conf", bytes));

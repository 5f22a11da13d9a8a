//! The reader of `/etc/apache2/apache2.conf`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("apache", "/etc/apache2/apache2.conf", bytes));

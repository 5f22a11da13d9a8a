//! The reader of `/etc/nginx/nginx.conf`: see `fuzz/src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostward_fuzz::read("nginx", "/etc/nginx/nginx.conf", bytes));

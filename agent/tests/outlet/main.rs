//! The pages of the real binary, asked by the programs that ask them in life: curl, Prometheus, promtool, openssl.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod agent;
mod api;
mod formats;
mod load;
mod login;
mod pki;
mod prometheus;
mod sockets;
#[path = "../support/mod.rs"]
mod support;
mod tls;

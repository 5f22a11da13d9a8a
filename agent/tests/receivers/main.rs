//! Notifications of the real binary: to a real Alertmanager, and to receivers that write down what they get.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alertmanager;
mod flags;
mod kinds;
mod mail;
mod outage;
#[path = "../outlet/pki.rs"]
mod pki;
mod recorder;
mod reload;
#[path = "../support/mod.rs"]
mod support;

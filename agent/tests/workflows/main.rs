//! Workflows from end to end in the real binary: what is wrong is really wrong, and really well in the end.
//!
//! They are as long as what they wait for. The long ones are ignored here: `cargo xtask workflows-e2e` runs them all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alert;
mod auto;
mod code;
mod play;
mod process;
mod prometheus;
mod rollout;
#[path = "../support/mod.rs"]
mod support;
mod web;

//! The child as the daemon meets it: started, asked, confined.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod confinement;
mod conform;
mod examples;
mod object;
mod support;

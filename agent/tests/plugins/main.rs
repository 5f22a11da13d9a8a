//! Plugins dropped into a live daemon: good ones, changing ones, and those that mean harm.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
mod support;

mod confined;
mod delegated;
mod directory;
mod hostile;
mod object;
mod place;
mod thirty;
mod trial;

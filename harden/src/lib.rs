//! Judgement over state: the rendering of scripts and configs, and the checks that ask for them.
//!
//! Nothing here looks at a clock, opens a file or a socket, starts a thread or a process, or reads the
//! environment; `clippy.toml` beside the manifest refuses it. What is needed is told.

pub mod render;

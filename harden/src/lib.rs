//! Judgement over state: checks of a host's facts, how they add up to frameworks, what scanners found, the
//! rendering of scripts and configurations, and how far workflows are.
//!
//! Nothing here looks at a clock, opens a file or a socket, starts a thread or a process, or reads the
//! environment; `clippy.toml` beside the manifest refuses it. What is needed is told.

pub mod audit;
pub mod check;
pub mod compliance;
pub mod config;
mod content;
pub mod finding;
pub mod fix;
pub mod render;
pub mod scanner;
pub mod workflow;

pub use content::ContentError;

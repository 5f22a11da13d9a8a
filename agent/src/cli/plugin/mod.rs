//! `hostward plugin`: probes from outside.

mod new;

use super::{Common, Outcome};
use clap::Subcommand;

/// What `plugin` can do.
#[derive(Subcommand)]
pub enum Plugin {
    /// Write a new plugin that works, with a test, into a directory of its name.
    New(new::New),
}

/// Writes.
pub fn act(common: &Common, own: &Plugin) -> Outcome {
    match own {
        Plugin::New(new) => new::act(common, new),
    }
}

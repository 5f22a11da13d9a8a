//! `hostward plugin`: probes from outside.

mod list;
mod new;
mod replay;
mod test;

use super::{Common, Outcome};
use clap::Subcommand;

/// What `plugin` can do.
#[derive(Subcommand)]
pub enum Plugin {
    /// List the daemon's plugins, and why one yields nothing.
    List(list::List),
    /// Run a plugin twice as the daemon would, or say what a recorded output means; no daemon is needed.
    Test(test::Test),
    /// Write a new plugin that works, with a test, into a directory of its name.
    New(new::New),
}

/// Lists, tests or writes.
pub fn act(common: &Common, own: &Plugin) -> Outcome {
    match own {
        Plugin::List(list) => list::act(common, list),
        Plugin::Test(test) => test::act(common, test),
        Plugin::New(new) => new::act(common, new),
    }
}

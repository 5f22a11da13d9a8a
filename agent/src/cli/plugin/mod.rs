//! `hostward plugin`: probes from outside.

mod list;
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
}

/// Lists or tests.
pub fn act(common: &Common, own: &Plugin) -> Outcome {
    match own {
        Plugin::List(list) => list::act(common, list),
        Plugin::Test(test) => test::act(common, test),
    }
}

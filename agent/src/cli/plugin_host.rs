//! `hostward plugin-host …`: the child that one plugin runs in.
//!
//! It is looked for before the command line is parsed: the child is started often and should stay small, and its words are between the
//! daemon and itself. It needs no configuration and leaves no trace in the help.

use std::process::ExitCode;

/// Becomes the child if the first word says so.
pub fn divert() -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let is_child = words.next()? == "plugin-host";
    is_child.then(|| hostward_plugin_host::run(words))
}

//! What a plugin said, and how it ended.

/// One run of a plugin, or one batch of a plugin that keeps running.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// The plugin's name, with which the names of its metrics begin.
    pub name: &'a str,
    /// What it wrote to its standard output.
    pub stdout: &'a [u8],
    /// What it wrote to its standard error.
    pub stderr: &'a [u8],
    /// How it ended.
    pub exit: Exit,
    /// What it declared before and what still holds: the answer of a Munin plugin to `config`, or [`crate::Report::declared`]
    /// of the batch before. Empty for all other formats.
    pub declared: &'a [u8],
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It has not: the plugin stays, and this is one batch. What it writes to its standard error is a log.
    Running,
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It was ended because it took too long.
    TimedOut,
}

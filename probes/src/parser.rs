//! A server's own parser, asked whether it takes the configuration of a root that is not the live one.

use crate::child::{answer, program};
use crate::facts::exists;
use crate::{Fault, Host};
use std::path::Path;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// What is kept of what it says: the end, where errors stand.
const SAID_CHARS_MAX: usize = 2_000;

/// What a parser says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Whether it takes the configuration.
    pub accepted: bool,
    /// What it said.
    pub said: String,
}

/// Runs a parser below a root, which takes the right to change the root: chroot(1). One that is not installed there is
/// missing.
pub fn parse(root: &Path, command: &[String]) -> Result<Parsed, Fault> {
    let Some((name, arguments)) = command.split_first() else {
        return Err(Fault::Missing { what: "a parser".to_owned() });
    };
    if !exists(&Host::new(root), name)? {
        return Err(Fault::Missing { what: name.clone() });
    }
    let mut command = program("chroot");
    command.arg(root).arg(name).args(arguments).current_dir("/");
    let answer = answer(command, DEADLINE, ANSWER_BYTES_MAX)?;
    let accepted = answer.status.success();
    // What a parser prints when all is well (mariadbd tells every setting) is of no use.
    let all = if accepted { answer.complaint } else { format!("{}{}", answer.text, answer.complaint) };
    let all = all.trim();
    let from = all.char_indices().rev().nth(SAID_CHARS_MAX).map_or(0, |(at, _)| at);
    Ok(Parsed { accepted, said: all[from..].to_owned() })
}

//! Programs that are run to their end.

use crate::Outcome;
use std::process::{Command, Stdio};

/// What a program did.
pub struct Ran {
    pub code: i32,
    pub text: String,
    pub complaint: String,
}

/// Runs a program to its end.
pub fn ask(command: &mut Command) -> Outcome<Ran> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    Ok(Ran { code, text: text(&output.stdout), complaint: text(&output.stderr) })
}

/// Runs a program that has to end well.
pub fn good(command: &mut Command) -> Outcome<String> {
    let ran = ask(command)?;
    if ran.code == 0 {
        return Ok(ran.text);
    }
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let name = command.get_program().to_string_lossy();
    Err(format!("{name} {}: {} {}{}", words.join(" "), ran.code, ran.text, ran.complaint))
}

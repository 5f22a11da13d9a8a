//! The words after `hostward plugin-host`: between the daemon and its child, and for authors who want to see an answer.

use crate::{BUILD, Confinement, What, complain, main};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::ExitCode;

/// The environment variable that holds an object's configuration. Arguments can be read by everybody.
pub const CONFIG_VARIABLE: &str = "HOSTWARD_CONFIG";

const USAGE: &str = "\
hostward plugin-host [OPTION...] object FILE                 load FILE, answer each line of standard input
hostward plugin-host [OPTION...] conform FILE                load FILE and say whether it keeps the rules of the interface
hostward plugin-host [OPTION...] describe FILE               print what FILE says of itself
hostward plugin-host [OPTION...] program FILE [ARGUMENT...]  confine this process and become FILE
hostward plugin-host version                                 print which build this is
Options: --confinement JSON, --timeout-ms N for one answer, --wants to say first how the object wants to be asked.
HOSTWARD_CONFIG holds the configuration of an object, a JSON object.";

/// The exit code of a command that was used wrongly.
const USED_WRONGLY: u8 = 2;

/// Does what the words say.
pub fn run(words: impl Iterator<Item = OsString>) -> ExitCode {
    let mut words = words.peekable();
    if words.peek().is_some_and(|word| word == "version") {
        return match writeln!(std::io::stdout(), "{BUILD}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    match parse(words) {
        Ok((confinement, what)) => main(&confinement, what),
        Err(why) => {
            complain(&format!("{why}\n{USAGE}"));
            ExitCode::from(USED_WRONGLY)
        }
    }
}

fn parse(mut words: impl Iterator<Item = OsString>) -> Result<(Confinement, What), String> {
    let (mut confinement, mut timeout_ms, mut tells_wants) = (Confinement::default(), 0, false);
    loop {
        let word = words.next().unwrap_or_default();
        match word.to_str() {
            Some("--confinement") => {
                let json = text("--confinement", words.next())?;
                confinement =
                    serde_json::from_str(&json).map_err(|error| format!("--confinement: {error}"))?;
            }
            Some("--timeout-ms") => {
                let number = text("--timeout-ms", words.next())?;
                timeout_ms =
                    number.parse().map_err(|_| format!("--timeout-ms needs a number, not {number:?}"))?;
            }
            Some("--wants") => tells_wants = true,
            _ => return Ok((confinement, what(&word, words, timeout_ms, tells_wants)?)),
        }
    }
}

fn what(
    kind: &OsStr,
    mut words: impl Iterator<Item = OsString>,
    timeout_ms: u64,
    tells_wants: bool,
) -> Result<What, String> {
    let file = words.next().map(Into::into);
    match (kind.to_str(), file) {
        (Some("object"), Some(file)) => {
            Ok(What::Object { file, config_json: config()?, timeout_ms, tells_wants })
        }
        (Some("conform"), Some(file)) => Ok(What::Conform { file, config_json: config()?, timeout_ms }),
        (Some("describe"), Some(file)) => Ok(What::Describe { file }),
        (Some("program"), Some(file)) => Ok(What::Program { file, args: words.collect() }),
        (Some("object" | "conform" | "describe" | "program"), None) => Err("which file?".to_owned()),
        _ => Err(format!("{kind:?} is not object, conform, describe, program or version")),
    }
}

fn config() -> Result<String, String> {
    match std::env::var_os(CONFIG_VARIABLE) {
        None => Ok("{}".to_owned()),
        some => text(CONFIG_VARIABLE, some),
    }
}

fn text(what: &str, word: Option<OsString>) -> Result<String, String> {
    let word = word.ok_or_else(|| format!("{what} needs a value"))?;
    word.into_string().map_err(|_| format!("{what} is not UTF-8"))
}

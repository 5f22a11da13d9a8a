//! `cargo deny`: licences, bans, sources and known vulnerabilities of what is built in.

use super::step::{Verdict, cargo};
use std::process::{Command, Stdio};

/// How long fetching the database of advisories may take.
const FETCH_S_MAX: &str = "120";

/// Checks the dependencies; without the database of advisories, all but those.
pub fn check() -> Verdict {
    if let Verdict::Failed(why) = provide() {
        return Verdict::Failed(why);
    }
    if is_quietly(Command::new("timeout").args([FETCH_S_MAX, env!("CARGO"), "deny", "fetch", "db"])) {
        return cargo(&["deny", "check"], &[]);
    }
    match cargo(&["deny", "check", "licenses", "bans", "sources"], &[]) {
        Verdict::Passed => Verdict::Partly(
            "advisories NOT checked: https://github.com/RustSec/advisory-db cannot be reached from here"
                .to_owned(),
        ),
        verdict => verdict,
    }
}

/// Builds cargo-deny once, without optimisation: it takes a minute to build and two seconds to run. It stays in cargo's own
/// directory for the next time.
fn provide() -> Verdict {
    if is_quietly(Command::new(env!("CARGO")).args(["deny", "--version"])) {
        return Verdict::Passed;
    }
    eprintln!("cargo-deny is not here; building it takes some minutes, once");
    match cargo(&["install", "--locked", "--debug", "cargo-deny"], &[]) {
        Verdict::Failed(_) => {
            Verdict::Failed("cargo-deny could not be installed, so nothing was checked".to_owned())
        }
        verdict => verdict,
    }
}

fn is_quietly(command: &mut Command) -> bool {
    let command = command.current_dir(crate::root()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

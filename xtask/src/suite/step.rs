//! One step of the suite: a command and how it went.

use std::process::Command;
use std::time::{Duration, Instant};

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What it checks holds.
    Passed,
    /// It holds as far as could be seen; the text says what could not.
    Partly(String),
    /// It does not hold, or could not be checked.
    Failed(String),
}

/// A step that has run.
pub struct Done {
    /// Its name.
    pub name: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

/// Runs a step and takes its time.
pub fn run(name: &'static str, step: impl FnOnce() -> Verdict) -> Done {
    eprintln!("\n==> {name}");
    let start = Instant::now();
    let verdict = step();
    if let Verdict::Failed(why) | Verdict::Partly(why) = &verdict {
        eprintln!("{name}: {why}");
    }
    Done { name, verdict, took: start.elapsed() }
}

/// Runs cargo in the checkout.
pub fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Verdict {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(crate::root()).args(arguments).envs(environment.iter().copied());
    match command.status() {
        Ok(status) if status.success() => Verdict::Passed,
        Ok(_) => Verdict::Failed(format!("cargo {} failed", arguments.join(" "))),
        Err(error) => Verdict::Failed(format!("cargo {}: {error}", arguments.join(" "))),
    }
}

//! `cargo xtask test`: everything that must hold, in the order in which a failure is found soonest.

mod deny;
pub mod needs;
mod step;

use crate::harden::{LEVELS, here};
use crate::options::Options;
use crate::{docs, table};
use std::process::ExitCode;
use step::{Done, Verdict, cargo, run as step};

/// Runs every step, whatever the one before said; exits 2 when the machine lacks something.
pub fn run() -> ExitCode {
    if let Err(why) = needs::provide() {
        eprintln!("{why}");
        return ExitCode::from(2);
    }
    let done = [
        step("format", || cargo(&["fmt", "--all", "--check"], &[])),
        step("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])),
        step("documentation", || {
            cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")])
        }),
        step("dependencies", deny::check),
        step("generated pages", generated),
        step("tests", || cargo(&["test", "--workspace", "--no-fail-fast"], &[])),
        step("hardening", hardening),
    ];
    report(&done)
}

fn generated() -> Verdict {
    let options = Options::parse(["--check".to_owned()].into_iter());
    options.and_then(|options| docs::run(&options)).map_or_else(Verdict::Failed, |()| Verdict::Passed)
}

/// The part of `cargo xtask harden-e2e` for which there is time.
fn hardening() -> Verdict {
    if let Err(why) = here::possible() {
        return Verdict::Partly(format!("NOT tried: {why}"));
    }
    // The tests have built it.
    let binary = std::env::current_exe().map(|own| own.with_file_name("hostward"));
    let binary = binary.map_err(|error| error.to_string());
    match binary.and_then(|binary| here::tried(&binary, &LEVELS)) {
        Ok(unasked) if unasked.is_empty() => Verdict::Passed,
        Ok(unasked) => Verdict::Partly(unasked.into_iter().collect::<Vec<_>>().join("; ")),
        Err(why) => Verdict::Failed(why),
    }
}

fn report(done: &[Done]) -> ExitCode {
    let rows: Vec<_> = done.iter().map(row).collect();
    println!("\n{}", table::markdown(&["step", "seconds", "result"], &rows));
    let failed = done.iter().any(|done| matches!(done.verdict, Verdict::Failed(_)));
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn row(done: &Done) -> Vec<String> {
    let result = match &done.verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Partly(why) => format!("passed; {why}"),
        Verdict::Failed(why) => format!("FAILED: {why}"),
    };
    vec![done.name.to_owned(), format!("{:.1}", done.took.as_secs_f64()), result]
}

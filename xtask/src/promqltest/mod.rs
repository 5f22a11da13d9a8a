//! `cargo xtask promqltest FILE…`: runs the scripts that Prometheus tests its own evaluator with.
//!
//! The language is described in Prometheus' `promql/promqltest/README.md`; both its old form (`eval_fail`) and
//! the new one (`expect fail`) are read. What needs native histograms, which hostward does not have, start
//! timestamps (`@st`) or syntax that Prometheus calls experimental is skipped and counted. An error is as expected
//! when it begins with the message that is asked for: hostward says more after it.

mod check;
mod eval;
mod expect;
mod load;
mod script;

use crate::{Outcome, table};
use eval::Verdict;
use script::Command;
use std::path::Path;

/// What came of the evals of one file.
#[derive(Default)]
pub struct Tally {
    /// As expected.
    pub passed: usize,
    /// Place and reason of each that was not.
    pub failed: Vec<String>,
    /// They need native histograms.
    pub histograms: usize,
    /// They need what Prometheus calls experimental.
    pub experimental: usize,
}

/// Runs files and prints what came of them; fails when an eval does.
pub fn run(files: impl Iterator<Item = String>) -> Outcome<()> {
    let mut rows = Vec::new();
    let mut total = Tally::default();
    for file in files {
        let tally = run_file(Path::new(&file))?;
        tally.failed.iter().for_each(|failure| println!("{failure}"));
        rows.push(tally.row(&file));
        total.add(tally);
    }
    if rows.is_empty() {
        return Err("which files? cargo xtask promqltest FILE…".to_owned());
    }
    rows.push(total.row("total"));
    println!(
        "\n{}",
        table::markdown(&["file", "passed", "failed", "native histograms", "experimental"], &rows)
    );
    let (passed, failed) = (total.passed, total.failed.len());
    let skipped = total.histograms + total.experimental;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { Ok(()) } else { Err(format!("{failed} failed")) }
}

/// Runs one file.
pub fn run_file(file: &Path) -> Outcome<Tally> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(run_script(&file.display().to_string(), &text))
}

/// Runs a script; `name` is for messages. A command that cannot be read has failed, and the next one is run.
pub fn run_script(name: &str, text: &str) -> Tally {
    let mut storage = load::Storage::default();
    let mut tally = Tally::default();
    for (line, command) in script::parse(text) {
        if let Err(why) = command.and_then(|command| tally.run(&mut storage, command)) {
            tally.failed.push(format!("{name}:{line}: {}", why.replace('\n', "\n    ")));
        }
    }
    tally
}

impl Tally {
    fn run(&mut self, storage: &mut load::Storage, command: Command) -> Result<(), String> {
        match command {
            Command::Clear => *storage = load::Storage::default(),
            Command::Load(load) => storage.load(&load)?,
            Command::Eval(eval) => match eval::run(&eval, storage) {
                Verdict::Passed => self.passed += 1,
                Verdict::NativeHistogram => self.histograms += 1,
                Verdict::Experimental => self.experimental += 1,
                Verdict::Failed(why) => return Err(format!("{}\n{why}", eval.query)),
            },
        }
        Ok(())
    }

    fn row(&self, name: &str) -> Vec<String> {
        let short = Path::new(name).file_name().map_or(name.into(), |name| name.to_string_lossy());
        let counts = [self.passed, self.failed.len(), self.histograms, self.experimental];
        std::iter::once(short.into_owned()).chain(counts.iter().map(usize::to_string)).collect()
    }

    fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.histograms += other.histograms;
        self.experimental += other.experimental;
    }
}

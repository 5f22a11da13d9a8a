//! SARIF 2.1.0: what bandit, semgrep, eslint, CodeQL and many others can write.
//!
//! A run is read in two steps, because its rules may come after its results: [`run`] has what the run declares,
//! [`result`] makes a finding of each result with it.

mod address;
mod result;
mod run;

use super::fault::Fault;
use super::json::{self, Records};
use super::{Format, Report};
use run::Run;
use serde::Deserialize;

pub(super) static SARIF: Format = Format {
    name: "sarif",
    about: "SARIF 2.1.0: bandit, semgrep, eslint, CodeQL",
    tool: None,
    sniff: |shape| shape.has("runs"),
    read,
};

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    runs: Records<'a>,
}

fn read(text: &str, report: &mut Report) -> Result<(), Fault> {
    let log: Log = json::parse(text, text)?;
    for part in &log.runs.kept {
        let run = Run::parse(text, part)?;
        report.ran(&run.tool);
        for record in &run.results.kept {
            result::add(text, &run, record, report)?;
        }
        report.drop_unread(run.results.more);
    }
    Ok(())
}
